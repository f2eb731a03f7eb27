"""From the first frame: a first run makes a home, a locked one opens by its passphrase."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import Settings
from app.viewmodels import first_run
from app.viewmodels.window import Stage, Surroundings, WindowModel
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
