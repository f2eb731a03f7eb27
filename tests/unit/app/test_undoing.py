"""Undo and redo of what was done on this computer, beside a second one that edits too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.errors import StoppedError
from app.model.past import Undone
from app.workspace import Workspace
from tests.support.teamwork import SecondComputer, founded

NOW = datetime(2026, 3, 5, 10, 42, tzinfo=UTC)


@pytest.fixture
def ann() -> Iterator[Workspace]:
    made = founded(NOW.timestamp)
    made.create_collection("Notes", fields=[("Title", "text"), ("Text", "longtext")])
    yield made
    made.close()


@pytest.fixture
def ben(ann: Workspace) -> Iterator[SecondComputer]:
    second = SecondComputer(ann, "Ben", "workshop", NOW.timestamp)
    second.meet()
    yield second
    second.close()


def add(workspace: Workspace, text: str = "one") -> int:
    [made] = workspace.add("Notes", [{"Title": "Plan", "Text": text}])
    return made


def value(workspace: Workspace, record: int, field: str = "Text") -> object:
    found = workspace.find(record)
    return None if found is None else found[1].get(field)


def test_a_long_text_that_nobody_else_wrote_in_is_undone_and_redone_any_number_of_steps(
    ann: Workspace,
) -> None:
    record = add(ann)
    for text in ("one two", "one two three", ""):
        ann.change("Notes", [record], {"Text": text})
    seen = []
    for step in (ann.undo, ann.undo, ann.undo, ann.redo, ann.redo, ann.undo, ann.redo, ann.redo):
        assert step() == Undone(1, 0, 0)
        seen.append(value(ann, record))
    assert seen == [
        *("one two three", "one two", "one"),
        *("one two", "one two three", "one two", "one two three", ""),
    ]


def test_a_long_text_that_somebody_wrote_in_since_is_left(
    ann: Workspace, ben: SecondComputer
) -> None:
    record = add(ann)
    ben.meet()
    ann.change("Notes", [record], {"Text": "one two"})
    ben.meet()
    ben.workspace.change("Notes", [record], {"Text": "one two three"})
    ben.meet()
    assert ann.undo() == Undone(0, 0, 1)
    assert value(ann, record) == "one two three"


def test_what_undo_writes_into_a_long_text_is_the_same_on_both_computers(
    ann: Workspace, ben: SecondComputer
) -> None:
    record = add(ann, "first line\nsecond line")
    ben.meet()
    ann.change("Notes", [record], {"Text": "first\nsecond line, and more"})
    ben.meet()
    ann.undo()
    ben.meet()
    assert value(ben.workspace, record) == value(ann, record) == "first line\nsecond line"
    assert ann.store.journal.digest == ben.workspace.store.journal.digest
    assert ann.store.verify().ok


def test_an_action_of_which_nothing_is_left_is_passed_by_the_next_time(
    ann: Workspace, ben: SecondComputer
) -> None:
    record = add(ann)
    ann.change("Notes", [record], {"Text": "one two"})
    ann.change("Notes", [record], {"Title": "Ann's"})
    ben.meet()
    ben.workspace.change("Notes", [record], {"Title": "Ben's"})
    ben.meet()
    assert ann.undo() == Undone(0, 1, 0)
    assert value(ann, record) == "one two"
    assert ann.undo() == Undone(1, 0, 0)
    assert (value(ann, record), value(ann, record, "Title")) == ("one", "Ben's")


def test_one_action_is_undone_although_more_was_done_since(ann: Workspace) -> None:
    first, second = add(ann), add(ann)
    action = ann.new_action()
    with ann.acting(action):
        ann.trash("Notes", [first])
    ann.change("Notes", [second], {"Title": "Later"})
    assert ann.undo(action) == Undone(1, 0, 0)
    assert value(ann, first) == "one"
    assert value(ann, second, "Title") == "Later"
    assert ann.undo(action) is None


def test_several_commits_of_one_action_are_undone_as_one(ann: Workspace) -> None:
    record, action = add(ann), ann.new_action()
    for title in ("B", "Be", "Belt"):
        with ann.acting(action):
            ann.change("Notes", [record], {"Title": title})
    ann.undo()
    assert value(ann, record, "Title") == "Plan"
    [*_, typed, undone] = ann.history("Notes", record)
    assert (typed.what, undone.what) == ("changed", "undone")


def test_an_undo_that_is_stopped_leaves_everything_as_it_was(ann: Workspace) -> None:
    ids = []
    action = ann.new_action()
    for _ in range(3):
        with ann.acting(action):
            ids.append(add(ann))
    shares: list[float] = []

    def until_the_second(share: float) -> bool:
        shares.append(share)
        return len(shares) < 2

    with pytest.raises(StoppedError):
        ann.undo(progress=until_the_second)
    assert [value(ann, each, "Title") for each in ids] == ["Plan"] * 3
    assert shares == [0.0, 1 / 3]
    assert ann.undo() == Undone(3, 0, 0)


def test_watchers_hear_of_what_happens_to_a_record_that_lies_in_the_trash(
    ann: Workspace, ben: SecondComputer
) -> None:
    record = add(ann)
    ben.meet()
    ann.trash("Notes", [record])
    ben.meet()
    heard: list[object] = []
    stops = [
        each.watch(lambda touched: heard.append(touched.ids("Notes")))
        for each in (ann, ben.workspace)
    ]
    ann.purge("Notes", [record])
    ben.meet()
    assert heard == [{record}, {record}]
    for stop in stops:
        stop()
