"""A flow walks its steps, says what is wrong under each question, and keeps what was answered."""

from __future__ import annotations

from collections.abc import Mapping

from app.viewmodels import first_run
from app.viewmodels.flow import Walker

ANSWERS = {
    "name": "Ann Berger",
    "computer": "laptop",
    "workspace": "Northside Clinic",
    "passphrase": "four quiet green lamps",
    "again": "four quiet green lamps",
}


def walker(finished: list[Mapping[str, str]], **answers: str) -> Walker:
    return Walker(first_run.STEPS, answers, finished.append)


def walk_to_the_lock(flow: Walker) -> None:
    for _ in range(3):
        flow.forward()
    assert flow.step.name == "lock"


def test_a_flow_that_is_answered_in_full_finishes_with_the_answers() -> None:
    finished: list[Mapping[str, str]] = []
    flow = walker(finished, **ANSWERS)
    walk_to_the_lock(flow)
    flow.forward()
    assert dict(finished[0]) == ANSWERS
    assert flow.state.running


def test_a_step_with_a_missing_name_says_so_and_stays() -> None:
    flow = walker([], computer="laptop")
    flow.forward()
    flow.forward()
    assert flow.step.name == "who"
    assert "Type a name" in flow.state.wrong["name"]
    assert "computer" not in flow.state.wrong


def test_what_was_wrong_is_forgotten_when_it_is_typed_again() -> None:
    flow = walker([])
    flow.forward()
    flow.forward()
    flow.answer("name", "A")
    assert set(flow.state.wrong) == {"computer"}


def test_two_passphrases_that_differ_are_refused() -> None:
    finished: list[Mapping[str, str]] = []
    flow = walker(finished, **{**ANSWERS, "again": "four quiet green lamp"})
    walk_to_the_lock(flow)
    flow.forward()
    assert finished == []
    assert "differ" in flow.state.wrong["again"]


def test_a_short_passphrase_is_refused() -> None:
    flow = walker([], **{**ANSWERS, "passphrase": "secret", "again": "secret"})
    walk_to_the_lock(flow)
    flow.forward()
    assert "at least 8" in flow.state.wrong["passphrase"]


def test_an_unprotected_workspace_is_asked_for_no_passphrase() -> None:
    finished: list[Mapping[str, str]] = []
    flow = walker(finished, name="Ann", computer="laptop", workspace="Lab", lock="unprotected")
    walk_to_the_lock(flow)
    assert [question.name for question in flow.questions()] == ["lock"]
    flow.forward()
    assert finished


def test_going_back_keeps_what_was_answered() -> None:
    flow = walker([], **ANSWERS)
    walk_to_the_lock(flow)
    flow.back()
    assert flow.step.name == "workspace"
    assert flow.state.answers["passphrase"] == ANSWERS["passphrase"]


def test_nothing_moves_while_the_work_is_done_and_a_failure_can_be_tried_again() -> None:
    finished: list[Mapping[str, str]] = []
    flow = walker(finished, **ANSWERS)
    walk_to_the_lock(flow)
    flow.forward()
    flow.forward()
    flow.back()
    assert flow.step.name == "lock"
    assert len(finished) == 1
    flow.fail("The disk is full.")
    assert flow.state.failed == "The disk is full."
    flow.forward()
    assert len(finished) == 2
