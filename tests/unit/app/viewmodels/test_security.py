"""The ways in, from the window: changed by who knows the passphrase; the sheet is shown once."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.home import Home
from app.settings import Lock
from app.viewmodels.security import AGAIN, CURRENT, NEW, PLACE, Ask, Security, SecurityState
from app.viewmodels.unlock import CODE, Unlock
from sync.vault import RecoveryCode
from tests.support.costs import cheap
from tests.support.rings import HeldRing
from tests.unit.app.viewmodels.conftest import Desktop

OLD, FRESH = "four quiet green lamps", "five loud red bells"
NOW = datetime(2026, 3, 5, 10, 42, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap(monkeypatch)


@pytest.fixture
def ring() -> HeldRing:
    return HeldRing()


def made(path: Path, ring: HeldRing, **how: Any) -> Home:
    given = {"passphrase": OLD, **how}
    return Home.create(path, member="Ann", device="Laptop", clock=NOW.timestamp, ring=ring, **given)


@pytest.fixture
def home(tmp_path: Path, ring: HeldRing) -> Home:
    return made(tmp_path / "home", ring)


def security_of(home: Home, desktop: Desktop) -> Security:
    return Security(home, Lock(), home.places.settings, desktop.work, desktop.notices, lambda: NOW)


@pytest.fixture
def shown(home: Home, desktop: Desktop) -> Security:
    return security_of(home, desktop)


def state(shown: Security) -> SecurityState:
    return shown.state


def opens(home: Home, passphrase: str) -> bool:
    again = Home.open(home.places.home, clock=NOW.timestamp)
    try:
        again.unlock(passphrase)
    except Exception:  # noqa: BLE001 -- whatever keeps it closed
        return False
    return True


# -- passphrase --------------------------------------------------------------------------------
def test_who_knows_the_passphrase_changes_it(shown: Security, home: Home, desktop: Desktop) -> None:
    shown.ask_passphrase()
    shown.set_passphrase(OLD, FRESH, FRESH)
    assert state(shown).ask is None
    assert opens(home, FRESH)
    assert not opens(home, OLD)
    assert desktop.notices.state.notice is not None


def test_a_passer_by_at_an_open_window_does_not(shown: Security, home: Home) -> None:
    shown.ask_passphrase()
    shown.set_passphrase("guess", FRESH, FRESH)
    assert state(shown).ask is Ask.PASSPHRASE
    assert set(state(shown).wrong) == {CURRENT}
    shown.ask_sheet()
    shown.make_sheet("guess")
    assert set(state(shown).wrong) == {CURRENT}
    assert not state(shown).code
    assert (opens(home, OLD), home.slots) == (True, ("passphrase",))


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        (("", FRESH, FRESH), {CURRENT}),
        ((OLD, "short", "short"), {NEW}),
        ((OLD, FRESH, "five loud red bell"), {AGAIN}),
        (("", "short", ""), {CURRENT, NEW, AGAIN}),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_tried(
    shown: Security, home: Home, typed: tuple[str, str, str], wrong: set[str]
) -> None:
    shown.ask_passphrase()
    shown.set_passphrase(*typed)
    assert set(state(shown).wrong) == wrong
    assert opens(home, OLD)


def test_an_unprotected_home_gets_a_passphrase_and_can_then_be_locked(
    tmp_path: Path, ring: HeldRing, desktop: Desktop
) -> None:
    bare = made(tmp_path / "bare", ring, passphrase=None, unprotected=True)
    shown = security_of(bare, desktop)
    assert not state(shown).protected
    shown.ask_passphrase()
    shown.set_passphrase("", FRESH, FRESH)
    assert state(shown).protected
    assert opens(bare, FRESH)


# -- sheet ---------------------------------------------------------------------------------------
def test_the_sheet_is_shown_once(shown: Security, home: Home) -> None:
    shown.ask_sheet()
    assert state(shown).ask is Ask.BEFORE_SHEET
    shown.make_sheet(OLD)
    assert state(shown).ask is Ask.SHEET
    assert state(shown).has_sheet
    code = RecoveryCode.parse(shown.state.code)
    assert state(shown).code[:18] in state(shown).sheet
    assert state(shown).code not in repr(shown.state)
    shown.leave()
    assert (state(shown).code, state(shown).sheet) == ("", "")
    again = Home.open(home.places.home, clock=NOW.timestamp)
    again.unlock_by_sheet(code.text, FRESH)


def test_without_a_passphrase_there_is_nothing_to_ask_before_the_sheet(
    tmp_path: Path, ring: HeldRing, desktop: Desktop
) -> None:
    shown = security_of(made(tmp_path / "bare", ring, passphrase=None, unprotected=True), desktop)
    shown.ask_sheet()
    assert state(shown).ask is Ask.SHEET


def test_the_sheet_that_is_shown_is_saved_and_says_where(shown: Security, tmp_path: Path) -> None:
    shown.ask_sheet()
    shown.make_sheet(OLD)
    place = tmp_path / "sheet.txt"
    shown.save_sheet(f" {place} ")
    assert place.read_text("utf-8") == state(shown).sheet
    assert str(place) in state(shown).saved


@pytest.mark.parametrize("path", ["", "  ", "sheet.txt", "{there}", "{there}/deeper"])
def test_a_place_that_will_not_do_is_said_and_the_sheet_stays(
    shown: Security, tmp_path: Path, path: str
) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    shown.ask_sheet()
    shown.make_sheet(OLD)
    shown.save_sheet(path.format(there=there))
    assert set(state(shown).wrong) == {PLACE}
    assert state(shown).ask is Ask.SHEET
    assert there.read_text() == "mine"


# -- keyring and lock ------------------------------------------------------------------------------
def test_the_keyring_opens_it_from_then_on_and_no_more(
    shown: Security, home: Home, ring: HeldRing
) -> None:
    shown.look()
    assert state(shown).refusal == ""
    shown.keep_signed_in(on=True)
    assert state(shown).keyring
    again = Home.open(home.places.home, clock=NOW.timestamp, ring=ring)
    again.unlock_by_keyring()
    shown.keep_signed_in(on=False)
    assert not state(shown).keyring
    assert not ring.kept


def test_where_no_keyring_is_to_be_relied_on_the_reason_is_shown(
    shown: Security, home: Home, ring: HeldRing, desktop: Desktop
) -> None:
    ring.refused = "the only keyring here keeps its secrets in a file that others can read"
    shown.look()
    assert state(shown).refusal == ring.refused
    shown.keep_signed_in(on=True)
    assert (state(shown).keyring, state(shown).busy) == (False, False)
    assert desktop.notices.state.notice is not None
    assert home.slots == ("passphrase",)


def test_when_it_locks_is_written_down(shown: Security, home: Home) -> None:
    shown.lock_after(5)
    shown.lock_on_suspend(on=False)
    written = home.places.settings.read_text("utf-8")
    assert "after_minutes = 5" in written
    assert "on_suspend = false" in written
    assert (state(shown).after_minutes, state(shown).on_suspend) == (5, False)


# -- the locked window -------------------------------------------------------------------------------
@pytest.fixture
def sheet(home: Home) -> str:
    """The code of a sheet; the home is locked."""
    code = home.make_sheet().text
    home.lock()
    return code


def test_a_forgotten_passphrase_is_replaced_by_the_sheet(
    home: Home, sheet: str, desktop: Desktop
) -> None:
    opened: list[bool] = []
    locked = Unlock(home, desktop.work, lambda: opened.append(True))
    locked.use_sheet()
    assert locked.state.by_sheet
    locked.recover(sheet.lower().replace("-", " "), FRESH, FRESH)
    assert opened == [True]
    assert opens(home, FRESH)
    assert sheet not in repr(locked.state)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        (("", FRESH, FRESH), {CODE}),
        (("{code}", "short", "short"), {NEW}),
        (("{code}", FRESH, ""), {AGAIN}),
        (("{code}X", FRESH, FRESH), {CODE}),
        ((RecoveryCode.new().text, FRESH, FRESH), {CODE}),
    ],
)
def test_what_does_not_recover_is_said_beside_its_field(
    home: Home, sheet: str, desktop: Desktop, typed: tuple[str, str, str], wrong: set[str]
) -> None:
    opened: list[bool] = []
    locked = Unlock(home, desktop.work, lambda: opened.append(True))
    locked.use_sheet()
    locked.recover(typed[0].format(code=sheet), *typed[1:])
    assert set(locked.state.wrong_parts) == wrong
    assert (opened, home.locked, opens(home, OLD)) == ([], True, True)


def test_where_no_sheet_was_made_the_locked_window_says_so(home: Home, desktop: Desktop) -> None:
    home.lock()
    locked = Unlock(home, desktop.work, lambda: None)
    locked.use_sheet()
    assert not locked.state.by_sheet
    assert re.search("No recovery sheet was made", locked.state.wrong)


def test_one_goes_back_from_the_sheet_to_the_passphrase(
    home: Home, sheet: str, desktop: Desktop
) -> None:
    locked = Unlock(home, desktop.work, lambda: None)
    locked.use_sheet()
    locked.recover("", "", "")
    locked.use_passphrase()
    assert (locked.state.by_sheet, dict(locked.state.wrong_parts)) == (False, {})
