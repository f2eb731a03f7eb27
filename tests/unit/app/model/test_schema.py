"""Collections and fields: their names, their order, and what names a record."""

from __future__ import annotations

import unicodedata

import pytest

from app.errors import BadNameError, FieldValueError, KindError, NoSuchFieldError
from app.model.schema import Field, assemble, check_fields, check_name, check_options


def collection(*fields, **more):
    records = [{"slug": "c", "title": "C"} | more]
    made = [{"collection": "c", "slug": name, "kind": kind} for name, kind in fields]
    return assemble(records, made, {"c": 3})[0]


def test_a_name_is_kept_in_one_form():
    assert check_name(unicodedata.normalize("NFD", "Käse")) == unicodedata.normalize("NFC", "Käse")


@pytest.mark.parametrize("name", ["", "  ", "a\x00b", "a\nb", "\ud800", "x" * 201])
def test_what_cannot_be_a_name_is_refused(name):
    with pytest.raises(BadNameError):
        check_name(name)


def test_the_programs_own_names_are_kept_free():
    with pytest.raises(BadNameError, match="kept for the program"):
        check_name("_fields", collection=True)
    assert check_name("_id") == "_id"


def test_two_fields_cannot_have_one_name():
    with pytest.raises(BadNameError, match="two fields"):
        check_fields([("a", "text"), ("a", "number")])


def test_options_that_make_no_sense_are_refused():
    for kind, options in (
        ("choice", {"choices": "abc"}),
        ("choice", {"choices": [1]}),
        ("rating", {"max": 0}),
    ):
        with pytest.raises(KindError):
            check_options(kind, options)
    assert check_options("choice", {"choices": ["a", "a"]}) == {"choices": ["a"]}


def test_the_record_with_the_smaller_id_tells_when_two_name_one_thing():
    first, second = {"slug": "c", "title": "First"}, {"slug": "c", "title": "Second"}
    fields = [
        {"collection": "c", "slug": "a", "kind": "number"},
        {"collection": "c", "slug": "a", "kind": "text"},
    ]
    (found,) = assemble([first, second], fields, {})
    assert found.title == "First"
    assert [each.kind for each in found.fields] == ["number"]


def test_what_another_version_left_is_shown_and_not_dropped():
    (found,) = assemble(
        [{"slug": "c"}, {"no": "slug"}],
        [
            {"collection": "c", "slug": "a", "kind": "hologram", "options": 5, "position": "x"},
            {"slug": "b"},
        ],
        {},
    )
    (field,) = found.fields
    assert (field.kind, dict(field.options), field.position) == ("hologram", {}, 0)
    assert field.show({"x": 1}) == '{"x": 1}'


def test_a_record_is_named_by_its_first_text_field():
    zips = collection(("zip", "number"), ("city", "text"), ("note", "text"))
    assert zips.title_field == "city"
    assert zips.title_of({"zip": 1, "city": "Bern", "note": "x"}) == "Bern"


def test_a_record_without_that_is_named_by_its_first_value():
    zips = collection(("zip", "number"), ("city", "text"))
    assert zips.title_of({"zip": 8001, "city": " "}) == "8001"
    assert zips.title_of({"beyond": "the fields"}) == "the fields"
    assert zips.title_of({}) == ""


def test_an_unknown_field_is_named_with_its_collection():
    with pytest.raises(NoSuchFieldError, match='"cty" in "c"'):
        collection(("city", "text")).field("cty")


def test_an_error_of_a_field_names_it():
    field = Field("due", "Due", "date")
    for refuse in (lambda: field.parse("2026-02-31"), lambda: field.accept(5)):
        with pytest.raises(FieldValueError) as refused:
            refuse()
        assert refused.value.field == "due"
