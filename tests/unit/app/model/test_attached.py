"""Values of fields for files."""

from __future__ import annotations

import json

import pytest

from app.errors import FieldValueError
from app.model.attached import joined
from app.model.fields import accept, parse, show
from storage.blobs.value import Reference

ONE = Reference(b"i" * 16, b"k" * 32, 48_213, b"c" * 32, b"t" * 32).value("photo.jpg")
TWO = Reference(b"j" * 16, b"k" * 32, 0, b"c" * 32, b"t" * 32).value("empty")
SEVERAL = {"several": True}


def test_a_field_holds_one_file_or_several() -> None:
    assert accept("attachment", ONE) == ONE
    assert accept("image", [ONE, TWO], SEVERAL) == [ONE, TWO]
    assert accept("attachment", ONE, SEVERAL) == [ONE]
    with pytest.raises(FieldValueError, match="holds one file"):
        accept("attachment", [ONE])


@pytest.mark.parametrize("value", [7, {}, {"name": "a"}, [ONE, 7], True])
def test_what_is_no_attachment_is_refused(value: object) -> None:
    with pytest.raises(FieldValueError, match="no attachment"):
        accept("attachment", value, SEVERAL)


def test_nobody_types_a_file() -> None:
    with pytest.raises(FieldValueError, match="record attach"):
        parse("attachment", "photo.jpg")
    with pytest.raises(FieldValueError, match="JSON"):
        parse("attachment", "{photo}")
    assert parse("attachment", json.dumps(ONE)) == ONE


def test_one_more_takes_the_place_of_the_other_or_stands_behind_it() -> None:
    assert joined(ONE, TWO, {}) == TWO
    assert joined(None, ONE, SEVERAL) == [ONE]
    assert joined([ONE], TWO, SEVERAL) == [ONE, TWO]
    assert joined(ONE, TWO, SEVERAL) == [ONE, TWO]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (ONE, "photo.jpg (48.2 kB)"),
        ([ONE, TWO], "photo.jpg (48.2 kB), empty (0 B)"),
        ({"name": "../a\u202eb", "size": 999}, "a_b (999 B)"),
        ({"name": "a", "size": 999_960}, "a (1.0 MB)"),
        ({"name": "a", "size": 68_719_476_736}, "a (68.7 GB)"),
        ({"name": "a", "size": -1}, "a (?)"),
        ("odd", "file (?)"),
        ([], ""),
    ],
)
def test_files_are_shown_by_name_and_size(value: object, shown: str) -> None:
    assert show("attachment", value) == shown
