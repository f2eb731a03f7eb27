"""The ways into a home from the command line: set, printed once, used when forgotten; never an argument."""

from __future__ import annotations

import inspect
import stat
import sys

import pytest

from app import home as homes
from app.cli import passphrase
from sync.vault import RecoveryCode
from tests.support.commands import Inside
from tests.support.costs import cheap
from tests.support.rings import HeldRing

OLD, NEW = "four quiet green lamps", "five loud red bells"
INIT = ("init", "--name", "Ann", "--device", "Laptop")


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    cheap(monkeypatch)


@pytest.fixture
def ring(monkeypatch):
    """A keyring in memory in place of the system's."""
    held = HeldRing()
    monkeypatch.setattr(homes, "SystemRing", lambda: held)
    return held


@pytest.fixture
def bare(tmp_path, ring):
    return Inside(tmp_path / "home", {"COMMONHOLD_PASSPHRASE": OLD})


@pytest.fixture
def here(bare):
    """A home with a passphrase, which the environment gives."""
    bare.json(*INIT)
    return bare


def locked_for(here, **secrets):
    """The same home for somebody who has other secrets."""
    given = {f"COMMONHOLD_{name}": text for name, text in secrets.items()}
    return Inside(here.home, given)


def opens(here, passphrase):
    return locked_for(here, PASSPHRASE=passphrase).run("collection", "list").code == 0


# -- set ---------------------------------------------------------------------------------------


def test_a_passphrase_is_changed_and_the_old_one_opens_nothing(here):
    here.environment["COMMONHOLD_NEW_PASSPHRASE"] = NEW
    done = here.json("passphrase", "set")
    assert done == {"locked": False, "protection": "passphrase", "slots": ["passphrase"]}
    assert opens(here, NEW)
    assert not opens(here, OLD)


def test_a_new_passphrase_may_come_from_a_file(here, tmp_path):
    (tmp_path / "new").write_text(f"{NEW}\n")
    here.json("passphrase", "set", "--new-passphrase-file", str(tmp_path / "new"))
    assert opens(here, NEW)


@pytest.mark.parametrize("new", [None, ""])
def test_no_new_passphrase_changes_nothing(here, new):
    if new is not None:
        here.environment["COMMONHOLD_NEW_PASSPHRASE"] = new
    refused = here.run("--json", "passphrase", "set")
    assert (refused.code, refused.error["code"]) == (
        (2, "usage") if new is None else (1, "empty_passphrase")
    )
    assert opens(here, OLD)


def test_a_wrong_passphrase_sets_none(here):
    stranger = locked_for(here, PASSPHRASE="guess", NEW_PASSPHRASE=NEW)
    refused = stranger.run("--json", "passphrase", "set")
    assert (refused.code, refused.error["code"]) == (3, "wrong_passphrase")
    assert not opens(here, NEW)


def test_an_unprotected_home_can_get_a_passphrase(bare):
    open_to_all = Inside(bare.home)
    open_to_all.json(*INIT, "--unprotected")
    open_to_all.environment["COMMONHOLD_NEW_PASSPHRASE"] = NEW
    assert open_to_all.json("passphrase", "set")["protection"] == "passphrase"
    assert Inside(bare.home).json("status")["locked"] is True


# -- the recovery sheet --------------------------------------------------------------------------


def test_a_sheet_is_printed_once_and_opens_a_forgotten_home(here):
    printed = here.run("passphrase", "recovery-sheet")
    assert printed.code == 0
    code = code_on(printed.out)
    done = locked_for(here, RECOVERY_CODE=code, NEW_PASSPHRASE=NEW).json(
        "passphrase", "unlock-with-recovery"
    )
    assert (done["locked"], done["slots"]) == (False, ["passphrase", "recovery"])
    assert opens(here, NEW)
    assert not opens(here, OLD)


def code_on(sheet):
    lines = [line.strip() for line in sheet.splitlines()]
    at = next(number for number, line in enumerate(lines) if line.endswith("-"))
    return lines[at] + lines[at + 1]


def test_a_sheet_says_whose_it_is_and_what_it_does(here):
    sheet = here.run("passphrase", "recovery-sheet").out
    for words in ("Ann on Laptop", "“Workspace”", "unlock-with-recovery", "keep a passport"):
        assert words in sheet
    RecoveryCode.parse(code_on(sheet))


def test_the_second_sheet_voids_the_first_and_says_so(here):
    first = here.json("passphrase", "recovery-sheet")["code"]
    again = here.run("--json", "passphrase", "recovery-sheet")
    assert "destroy it" in again.err
    assert again.json["code"] != first
    refused = locked_for(here, RECOVERY_CODE=first, NEW_PASSPHRASE=NEW).run(
        "--json", "passphrase", "unlock-with-recovery"
    )
    assert (refused.code, refused.error["code"]) == (3, "wrong_recovery_code")
    assert opens(here, OLD)


def test_a_sheet_in_a_file_is_for_its_owner_alone_and_not_printed(here, tmp_path):
    out = tmp_path / "sheet.txt"
    done = here.run("--json", "passphrase", "recovery-sheet", "--out", str(out))
    assert done.json["file"] == str(out)
    code = code_on(out.read_text("utf-8"))
    assert code not in done.out + done.err
    if sys.platform != "win32":
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
    locked_for(here, RECOVERY_CODE=code, NEW_PASSPHRASE=NEW).json(
        "passphrase", "unlock-with-recovery"
    )


def test_a_file_that_is_there_is_not_written_over_and_no_sheet_is_made(here, tmp_path):
    out = tmp_path / "letter.txt"
    out.write_text("dear")
    for place in (out, tmp_path / "none" / "sheet.txt"):
        refused = here.run("--json", "passphrase", "recovery-sheet", "--out", str(place))
        assert (refused.code, refused.error["code"]) == (1, "bad_input")
    assert out.read_text() == "dear"
    assert here.json("status")["slots"] == ["passphrase"]


def test_a_sheet_that_cannot_be_finished_leaves_no_half_of_it(here, tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.recovery_sheet.sync_file", full)
    out = tmp_path / "sheet.txt"
    refused = here.run("--json", "passphrase", "recovery-sheet", "--out", str(out))
    assert refused.code == 1
    assert "No space left" in refused.error["message"]
    assert "this one is lost" in refused.error["hint"]
    assert not out.exists()
    assert opens(here, OLD)


@pytest.mark.parametrize(
    ("secrets", "exit_code", "code"),
    [
        ({"NEW_PASSPHRASE": NEW}, 2, "usage"),
        ({"RECOVERY_CODE": "any"}, 2, "usage"),
        ({"RECOVERY_CODE": "any", "NEW_PASSPHRASE": NEW}, 3, "bad_recovery_code"),
        ({"RECOVERY_CODE": RecoveryCode.new().text, "NEW_PASSPHRASE": NEW}, 3, "no_sheet"),
        ({"RECOVERY_CODE": RecoveryCode.new().text, "NEW_PASSPHRASE": ""}, 1, "empty_passphrase"),
    ],
)
def test_what_does_not_recover_says_why_and_changes_nothing(here, secrets, exit_code, code):
    refused = locked_for(here, **secrets).run("--json", "passphrase", "unlock-with-recovery")
    assert (refused.code, refused.error["code"]) == (exit_code, code)
    assert "RECOVERY_CODE" not in secrets or secrets["RECOVERY_CODE"] not in refused.err
    assert opens(here, OLD)


def test_a_code_may_come_from_a_file(here, tmp_path):
    code = here.json("passphrase", "recovery-sheet")["code"]
    (tmp_path / "code").write_text(f"{code.lower()}\n")
    locked_for(here, NEW_PASSPHRASE=NEW).json(
        "passphrase", "unlock-with-recovery", "--code-file", str(tmp_path / "code")
    )
    assert opens(here, NEW)


# -- keyring, lock, unlock -----------------------------------------------------------------------


def test_a_home_set_up_with_the_keyring_opens_by_itself_until_it_is_locked(bare, ring):
    assert bare.json(*INIT, "--keyring")["slots"] == ["passphrase", "keyring"]
    nobody = Inside(bare.home)
    assert nobody.json("collection", "list") == {"collections": []}
    assert "by the system's keyring" in nobody.run("status").out
    assert nobody.json("lock")["locked"] is True
    assert not ring.kept
    refused = nobody.run("--json", "collection", "list")
    assert (refused.code, refused.error["code"]) == (3, "vault_locked")
    assert "holds no key" in refused.err
    assert nobody.run("unlock").code == 3
    assert bare.json("unlock")["locked"] is False
    assert nobody.json("collection", "list") == {"collections": []}


def test_without_a_keyring_to_rely_on_nothing_is_set_up(bare, ring):
    ring.refused = "this computer has no keyring that keeps a secret"
    refused = bare.run("--json", *INIT, "--keyring")
    assert (refused.code, refused.error["code"]) == (1, "keyring_refused")
    assert "has no keyring" in refused.error["message"]
    assert not bare.home.exists()


def test_a_keyring_needs_a_passphrase_beside_it(bare, ring):
    for more in (["--unprotected"], []):
        refused = Inside(bare.home).run("--json", *INIT, "--keyring", *more)
        assert (refused.code, refused.error["code"]) == (2, "usage")
    assert not ring.kept


def test_a_keyring_that_fails_later_leaves_the_passphrase(bare, ring):
    bare.json(*INIT, "--keyring")
    ring.refused = "the keyring is locked and was not unlocked"
    refused = Inside(bare.home).run("--json", "collection", "list")
    assert refused.code == 3
    assert "was not unlocked" in refused.err
    assert opens(bare, OLD)


def test_a_given_passphrase_goes_before_the_keyring(bare):
    bare.json(*INIT, "--keyring")
    assert not opens(bare, "guess")


def test_without_a_keyring_lock_and_unlock_say_how_it_is(here):
    assert "every command needs the passphrase" in here.run("lock").out
    assert "each command needs it" in here.run("unlock").out
    assert Inside(here.home).run("--json", "unlock").error["code"] == "vault_locked"


def test_what_is_unprotected_cannot_be_locked(bare):
    open_to_all = Inside(bare.home)
    open_to_all.json(*INIT, "--unprotected")
    refused = open_to_all.run("--json", "lock")
    assert (refused.code, refused.error["code"]) == (1, "unprotected")
    assert "always open" in open_to_all.run("unlock").out


def test_no_secret_is_ever_an_argument():
    """What stands on a command line is seen by every other program."""
    for command in (
        passphrase.set_passphrase,
        passphrase.recovery_sheet,
        passphrase.unlock_with_recovery,
        passphrase.lock,
        passphrase.unlock,
    ):
        taken = set(inspect.signature(command).parameters) - {"context"}
        assert taken <= {"new_passphrase_file", "code_file", "out"}
