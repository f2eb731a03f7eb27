"""What stands in a record for an attachment."""

from __future__ import annotations

import pytest

from storage.blobs.errors import NoAttachmentError
from storage.blobs.layout import MOST_BYTES
from storage.blobs.value import (
    TOKEN_SIGNS,
    Reference,
    name_of,
    read_token,
    reference,
    references_in,
)

ONE = Reference(b"i" * 16, b"k" * 32, 48_213, b"c" * 32, b"t" * 32)


def test_a_value_is_read_back_as_it_was_written() -> None:
    value = ONE.value("../photo.jpg")
    assert set(value) == {"name", "size", "blob"}
    assert (value["name"], value["size"]) == ("photo.jpg", 48_213)
    assert len(value["blob"]) == TOKEN_SIGNS
    assert reference(value) == ONE
    assert name_of(value) == "photo.jpg"


def test_the_key_is_in_no_repr() -> None:
    assert "kkkk" not in repr(ONE)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        7,
        [],
        {},
        {"name": "a", "size": 1},
        {"name": "a", "size": 48_213, "blob": 7},
        {"name": "a", "size": 48_213, "blob": ""},
        {"name": "a", "size": 48_213, "blob": "01"},
        {"name": "a", "size": 48_213, "blob": ONE.token.upper()},
        {"name": "a", "size": 48_213, "blob": "02" + ONE.token[2:]},
        {"name": "a", "size": 48_213, "blob": ONE.token + "\n"},
        {"name": "a", "size": 48_213, "blob": ONE.token[:-1] + "é"},
        {"name": "a", "size": 48_212, "blob": ONE.token},
        {"name": "a", "size": 48_213.0, "blob": ONE.token},
        {"name": "a", "size": True, "blob": ONE.token},
        {"name": 5, "size": 48_213, "blob": ONE.token},
        {"name": "a", "blob": ONE.token},
    ],
)
def test_anything_else_is_no_attachment(value: object) -> None:
    with pytest.raises(NoAttachmentError, match="Nothing was changed"):
        reference(value)


def test_a_size_beyond_the_bound_is_refused_before_anything_is_made_of_it() -> None:
    huge = Reference(ONE.id, ONE.key, MOST_BYTES + 1, ONE.content, ONE.table)
    with pytest.raises(NoAttachmentError):
        read_token(huge.token)


def test_references_are_found_in_whatever_text_holds_them() -> None:
    two = Reference(b"j" * 16, b"k" * 32, 5, b"c" * 32, b"t" * 32)
    text = b'\x83{"a": "' + ONE.token.encode() + b'"}\x00' + two.token.encode() + b"."
    assert list(references_in(text)) == [ONE, two]
    assert not list(references_in(ONE.token.encode() + b"0"))
    assert not list(references_in(b"a" + ONE.token.encode()))


def test_a_name_from_elsewhere_is_made_harmless_when_it_is_shown() -> None:
    assert name_of({"name": "../a\u202eb"}) == "a_b"
    assert name_of({"name": 3}) == name_of(None) == "file"
