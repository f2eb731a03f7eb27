"""The ways in, by touch and by the keyboard alone; what counts is what then opens the home."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.home import Home
from app.viewmodels.layout import Place
from app.viewmodels.security import Ask
from app.viewmodels.window import Stage
from app.views import security as shown_security
from app.views.house import stage
from app.views.house.audit import audit
from app.views.house.focus import focused
from app.views.house.touch import middle, press, tap_at, write
from app.views.pictures import SIZES
from sync.errors import VaultError
from sync.vault import LEAST_COST, RecoveryCode
from tests.support.costs import cheap
from tests.support.rings import HeldRing
from tests.support.window import Opened, opened

OLD, FRESH = "four quiet green lamps", "five loud red bells"


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> HeldRing:
    """A keyring in memory in place of the system's."""
    held = HeldRing()
    monkeypatch.setattr("app.home.SystemRing", lambda: held)
    cheap(monkeypatch)
    return held


@pytest.fixture
def home(tmp_path: Path, ring: HeldRing) -> Path:
    path = tmp_path / "home"
    made = Home.create(path, member="Ann", device="desk", passphrase=OLD, clock=time.time)
    with made.workspace() as workspace:
        workspace.create_collection("Patients", [("Name", "text")])
        workspace.add("Patients", [{"Name": "Xanthippe"}])
    return path


@pytest.fixture
def locked(home: Path, show: Callable[[Any], Any]) -> Iterator[Opened]:
    """The window, locked."""
    with opened(home, show) as window:
        assert window.vm.state.stage is Stage.LOCKED
        stage.pump(4)
        yield window


@pytest.fixture
def unlocked(locked: Opened) -> Opened:
    """The window, unlocked."""
    write(OLD)
    press("enter")
    locked.until(lambda: locked.vm.state.stage is Stage.OPEN)
    return locked


def tap(widget: Any) -> None:
    tap_at(*middle(widget))
    stage.pump(4)


def state(window: Opened) -> Any:
    assert window.vm.security is not None
    return window.vm.security.state


def settings(window: Opened) -> None:
    """Go to the settings by touch, down to what is about the lock."""
    tap(window.control("Settings"))
    window.until(lambda: window.desk.state.place is Place.SETTINGS)


def palette(window: Opened, words: str) -> None:
    """Choose a command by keys."""
    press("k", ["ctrl"])
    stage.pump(2)
    write(words)
    stage.pump(4)
    press("enter")
    stage.pump(4)


def opens(home: Path, passphrase: str) -> bool:
    try:
        Home.open(home, clock=time.time).unlock(passphrase)
    except VaultError:
        return False
    return True


# -- passphrase ----------------------------------------------------------------------------------
def test_the_passphrase_is_changed_by_touch(unlocked: Opened, home: Path) -> None:
    settings(unlocked)
    tap(unlocked.control("Change the passphrase"))
    for label, typed in (
        ("Passphrase now", OLD),
        ("New passphrase", FRESH),
        ("New passphrase again", FRESH),
    ):
        tap(field(unlocked, label))
        write(typed)
    tap(unlocked.control("Set it"))
    unlocked.until(lambda: state(unlocked).ask is None)
    assert opens(home, FRESH)
    assert not opens(home, OLD)


def field(window: Opened, label: str) -> Any:
    """The box with this label, topmost."""
    from kivy.core.window import Window

    for top in Window.children:
        for widget in top.walk(restrict=True):
            if getattr(widget, "label", "") == label and hasattr(widget, "input"):
                return widget.input
    raise AssertionError(label)


def test_the_passphrase_is_changed_by_keys(unlocked: Opened, home: Path) -> None:
    palette(unlocked, "Change the passphrase")
    for typed in (OLD, FRESH, FRESH):
        write(typed)
        press("enter")
        stage.pump(2)
    unlocked.until(lambda: state(unlocked).ask is None)
    assert opens(home, FRESH)


def test_what_is_wrong_stands_at_its_field_and_escape_leaves(unlocked: Opened, home: Path) -> None:
    palette(unlocked, "Change the passphrase")
    for typed in ("guess at it", FRESH, FRESH):
        write(typed)
        press("enter")
        stage.pump(2)
    unlocked.until(lambda: state(unlocked).wrong)
    box = field(unlocked, "Passphrase now")
    assert box.focus
    assert box.owner.error
    press("escape")
    stage.pump(2)
    assert state(unlocked).ask is None
    assert opens(home, OLD)


# -- recovery sheet --------------------------------------------------------------------------------
def test_the_sheet_is_made_shown_once_and_saved_by_touch(
    unlocked: Opened, home: Path, tmp_path: Path
) -> None:
    settings(unlocked)
    tap(unlocked.control("Make a recovery sheet"))
    tap(field(unlocked, "Passphrase now"))
    write(OLD)
    tap(unlocked.control("Show the sheet"))
    unlocked.until(lambda: state(unlocked).ask is Ask.SHEET)
    code = state(unlocked).code
    place = tmp_path / "sheet.txt"
    field(unlocked, "Save it as a new file").owner.text = str(place)
    tap(unlocked.control("Save"))
    unlocked.until(lambda: state(unlocked).saved)
    assert code[:18] in place.read_text("utf-8")
    tap_at(5, 5)  # beside it
    assert state(unlocked).ask is Ask.SHEET
    tap(unlocked.control("I have it"))
    assert (state(unlocked).ask, state(unlocked).code) == (None, "")
    Home.open(home, clock=time.time).unlock_by_sheet(code, FRESH)


def test_the_sheet_is_made_and_copied_by_keys(
    unlocked: Opened, clipboard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown_security, "Clipboard", clipboard)
    palette(unlocked, "Make a recovery sheet")
    write(OLD)
    press("enter")
    unlocked.until(lambda: state(unlocked).ask is Ask.SHEET)
    press("tab")
    press("enter")
    stage.pump(2)
    assert clipboard.text == state(unlocked).sheet
    press("tab")
    press("tab")
    press("enter")
    stage.pump(2)
    assert state(unlocked).ask is None


def test_a_forgotten_passphrase_is_replaced_by_touch(locked: Opened, home: Path) -> None:
    code = sheet_of(home)
    tap(locked.control("Forgot it? Use the recovery sheet"))
    locked.until(lambda: locked.vm.unlock is not None and locked.vm.unlock.state.by_sheet)
    for label, typed in (
        ("Code of the recovery sheet", code),
        ("New passphrase", FRESH),
        ("New passphrase again", FRESH),
    ):
        tap(field(locked, label))
        write(typed)
    tap(locked.control("Set it and unlock"))
    locked.until(lambda: locked.vm.state.stage is Stage.OPEN)
    assert opens(home, FRESH)


def sheet_of(home: Path) -> str:
    """Make a sheet elsewhere; the code on it."""
    elsewhere = Home.open(home, clock=time.time)
    elsewhere.unlock(OLD)
    return elsewhere.make_sheet(LEAST_COST).text


def tab_to(window: Opened, words: str) -> None:
    """By Tab alone, as somebody without a mouse would."""
    for _ in range(8):
        if getattr(focused(window.root), "text", "") == words:
            return
        press("tab")
        stage.pump(1)
    raise AssertionError(f"Tab does not lead to {words!r}")


def test_a_forgotten_passphrase_is_replaced_by_keys(locked: Opened, home: Path) -> None:
    code = sheet_of(home)
    tab_to(locked, "Forgot it? Use the recovery sheet")
    press("enter")
    locked.until(lambda: locked.vm.unlock is not None and locked.vm.unlock.state.by_sheet)
    for typed in (RecoveryCode.new().text, FRESH, FRESH):
        write(typed)
        press("enter")
        stage.pump(2)
    locked.until(lambda: locked.vm.unlock is not None and locked.vm.unlock.state.wrong_parts)
    box = field(locked, "Code of the recovery sheet")
    assert box.focus
    box.select_all()
    write(code)
    for _ in range(3):
        press("enter")
        stage.pump(2)
    locked.until(lambda: locked.vm.state.stage is Stage.OPEN)
    assert opens(home, FRESH)


# -- keyring and lock --------------------------------------------------------------------------------
def test_the_keyring_is_a_way_in_by_a_touch(unlocked: Opened, home: Path, ring: HeldRing) -> None:
    settings(unlocked)
    tap(unlocked.control("Keep me signed in by this computer's keyring"))
    unlocked.until(lambda: state(unlocked).keyring)
    Home.open(home, clock=time.time, ring=ring).unlock_by_keyring()
    tap(unlocked.control("Keep me signed in by this computer's keyring"))
    unlocked.until(lambda: not state(unlocked).keyring)
    assert not ring.kept


def test_where_no_keyring_is_the_reason_stands_below_and_nothing_can_be_ticked(
    unlocked: Opened, ring: HeldRing
) -> None:
    ring.refused = "this computer has no keyring that keeps a secret"
    settings(unlocked)
    unlocked.until(lambda: state(unlocked).refusal)
    section = unlocked.view.settings.security
    assert ring.refused in section.keyring_words
    assert section.ids.keyring.disabled


def test_minutes_and_sleep_are_chosen_by_touch_and_written_down(
    unlocked: Opened, home: Path
) -> None:
    settings(unlocked)
    tap(unlocked.control("5 minutes"))
    tap(unlocked.control("Lock when the computer goes to sleep"))
    unlocked.until(lambda: not state(unlocked).on_suspend)
    unlocked.until(lambda: "on_suspend = false" in (home / "settings.toml").read_text("utf-8"))
    assert "after_minutes = 5" in (home / "settings.toml").read_text("utf-8")


@pytest.mark.parametrize("how", ["button", "keys", "keys over a dialog", "idle"])
def test_locking_blanks_the_window_and_closes_what_was_open(unlocked: Opened, how: str) -> None:
    unlocked.desk.open_collection("Patients")
    unlocked.until(lambda: unlocked.desk.records.state.ready)
    key_before = unlocked.vm.desk
    if how == "button":
        settings(unlocked)
        tap(unlocked.control("Lock now"))
    elif how == "idle":
        unlocked.vm.idle.asleep()
    else:
        if how == "keys over a dialog":
            palette(unlocked, "Make a recovery sheet")
        press("l", ["ctrl"])
    unlocked.until(lambda: unlocked.vm.state.stage is Stage.LOCKED)
    assert key_before is not None
    assert unlocked.vm.desk is None
    assert "Xanthippe" not in said(unlocked)
    assert "Patients" not in said(unlocked)
    write(OLD)
    press("enter")
    unlocked.until(lambda: unlocked.vm.state.stage is Stage.OPEN)


def said(_window: Opened) -> str:
    """All words of all that lies in the window."""
    from kivy.core.window import Window

    texts = []
    for top in Window.children:
        for widget in top.walk(restrict=True):
            texts += [
                str(getattr(widget, name, "")) for name in ("text", "label", "title", "words")
            ]
    return " ".join(texts)


def test_a_touch_and_a_key_are_signs_of_life(
    unlocked: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(unlocked.vm.idle, "active", lambda: seen.append("alive"))
    tap_at(400, 400)
    by_touch = len(seen)
    write("a")
    assert by_touch
    assert len(seen) > by_touch


def test_motion_is_reduced_by_a_tick(unlocked: Opened) -> None:
    settings(unlocked)
    before = unlocked.vm.appearance.state.reduced_motion
    tap(unlocked.control("Reduce motion"))
    assert unlocked.vm.appearance.state.reduced_motion is not before


# -- how it looks --------------------------------------------------------------------------------------
def at_settings(window: Opened) -> None:
    window.desk.go(Place.SETTINGS)
    window.until(lambda: window.desk.state.place is Place.SETTINGS)


def at_change(window: Opened) -> None:
    assert window.vm.security is not None
    window.vm.security.ask_passphrase()
    window.vm.security.set_passphrase("", "x", "")


def at_sheet(window: Opened) -> None:
    assert window.vm.security is not None
    window.vm.security.ask_sheet()
    window.vm.security.make_sheet(OLD)
    window.until(lambda: state(window).code)
    window.vm.security.save_sheet("no whole path")


def at_recovery(window: Opened) -> None:
    assert window.vm.security is not None
    at_sheet(window)
    window.vm.lock()
    window.until(lambda: window.vm.state.stage is Stage.LOCKED)
    unlock = window.vm.unlock
    assert unlock is not None
    unlock.use_sheet()
    window.until(lambda: unlock.state.by_sheet)
    unlock.recover("", "x", "y")


LOOKS = [("expanded", "light", 100), ("compact", "dark", 100), ("compact", "light", 150)]


@pytest.mark.parametrize("scene", [at_settings, at_change, at_sheet, at_recovery])
@pytest.mark.parametrize(
    ("size", "theme", "percent"),
    [pytest.param(*look, marks=() if look is LOOKS[0] else pytest.mark.full) for look in LOOKS],
)
def test_its_screens_have_no_defect(
    unlocked: Opened, scene: Callable[[Opened], None], size: str, theme: str, percent: int
) -> None:
    from kivy.core.window import Window

    unlocked.vm.appearance.choose_theme(theme)
    unlocked.vm.appearance.choose_text_size(percent)
    stage.resize(*SIZES[size])
    scene(unlocked)
    stage.pump(10)
    assert [f"{found.kind}: {found.where}: {found.detail}" for found in audit(Window)] == []
