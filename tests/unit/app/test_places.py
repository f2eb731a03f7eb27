"""Where a home is."""

from __future__ import annotations

from pathlib import Path

from app.places import Places, home_folder


def test_what_was_chosen_beats_the_environment():
    chosen = Path.cwd() / "chosen"
    assert home_folder(chosen, {"COMMONHOLD_HOME": "/elsewhere"}) == chosen


def test_the_environment_beats_the_default(tmp_path):
    assert home_folder(None, {"COMMONHOLD_HOME": str(tmp_path)}) == tmp_path


def test_an_empty_variable_is_none():
    assert home_folder(None, {"COMMONHOLD_HOME": " "}) == home_folder(None, {})


def test_a_relative_place_is_made_absolute():
    assert home_folder(Path("here"), {}) == Path.cwd() / "here"


def test_the_default_is_a_folder_of_the_persons_own():
    assert home_folder(None, {}).is_relative_to(Path.home())


def test_everything_lies_inside_the_home(tmp_path):
    places = Places(tmp_path)
    for each in (places.vault, places.settings, places.logs, places.workspaces, places.store("ab")):
        assert each.is_relative_to(tmp_path)
