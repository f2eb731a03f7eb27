"""No secret of a home lies anywhere on the disk: the whole folder is searched, and what was written beside it."""

from __future__ import annotations

import base64
import os
import tempfile
from pathlib import Path

import pytest

from app import home as homes
from app.home import Home
from sync.vault import RecoveryCode
from tests.support.commands import Inside
from tests.support.costs import cheap
from tests.support.rings import HeldRing
from tests.support.spellings import found, of_key, of_text, spellings

PASSPHRASE = "Xylophon Zwetschge Quellcode Vierzig"
CHANGED = "Brombeere Kilowatt Jalousie Umzug"


@pytest.fixture
def ring(monkeypatch):
    held = HeldRing()
    monkeypatch.setattr(homes, "SystemRing", lambda: held)
    cheap(monkeypatch)
    return held


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Where everything of the test goes that asks the system for a temporary place."""
    place = tmp_path / "scratch"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def secrets_of(home, code):
    """All that must be nowhere: what opens the home, and what that gives."""
    vault = home._vault
    folder = home.facts().workspaces[0].folder
    (kept,) = home._ring.kept.values()
    bare = code.text.replace("-", "")
    keys = {
        "master key": vault._key.reveal(),
        "database key": vault.database_key(folder),
        "device secret": vault.device_secret(folder),
        "blob key": vault.blob_key(folder),
        "keyring's key": kept,
        "recovery code's bytes": code.reveal(),
    }
    texts = {
        "passphrase": PASSPHRASE,
        "changed passphrase": CHANGED,
        "part of the passphrase": "Zwetschge",
        "recovery code": code.text,
        "recovery code, bare": bare,
        "recovery code, lower": code.text.lower(),
        "half of the code": code.text[:18],
    }
    return {
        **{name: list(of_key(key)) for name, key in keys.items()},
        **{name: list(of_text(text)) for name, text in texts.items()},
    }


def lived_in(path, ring):
    """A home after a day's work with every way in, the settings, the log and refusals among it."""
    here = Inside(path, {"COMMONHOLD_PASSPHRASE": PASSPHRASE})
    here.json("init", "--name", "Ann", "--device", "Laptop", "--keyring")
    here.json("config", "set", "log.level", "debug")
    code = RecoveryCode.parse(here.json("passphrase", "recovery-sheet")["code"])
    here.json("collection", "create", "stock", "--fields", "item:text")
    here.json("record", "add", "stock", "item=Drill")
    here.environment["COMMONHOLD_NEW_PASSPHRASE"] = CHANGED
    here.json("passphrase", "set")
    wrong = Inside(path, {"COMMONHOLD_PASSPHRASE": PASSPHRASE})
    assert wrong.run("record", "list", "stock").code == 3
    recovering = Inside(
        path,
        {"COMMONHOLD_RECOVERY_CODE": code.text, "COMMONHOLD_NEW_PASSPHRASE": CHANGED},
    )
    recovering.json("passphrase", "unlock-with-recovery")
    mistyped = Inside(
        path,
        {
            "COMMONHOLD_RECOVERY_CODE": f"{code.text}X",
            "COMMONHOLD_NEW_PASSPHRASE": CHANGED,
        },
    )
    assert mistyped.run("passphrase", "unlock-with-recovery").code == 3
    Inside(path).json("lock")
    Inside(path, {"COMMONHOLD_PASSPHRASE": CHANGED}).json("unlock")
    home = Home.open(path, clock=lambda: 1_000_000.0)
    home.unlock_by_keyring()
    return home, code


def test_no_secret_lies_in_the_home_or_beside_it(tmp_path, ring, scratch):
    home, code = lived_in(tmp_path / "home", ring)
    with home.workspace() as workspace:
        workspace.add("stock", [{"item": "Saw"}])
        # Searched while it is open too: the write-ahead log and the shared memory are there.
        secrets = secrets_of(home, code)
        assert found([tmp_path, Path(os.environ["HOME"])], secrets) == set()
    assert found([tmp_path, Path(os.environ["HOME"])], secrets) == set()
    # Before a sheet is made its code lies in the vault, sealed.
    other = Home.create(
        tmp_path / "other",
        member="Ben",
        device="Desk",
        passphrase=PASSPHRASE,
        clock=lambda: 1_000_000.0,
    )
    pending = RecoveryCode(other._vault.private().recovery.code or b"")
    other.keep_signed_in()
    assert (
        found(
            [tmp_path / "other"],
            {
                **secrets_of_text(pending),
                "passphrase": of_text(PASSPHRASE),
                "key": of_key(other._vault._key.reveal()),
            },
        )
        == set()
    )


def secrets_of_text(code):
    return {
        "code": [*of_text(code.text), *of_text(code.text.replace("-", "")), *of_key(code.reveal())]
    }


@pytest.mark.parametrize("prefix", [b"", b"x", b"xy"])
def test_the_search_finds_what_is_there(tmp_path, ring, prefix):
    """A search that finds nothing shows something only if it can find."""
    secret = bytes(range(100, 132))
    planted = {
        "raw": prefix + secret,
        "hex": prefix + secret.hex().encode(),
        "base64": base64.b64encode(prefix + secret + b"tail"),
        "utf-16": (prefix.decode() + secret.hex()).encode("utf-16"),
    }
    for name, data in planted.items():
        (tmp_path / name).write_bytes(b"around" + data + b"around")
    assert {place for _, place in found([tmp_path], {"it": of_key(secret)})} == set(planted)
    assert next(iter(spellings(b"abc"))) == b"abc"


def test_the_search_finds_the_key_of_an_unprotected_home(tmp_path, ring):
    bare = Home.create(
        tmp_path / "bare", member="A", device="B", unprotected=True, clock=lambda: 1_000_000.0
    )
    key = bare._vault._key.reveal()
    assert found([tmp_path], {"key": of_key(key)}) == {("key", "vault.json")}
