"""The palette finds commands by letters in order, records by their words, and does what is taken."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.viewmodels.palette import Command, Palette, score


def ignore(_text: str, _found: Callable[[tuple[Command, ...]], None]) -> None:
    """No records."""


def palette(done: list[str]) -> Palette:
    names = ("New record in Stock", "Go to Stock", "Go to Settings", "Import a file")
    commands = tuple(Command(name, "plus", partial(done.append, name)) for name in names)
    return Palette(lambda: commands, ignore)


def found(shown: Palette) -> list[str]:
    return [command.name for command in shown.state.found]


def test_letters_in_order_find_a_command_and_starts_of_words_count_most() -> None:
    shown = palette([])
    shown.open()
    shown.type("gts")
    assert [command.name for command in shown.state.found] == ["Go to Stock", "Go to Settings"]


def test_letters_out_of_order_find_nothing() -> None:
    assert score("kcots", "Go to Stock") is None
    assert score("stock", "Go to Stock") is not None


def test_enter_takes_the_marked_line_and_closes() -> None:
    done: list[str] = []
    shown = palette(done)
    shown.open()
    shown.type("go")
    shown.move(1)
    shown.take()
    assert done == ["Go to Settings"]
    assert not shown.state.open


def test_walking_past_the_last_line_comes_back_to_the_first() -> None:
    shown = palette([])
    shown.open()
    shown.move(-1)
    assert shown.state.at == len(shown.state.found) - 1
    shown.move(1)
    assert shown.state.at == 0


def test_records_found_are_added_unless_something_else_was_typed_meanwhile() -> None:
    answers: dict[str, Callable[[tuple[Command, ...]], None]] = {}
    shown = Palette(tuple, answers.__setitem__)
    shown.open()
    shown.type("dri")
    shown.type("drill")
    answers["dri"]((Command("Drip tray", "text", lambda: None),))
    assert found(shown) == []
    answers["drill"]((Command("Drill bit", "text", lambda: None),))
    assert found(shown) == ["Drill bit"]
