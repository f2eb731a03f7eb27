"""How text becomes search terms and sort keys."""

import pytest

from storage.search.words import (
    Searchable,
    asked,
    fold,
    indexed_numbers,
    pieces,
    searchable,
    sort_key,
    words,
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Drill bit 6.5 mm", ["drill", "bit", "6", "5", "mm"]),
        ("Éclair CAFÉ", ["eclair", "cafe"]),
        ("Straße", ["strasse"]),
        ("ＦＵＬＬ", ["full"]),
        ("Ärzte-Team", ["arzte", "team"]),
        ("検査キット", ["検査", "査キ", "キッ", "ット", "ト"]),
        ("東京 2026年", ["東京", "京", "2026", "年"]),
        ("हिन्दी शब्द", ["हिन्दी", "शब्द"]),
        ("a\ud800b", ["a", "b"]),
        ("", []),
    ],
)
def test_texts_become_terms(text: str, terms: list[str]) -> None:
    assert words(text) == terms


def test_a_query_of_signs_without_spaces_asks_for_its_pairs_only() -> None:
    assert asked("査キット") == ["査キ", "キッ", "ット"]
    assert asked("検") == ["検"]
    assert pieces("査キット x") == ["査キット", "x"]


def test_texts_are_found_at_any_depth_in_order() -> None:
    document = {"a": "1", "b": [{"c": "2"}, 7, "3"], "d": {"e": ["4", -8]}, "f": [True, None]}
    assert searchable(document) == Searchable(["1", "2", "3", "4"], ["7", "8"])
    assert searchable(document).indexed() == ("1 2 3 4", ["1", "2", "3", "4"])
    assert sorted(indexed_numbers(document).split()) == ["7", "8"]


@pytest.mark.parametrize(
    ("number", "found"),
    [(0, ["0"]), (-12, ["12"]), (3.0, ["3"]), (2.5, []), (10**59, ["1" + "0" * 59]), (10**60, []), (1e300, [])],
)  # fmt: skip
def test_whole_numbers_are_their_digits_and_fractions_are_no_words(
    number: float, found: list[str]
) -> None:
    assert searchable({"n": number}).numbers == found


def test_sort_keys_ignore_case_and_accents_and_leave_numbers_alone() -> None:
    assert sort_key("Éa") == sort_key("ea")
    assert sort_key(5) == 5
    assert sort_key(None) is None
    assert len(sort_key("x" * 500)) == 64


def test_folding_is_stable() -> None:
    for text in ("Éclair", "ＡＢ", "ΑΩ", "İ", "ﬁ"):
        assert fold(fold(text)) == fold(text)
