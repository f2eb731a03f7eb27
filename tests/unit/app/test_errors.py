"""Errors speak to people."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import errors
from app.errors import AppError, FieldValueError, NoSuchFieldError, did_you_mean, quoted


def all_kinds(kind=AppError):
    return [kind, *(each for sub in kind.__subclasses__() for each in all_kinds(sub))]


OURS = [kind for kind in all_kinds() if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_each_kind_is_drawn_in_the_tree_and_explained(kind):
    assert kind.__name__ in errors.__doc__
    assert kind.__doc__.strip()[-1] == "." or "; " in kind.__doc__


def test_a_value_is_placed_by_record_and_field():
    error = FieldValueError("it is none.").at("due", "record 3")
    assert str(error) == 'record 3, field "due": it is none.'
    assert (error.reason, error.field, error.record) == ("it is none.", "due", "record 3")


def test_a_slip_is_answered_with_what_is_there():
    assert NoSuchFieldError("stat", "zips", ["city", "state"]).hint == 'Did you mean "state"?'


def test_nothing_alike_says_how_to_look():
    assert "collection show zips" in NoSuchFieldError("xyz", "zips", ["city", "state"]).hint


def test_case_alone_is_a_slip_too():
    assert did_you_mean("STATE", ["state"]) == 'Did you mean "state"?'
    assert did_you_mean("q", ["state"]) == ""


def test_long_names_are_shortened_in_messages():
    assert len(quoted("x" * 500)) == 82
    assert quoted("x" * 80) == f'"{"x" * 80}"'


def test_facts_stand_in_attributes():
    assert errors.NoHomeError(Path("/a")).path == Path("/a")
    assert errors.WhereError("a b", 2, "why").position == 2
