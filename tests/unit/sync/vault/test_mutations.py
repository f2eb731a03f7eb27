"""Two thousand bent vaults: each is refused in words or harmless, whoever bent it."""

from __future__ import annotations

import base64
import json

import msgspec
import pytest

from sync import errors
from sync.vault import LEAST_COST, Private, Recovery, RecoveryCode, Vault, WorkspaceEntry, form
from tests.support.rings import HeldRing

CHANCE, KNOWING = 1600, 400
PASSPHRASE = "correct horse"


@pytest.fixture
def ring():
    return HeldRing()


@pytest.fixture
def code():
    return RecoveryCode.new()


@pytest.fixture
def path(tmp_path, ring, code):
    """A vault with every way in that keeps somebody out."""
    path = tmp_path / "vault.json"
    entry = WorkspaceEntry("ws-1", "0" * 32, "Practice", code.spare())
    private = Private("device-1", "Reception", "Ann", (entry,), Recovery(code.reveal()))
    vault = Vault.create(path, private, passphrase=PASSPHRASE, cost=LEAST_COST)
    vault.save()
    vault.make_sheet(LEAST_COST)
    vault.keep_in(ring)
    return path


def bent(dice, whole):
    """A file with one to three things done to its bytes."""
    data = bytearray(whole)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(data))
        match dice.randrange(5):
            case 0:
                data[at] ^= 1 << dice.randrange(8)
            case 1:
                del data[at : at + dice.randint(1, 40)]
            case 2:
                data[at:at] = data[: dice.randint(1, 40)]
            case 3:
                del data[at:]
                data += b" "
            case _:
                data[at] = dice.randrange(256)
    return bytes(data)


def test_any_mutation_is_refused_in_words_or_harmless(path, dice):
    whole = path.read_bytes()
    for _ in range(CHANCE):
        data = bent(dice, whole)
        if data == whole:
            continue
        path.write_bytes(data)
        with pytest.raises((errors.DamagedVaultError, errors.NewerVaultError)) as refused:
            Vault.open(path)
        assert str(refused.value)


def places(content, at=()):
    """Where every value of the file stands."""
    for key, value in content.items():
        if isinstance(value, dict):
            yield from places(value, (*at, key))
        yield (*at, key)


def other(dice, value):
    """Something else in place of a value, of its kind or not."""
    if isinstance(value, str) and dice.random() < 0.6:
        try:
            raw = bytearray(base64.b64decode(value, validate=True))
        except ValueError:
            return value[::-1]
        if raw:
            raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
        return base64.b64encode(bytes(raw)).decode()
    if isinstance(value, int) and dice.random() < 0.6:
        return value + dice.choice([-1, 1, 1 << 20, -(1 << 20), 1 << 60])
    return dice.choice([None, 0, -1, 1.5, "", "x" * 50, [], {}, True, [[]], "é" * 9])


def put(content, place, value):
    for key in place[:-1]:
        content = content[key]
    content[place[-1]] = value


def get(content, place):
    for key in place:
        content = content[key]
    return content


def rewritten(content):
    """The bytes of a file whose check sum is made right again, as whoever knows the form would."""
    content["check"] = base64.b64encode(bytes(32)).decode()
    data = msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"
    try:
        return form.encoded(form.checked(msgspec.json.decode(data, type=form.File)))
    except msgspec.ValidationError:
        return data  # out of bounds, so that not even its check sum can be made


def test_whoever_knows_the_form_gets_no_further(path, ring, dice):
    whole = path.read_bytes()
    spots = [spot for spot in places(json.loads(whole)) if spot != ("check",)]
    opened = 0
    for _ in range(KNOWING):
        content = json.loads(whole)
        spot = dice.choice(spots)
        put(content, spot, other(dice, get(content, spot)))
        path.write_bytes(rewritten(content))
        try:
            vault = Vault.open(path)
            assert vault.locked
            vault.unlock_by_keyring(ring)
            vault.private()
        except errors.SyncError:
            continue
        else:
            opened += 1
            assert spot[:1] == ("slots",)
            assert spot[1] != "keyring", spot
    # What was done to another slot does not touch the one that opens.
    assert opened


@pytest.mark.parametrize("slot", ["passphrase", "recovery"])
def test_a_bent_stretched_slot_does_not_open(path, code, slot, dice):
    def unlock(vault):
        return vault.unlock(PASSPHRASE) if slot == "passphrase" else vault.unlock_by_sheet(code)

    whole = path.read_bytes()
    unlock(Vault.open(path))
    for name in ("salt", "nonce", "wrapped", "passes", "memory_bytes"):
        content = json.loads(whole)
        old = content["slots"][slot][name]
        content["slots"][slot][name] = old + 1 if isinstance(old, int) else flipped(dice, old)
        path.write_bytes(rewritten(content))
        vault = Vault.open(path)
        with pytest.raises((errors.WrongPassphraseError, errors.WrongRecoveryCodeError)):
            unlock(vault)


def flipped(dice, text):
    raw = bytearray(base64.b64decode(text))
    raw[dice.randrange(len(raw))] ^= 1
    return base64.b64encode(bytes(raw)).decode()
