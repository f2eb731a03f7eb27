"""From the first frame: a first run makes a home, a locked one opens by its passphrase."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import Settings
from app.viewmodels import first_run
from app.viewmodels.desk import Desk
from app.viewmodels.security import Ask
from app.viewmodels.window import Stage, Surroundings, WindowModel
from storage import StoreClosedError
from tests.support.rings import HeldRing
from tests.unit.app.viewmodels.conftest import NOW, Desktop

PASSPHRASE = "four quiet green lamps"


def window(home: Path, desktop: Desktop, *, dark: bool = False) -> WindowModel:
    around = Surroundings(
        person="Ann Berger",
        computer="laptop",
        clock=NOW.timestamp,
        now=lambda: NOW,
        system_dark=lambda: dark,
        choose_file=lambda _chosen: None,
    )
    made = WindowModel(home, Settings(), home / "settings.toml", desktop.work, around)
    made.open()
    return made


def walk_through(shown: WindowModel, lock: str = first_run.WITH_PASSPHRASE) -> None:
    flow = shown.first_run
    assert flow is not None
    for name, text in (
        (first_run.WORKSPACE, "Northside Clinic"),
        (first_run.LOCK, lock),
        (first_run.PASSPHRASE, PASSPHRASE),
        (first_run.AGAIN, PASSPHRASE),
    ):
        flow.answer(name, text)
    for _ in range(4):
        flow.forward()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_where_nothing_is_the_first_run_asks_with_the_names_filled_in(
    home: Path, desktop: Desktop
) -> None:
    shown = window(home, desktop)
    assert shown.state.stage is Stage.FIRST_RUN
    assert shown.first_run is not None
    assert shown.first_run.state.answers["computer"] == "laptop"
    assert not home.exists()


def test_a_first_run_makes_an_empty_workspace_and_opens_it(home: Path, desktop: Desktop) -> None:
    shown = window(home, desktop)
    walk_through(shown)
    assert shown.state.stage is Stage.OPEN
    assert shown.desk is not None
    assert shown.desk.collections.state.workspace == "Northside Clinic"
    shown.close()


def test_a_locked_home_opens_by_its_passphrase_and_not_by_another(
    home: Path, desktop: Desktop
) -> None:
    first = window(home, desktop)
    walk_through(first)
    first.lock()
    assert (first.state.stage, first.desk) == (Stage.LOCKED, None)
    unlock = first.unlock
    assert unlock is not None
    unlock.attempt("four quiet green lamp")
    assert unlock.state.wrong
    assert unlock.state.tries == 1
    unlock.attempt(PASSPHRASE)
    assert first.state.stage is Stage.OPEN
    first.close()


def test_a_locked_window_says_nothing_of_what_was_in_it(home: Path, desktop: Desktop) -> None:
    shown = window(home, desktop)
    walk_through(shown)
    undone: list[bool] = []
    shown.notices.offer("“Anna Schmidt” moved to Trash", lambda: undone.append(True))
    shown.lock()
    assert shown.notices.state.notice is None
    shown.notices.act()
    assert not undone
    shown.close()


def test_an_unprotected_home_opens_by_itself_and_cannot_be_locked(
    home: Path, desktop: Desktop
) -> None:
    first = window(home, desktop)
    walk_through(first, first_run.UNPROTECTED)
    first.close()
    again = window(home, Desktop())
    assert again.state.stage is Stage.OPEN
    assert again.desk is not None
    assert again.desk.lock is None
    again.close()


def test_a_home_that_cannot_be_made_says_why_and_keeps_the_answers(
    home: Path, desktop: Desktop
) -> None:
    home.write_text("a file stands in the way")
    shown = window(home / "deeper", desktop)
    walk_through(shown)
    assert shown.state.stage is Stage.FIRST_RUN
    assert shown.first_run is not None
    assert shown.first_run.state.failed
    assert shown.first_run.state.answers[first_run.WORKSPACE] == "Northside Clinic"


def test_a_damaged_vault_is_a_sentence_and_a_way_on(home: Path, desktop: Desktop) -> None:
    home.mkdir()
    (home / "vault.json").write_text("{")
    shown = window(home, desktop)
    assert shown.state.stage is Stage.FAILED
    assert shown.state.failed


def test_the_theme_follows_the_system_until_one_is_chosen_and_is_written_down(
    home: Path, desktop: Desktop
) -> None:
    shown = window(home, desktop, dark=True)
    walk_through(shown, first_run.UNPROTECTED)
    before = shown.appearance.state.dark
    shown.appearance.choose_theme("light")
    assert (before, shown.appearance.state.dark) == (True, False)
    assert 'theme = "light"' in (home / "settings.toml").read_text()
    shown.close()


# -- the lock that nobody presses, and the keyring ---------------------------------------------------
@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> HeldRing:
    """A keyring in memory in place of the system's."""
    held = HeldRing()
    monkeypatch.setattr("app.home.SystemRing", lambda: held)
    return held


def stage_of(shown: WindowModel) -> Stage:
    return shown.state.stage


def desk_of(shown: WindowModel) -> Desk:
    assert shown.desk is not None
    return shown.desk


def test_a_new_home_with_a_passphrase_is_told_to_make_a_recovery_sheet(
    home: Path, desktop: Desktop
) -> None:
    shown = window(home, desktop)
    walk_through(shown)
    notice = shown.notices.state.notice
    assert notice is not None
    assert "recovery sheet" in notice.text
    shown.notices.act()
    assert shown.security is not None
    assert shown.security.state.ask is Ask.BEFORE_SHEET
    shown.close()


def test_an_idle_window_locks_and_what_was_open_is_closed(home: Path, desktop: Desktop) -> None:
    shown = window(home, desktop)
    walk_through(shown)
    store = desk_of(shown).workspace.store
    shown.idle.asleep()
    assert (shown.state.stage, shown.desk) == (Stage.LOCKED, None)
    with pytest.raises(StoreClosedError):
        store.tables()
    shown.close()


def test_an_unprotected_window_never_locks_itself(home: Path, desktop: Desktop) -> None:
    shown = window(home, desktop)
    walk_through(shown, first_run.UNPROTECTED)
    shown.idle.asleep()
    shown.lock()
    assert stage_of(shown) is Stage.OPEN
    shown.close()


def test_the_keyring_opens_the_window_until_it_is_locked(
    home: Path, desktop: Desktop, ring: HeldRing
) -> None:
    first = window(home, desktop)
    walk_through(first)
    assert first.security is not None
    first.security.keep_signed_in(on=True)
    first.close()

    second = window(home, Desktop())
    assert stage_of(second) is Stage.OPEN
    second.lock()
    assert stage_of(second) is Stage.LOCKED
    assert not ring.kept
    second.close()

    third = window(home, Desktop())
    assert stage_of(third) is Stage.LOCKED
    assert third.unlock is not None
    assert "holds no key" in third.unlock.state.wrong
    third.unlock.attempt(PASSPHRASE)
    assert stage_of(third) is Stage.OPEN
    assert ring.kept
    third.close()


def test_a_keyring_that_does_not_answer_keeps_nobody_from_locking_or_unlocking(
    home: Path, desktop: Desktop, ring: HeldRing
) -> None:
    shown = window(home, desktop)
    walk_through(shown)
    assert shown.security is not None
    shown.security.keep_signed_in(on=True)
    ring.refused = "the keyring is locked and was not unlocked"
    shown.lock()
    assert stage_of(shown) is Stage.LOCKED
    assert shown.unlock is not None
    shown.unlock.attempt(PASSPHRASE)
    assert stage_of(shown) is Stage.OPEN
    shown.close()


def test_what_was_chosen_about_the_lock_outlives_a_change_of_workspace(
    home: Path, desktop: Desktop
) -> None:
    shown = window(home, desktop)
    walk_through(shown)
    assert shown.security is not None
    shown.security.lock_after(60)
    shown.switch("Northside Clinic")
    assert shown.security.state.after_minutes == 60
    shown.close()


def test_a_keyring_that_takes_its_time_keeps_nobody_from_typing_the_passphrase(
    home: Path, desktop: Desktop, ring: HeldRing
) -> None:
    first = window(home, desktop)
    walk_through(first)
    assert first.security is not None
    first.security.keep_signed_in(on=True)
    first.close()

    slow = Desktop()
    slow.readers.paused = True
    shown = window(home, slow)
    slow.readers.go(1)  # the home is read
    assert stage_of(shown) is Stage.OPENING
    slow.clock.move(5)
    assert stage_of(shown) is Stage.LOCKED
    assert shown.unlock is not None
    shown.unlock.attempt(PASSPHRASE)
    slow.readers.go()  # the keyring answers, and both open the workspace
    assert stage_of(shown) is Stage.OPEN
    opened = desk_of(shown)
    assert opened.workspace.collections() == ()
    shown.close()


def test_a_keyring_that_answers_after_the_lock_opens_nothing(
    home: Path, desktop: Desktop, ring: HeldRing
) -> None:
    first = window(home, desktop)
    walk_through(first)
    assert first.security is not None
    first.security.keep_signed_in(on=True)
    first.close()

    slow = Desktop()
    slow.readers.paused = True
    shown = window(home, slow)
    slow.readers.go(1)
    late = slow.readers.waiting.pop()
    slow.readers.paused = False
    slow.clock.move(5)
    assert shown.unlock is not None
    shown.unlock.attempt(PASSPHRASE)
    assert stage_of(shown) is Stage.OPEN
    kept = dict(ring.kept)
    shown.lock()
    ring.kept.update(kept)
    late()
    assert stage_of(shown) is Stage.LOCKED
    assert shown._home is not None
    assert shown._home.locked
    shown.close()
