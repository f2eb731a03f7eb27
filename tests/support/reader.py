"""Reads a home as `docs/format.md` says it lies on disk, with none of the program's code.

It owns keys, the team's log and the bytes of changes; `tests.support.retelling` makes records of what it reads. It
follows one branch of the log and knows the acts of a team that only grows: anything else it refuses.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from nacl import bindings
from nacl.pwhash import argon2id
from sqlcipher3 import dbapi2 as sqlite

WRITERS = ("owner", "editor")


def compact(value: Any) -> bytes:
    """Compact JSON; bytes as base64."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_base64)
    return text.encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def hashed(data: bytes, person: str, *, key: bytes = b"", size: int = 32) -> bytes:
    """BLAKE2b with a personalisation."""
    return hashlib.blake2b(data, digest_size=size, key=key, person=person.encode()).digest()


def unsealed(sealed: bytes, data: bytes, nonce: bytes, key: bytes) -> bytes:
    """What was sealed by XChaCha20-Poly1305."""
    return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, data, nonce, key)


def check_signature(public: bytes, message: bytes, signature: bytes) -> None:
    """Raise if the holder of the Ed25519 key did not sign."""
    bindings.crypto_sign_open(signature + message, public)


# -- msgpack -----------------------------------------------------------------------------------


def unpacked(data: bytes) -> Any:
    """A msgpack value, the extensions of changes included."""
    return msgspec.msgpack.decode(data, ext_hook=_extension, strict=True)


def _extension(code: int, data: memoryview) -> Any:
    raw = bytes(data)
    if code == 1:
        return int.from_bytes(raw, "big", signed=True)
    if code == 2:
        return raw.decode("utf-8", "surrogatepass")
    pairs = unpacked(raw)
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


# -- the key file ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Keys:
    """What the key file gives: the master key and the sealed section."""

    master: bytes
    private: Mapping[str, Any]

    def derived(self, purpose: str, context: str = "") -> bytes:
        """Thirty-two bytes by HKDF-SHA256."""
        return _derived(self.master, purpose, context)


def _derived(master: bytes, purpose: str, context: str) -> bytes:
    extracted = hmac.digest(b"commonhold/vault/1", master, "sha256")
    return hmac.digest(extracted, compact([purpose, context]) + b"\x01", "sha256")


def open_keys(home: Path, passphrase: str) -> Keys:
    """The keys of a home."""
    file = json.loads((home / "vault.json").read_text("utf-8"))
    assert file["format"] == 1
    told = base64.b64decode(file["check"])
    assert hashlib.sha256(compact({**file, "check": bytes(32)})).digest() == told
    vault = base64.b64decode(file["vault_id"])
    slot = file["slots"]["passphrase"]
    salt, nonce, wrapped = (base64.b64decode(slot[name]) for name in ("salt", "nonce", "wrapped"))
    typed = unicodedata.normalize("NFC", passphrase).encode()
    wrapping = argon2id.kdf(32, typed, salt, slot["passes"], slot["memory_bytes"])
    data = [1, vault, "passphrase", slot["kdf"], salt, slot["passes"], slot["memory_bytes"]]
    master = unsealed(wrapped, compact(data), nonce, wrapping)
    nonce, sealed = (base64.b64decode(file["private"][name]) for name in ("nonce", "sealed"))
    key = _derived(master, "private", "")
    private = json.loads(unsealed(sealed, compact([1, vault, "private"]), nonce, key))
    return Keys(master, private)


def open_database(keys: Keys, home: Path, folder: str) -> sqlite.Connection:
    """The store of a workspace."""
    key = keys.derived("database", folder)
    salt = hmac.digest(key, b"commonhold store salt", "sha256")[:16]
    path = home / "workspaces" / folder / "store.db"
    assert path.read_bytes()[:16] == salt
    connection = sqlite.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{key.hex()}{salt.hex()}'\"")
    connection.execute("PRAGMA cipher_page_size = 4096")
    connection.execute("PRAGMA cipher_hmac_algorithm = HMAC_SHA256")
    assert connection.execute("PRAGMA application_id").fetchone() == (0x434F4D48,)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    return connection


# -- the team's log ----------------------------------------------------------------------------


@dataclass
class Team:
    """What the log says: who signs with which key, what opens what."""

    workspace: bytes
    keeper: bytes
    heads: list[bytes] = field(default_factory=list)
    signing: dict[bytes, bytes] = field(default_factory=dict)
    roles: dict[bytes, str] = field(default_factory=dict)  # of members
    members: dict[bytes, bytes | None] = field(default_factory=dict)  # of devices
    joined: dict[bytes, int] = field(default_factory=dict)  # the place from which a device is in
    sealed: dict[bytes, bytes] = field(default_factory=dict)  # device: the key of epoch 1
    names: dict[bytes, list[Any]] = field(default_factory=dict)  # whose: label
    commitments: dict[int, bytes] = field(default_factory=dict)
    older: bytes = b""

    def writes(self, device: bytes, place: int) -> bool:
        """Whether a device may write after the record at that place."""
        member = self.members[device]
        return member is not None and self.roles[member] in WRITERS and self.joined[device] <= place


def read_team(records: list[bytes]) -> Team:
    """The log, each record checked."""
    workspace = hashed(records[0], "CHrecord")
    team = Team(workspace, b"")
    for place, raw in enumerate(records):
        body, signature = unpacked(raw)
        version, of, at, previous, term, author, act, proposal, *added = unpacked(body)
        assert (version, at, term, proposal) == (1, place, 0, None)
        assert of == (workspace if place else bytes(32))
        assert previous == (team.heads[-1] if place else bytes(32))
        _take(team, place, author, unpacked(act), added)
        assert author == team.keeper
        check_signature(team.signing[author], b"commonhold/team/record/1\0" + body, signature)
        team.heads.append(hashed(raw, "CHrecord"))
    return team


def _take(team: Team, place: int, author: bytes, act: list[Any], added: list[Any]) -> None:
    leaving, fences, fresh, welcome = added
    assert leaving == fences == []
    match act:
        case [0, _chance, card, member_name, device_name, _recovery, commitment]:
            team.keeper = author
            epoch, committed, devices, _sealed, older = fresh
            assert epoch == 1
            team.commitments = {0: commitment, 1: committed}
            team.older = older
            team.sealed = dict(devices)
            device, member = _join(team, place, card)
            team.roles[member], team.names[member] = "owner", member_name
        case [1, role, label, card, device_name]:
            device, member = _join(team, place, card)
            team.roles[member], team.names[member] = role, label
            team.sealed[device] = welcome
        case [2, card, device_name, None]:
            device, _ = _join(team, place, card)
            team.sealed[device] = welcome
        case _:
            raise NotImplementedError(f"act {act[0]} is more than this reader follows")
    team.names[device] = device_name


def _join(team: Team, place: int, card: list[bytes]) -> tuple[bytes, bytes]:
    bound, signature = card
    version, device, sign, _box, _curve, member = unpacked(bound)
    assert version == 1
    check_signature(sign, b"commonhold/team/card/1\0" + bound, signature)
    team.signing[device], team.members[device], team.joined[device] = sign, member, place
    return device, member


@dataclass(frozen=True)
class Secrets:
    """What one device can open."""

    device: bytes
    epoch: bytes  # the key of epoch 1
    genesis: bytes

    def name(self, label: list[Any], whose: bytes) -> str:
        """A sealed name."""
        epoch, salt, sealed = label
        assert epoch == 1
        key = hashed(salt, "CHtext", key=self.epoch)
        return unsealed(sealed, b"commonhold/team/name/1\0" + whose, salt, key).decode()


def open_secrets(keys: Keys, folder: str, team: Team) -> Secrets:
    """What this home's device has in a workspace."""
    secret = keys.derived("device", folder)
    public, _ = bindings.crypto_sign_seed_keypair(hashed(b"", "CHsign", key=secret))
    (device,) = (one for one, sign in team.signing.items() if sign == public)
    box, box_secret = bindings.crypto_box_seed_keypair(hashed(b"", "CHbox", key=secret))
    epoch = bindings.crypto_box_seal_open(team.sealed[device], box, box_secret)
    first = (1).to_bytes(8, "little")
    assert hashed(first, "CHcommit", key=epoch) == team.commitments[1]
    data = b"commonhold/wrap/1\0" + first
    genesis = unsealed(team.older, data, bytes(24), hashed(b"", "CHwrap", key=epoch))
    assert hashed(bytes(8), "CHcommit", key=genesis) == team.commitments[0]
    return Secrets(device, epoch, genesis)


# -- changes -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One change, opened."""

    hash: bytes
    feed: bytes
    number: int
    device: bytes
    previous: bytes
    group_end: bool
    stamp: int
    action: tuple[bytes, int, bytes | None]
    needs: tuple[bytes, ...]  # hashes of its dependencies
    feeds: tuple[bytes, ...]
    parts: tuple[tuple[str, Any, list[list[Any]]], ...]


def read_changes(bodies: list[bytes], team: Team, secrets: Secrets) -> Iterator[Change]:
    """Changes in any order in which each follows the one before it in its feed; all is checked."""
    owner: dict[bytes, bytes] = {}
    tips: dict[bytes, tuple[int, bytes]] = {}
    for raw in bodies:
        clear, signature, parts = unpacked(raw)
        version, workspace, feed, number, device, previous, place, head, *rest = unpacked(clear)
        epoch, compartment, salt, group_end, hashes = rest
        assert (version, workspace, epoch, compartment) == (1, team.workspace, 1, 0)
        assert team.heads[place] == head
        device = owner.setdefault(feed, device)
        check_signature(team.signing[device], b"commonhold/change/1\0" + clear, signature)
        assert team.writes(device, place)
        assert (number - 1, previous) == tips.get(feed, (0, bytes(32)))
        name = hashed(clear + signature, "CHchange")
        tips[feed] = number, name
        key = hashed(salt, "CHseal", key=secrets.epoch)
        plains = []
        for at, (part, expected) in enumerate(zip(parts, hashes, strict=True)):
            assert hashed(part, "CHpart") == expected
            data = b"commonhold/part/1\0" + workspace + at.to_bytes(4, "little")
            plains.append(unsealed(part, data, at.to_bytes(24, "little"), key))
        _member, action, kind, of, stamp, dependencies, feeds = unpacked(plains[0])
        told = tuple(tuple(unpacked(plain)) for plain in plains[1:])
        needs = tuple(each[3] for each in dependencies)
        yield Change(
            *(name, feed, number, device, previous, group_end, stamp, (action, kind, of)),
            *(needs, tuple(feeds), told),
        )


@dataclass(frozen=True)
class Workspace:
    """A workspace as the disk has it."""

    connection: sqlite.Connection
    team: Team
    secrets: Secrets
    changes: tuple[Change, ...]


def read_workspace(home: Path, passphrase: str, name: str) -> Workspace:
    """Open a workspace by its name, from nothing but the folder and the passphrase."""
    keys = open_keys(home, passphrase)
    (entry,) = (each for each in keys.private["workspaces"] if each["name"] == name)
    connection = open_database(keys, home, entry["folder"])
    chain = connection.execute("SELECT record FROM chain ORDER BY seq").fetchall()
    team = read_team([record for (record,) in chain])
    assert team.workspace.hex() == entry["id"]
    secrets = open_secrets(keys, entry["folder"], team)
    bodies = connection.execute("SELECT body FROM change ORDER BY seq").fetchall()
    changes = tuple(read_changes([body for (body,) in bodies], team, secrets))
    return Workspace(connection, team, secrets, changes)
