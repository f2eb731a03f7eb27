"""Why a record was found, in a line."""

from app.model.snippets import marked, snippet


def test_what_was_found_is_marked_in_its_surroundings() -> None:
    pieces = snippet({"Name": "Belt", "Note": "A spare drive belt"}, ("drive",), besides="Belt")
    assert pieces == (("Note: ", False), ("A spare ", False), ("drive", True), (" belt", False))
    assert marked("Drill drill", ["drill"]) == (("Drill", True), (" ", False), ("drill", True))
    assert snippet({"Name": "Belt"}, ("other",), besides="Belt") == ()
