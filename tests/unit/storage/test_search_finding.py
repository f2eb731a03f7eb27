"""What full-text search finds, and in which order."""

from typing import Any

import pytest

from storage import Store


def _store(*documents: dict[str, Any], table: str = "t") -> Store:
    store = Store()
    store.table(table).insert_multiple(documents)
    return store


def _ids(store: Store, text: str, **options: Any) -> list[int]:
    return [hit.doc_id for hit in store.find_text(text, **options).hits]


@pytest.mark.parametrize(
    "typed", ["s", "sp", "spr", "spri", "sprin", "spring", "springf", "springfie", "springfield"]
)
def test_a_word_is_found_from_its_first_letter_on(typed: str) -> None:
    store = _store({"city": "Springfield"}, {"city": "Boston"})
    assert _ids(store, typed) == [1]


def test_the_title_goes_before_other_fields_and_a_whole_word_before_a_beginning() -> None:
    store = _store(
        {"title": "Minutes", "note": "a fisher came"},
        {"title": "Minutes", "note": "no fish today"},
        {"title": "Fisherman", "note": ""},
        {"title": "A fish", "note": ""},
    )
    assert _ids(store, "fish") == [4, 3, 2, 1]


def test_what_was_typed_right_goes_before_what_is_only_near() -> None:
    store = _store(
        {"title": "Lion"}, {"title": "note", "text": "the loon calls"}, {"title": "Loom"}
    )
    assert _ids(store, "loon")[0] == 2


def test_every_word_must_be_there() -> None:
    store = _store(
        {"a": "red apple"}, {"a": "red pear"}, {"a": "green", "b": ["apple", {"c": "red"}]}
    )
    assert sorted(_ids(store, "red apple")) == [1, 3]
    assert sorted(_ids(store, "apple red")) == [1, 3]
    assert _ids(store, "red green pear") == []


@pytest.mark.parametrize("typed", ["APPLE", "Apple", "äpple", "ａｐｐｌｅ"])
def test_case_accents_and_width_do_not_matter(typed: str) -> None:
    assert _ids(_store({"a": "apple"}, {"a": "Zürich"}), typed) == [1]


@pytest.mark.parametrize("typed", ["Zürich", "zurich", "ZÜRI"])
def test_accents_in_the_record_do_not_matter(typed: str) -> None:
    assert _ids(_store({"a": "apple"}, {"a": "Zürich"}), typed) == [2]


@pytest.mark.parametrize("typed", ["helo", "hallo", "hellp", "ehllo", "hhello", "hell", "hello"])
def test_one_typing_error_is_forgiven(typed: str) -> None:
    assert _ids(_store({"a": "hello"}, {"a": "goodbye"}), typed) == [1]


def test_a_typing_error_in_one_of_two_words_is_forgiven() -> None:
    store = _store({"a": "quarterly report"}, {"a": "quarterly meeting"})
    assert _ids(store, "quartrly report") == [1]
    assert _ids(store, "quarterly reprot") == [1]


def test_two_typing_errors_are_not_forgiven() -> None:
    assert _ids(_store({"a": "hello"}), "hxlxo") == []


@pytest.mark.parametrize(
    "typed", ["会議", "東京都", "都の会", "議", "会議室", "東", "ボード", "ぼ"]
)
def test_japanese_is_found_without_spaces(typed: str) -> None:
    store = _store({"a": "東京都の会議室にてホワイトボード"}, {"a": "ぼく"}, {"a": "大阪"})
    assert _ids(store, typed) == ([2] if typed == "ぼ" else [1])


@pytest.mark.parametrize("typed", ["京東", "会室", "都会", "東京府"])
def test_japanese_signs_in_another_order_are_not_found(typed: str) -> None:
    assert _ids(_store({"a": "東京都の会議室"}), typed) == []


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("한국어로 쓴 회의록", "회의"),
        ("การประชุมประจำปี", "ประชุม"),
        ("北京市会议记录", "会议"),
        ("اجتماع سنوي", "اجتماع"),
    ],
    ids=["Korean", "Thai", "Chinese", "Arabic"],
)
def test_other_scripts_are_found(text: str, typed: str) -> None:
    assert _ids(_store({"a": "nothing"}, {"a": text}), typed) == [2]


def test_mixed_scripts_are_found_by_either() -> None:
    store = _store({"a": "Kivy入門 2026年版"})
    assert [_ids(store, typed) for typed in ("kivy", "入門", "2026", "年版", "kivy 入門")] == [
        [1]
    ] * 5


def test_a_code_is_found_from_its_beginning_and_before_its_neighbours() -> None:
    store = _store({"zip": "10501"}, {"zip": "00501", "city": "Holtsville"}, {"zip": "77777"})
    assert _ids(store, "00501") == [2, 1]
    assert _ids(store, "005") == [2]


@pytest.mark.parametrize("typed", ["4081723", "4081", "408", "4", "4081723 drill", "dril 40817"])
def test_a_number_is_found_by_its_digits_as_they_are_typed(typed: str) -> None:
    part = {
        "name": "Drill",
        "part": 4081723,
        "price": "12.50",
        "weight": 2.5,
        "more": [{"n": -77.0}],
    }
    store = _store(part, {"name": "Saw", "part": 5081723})
    assert _ids(store, typed) == [1]
    assert [_ids(store, text) for text in ("12.50", "77", "081723", "4081724")] == [
        [1],
        [1],
        [],
        [],
    ]


def test_what_is_named_so_goes_before_what_only_has_the_number() -> None:
    store = _store({"name": "Pump", "n": 204}, {"name": "204 Pump"}, {"name": "Pump 2", "n": 204})
    assert _ids(store, "204") == [2, 3, 1]


def test_a_number_is_found_after_it_was_changed_removed_and_restored() -> None:
    store = _store({"part": 1001}, {"part": 1002, "name": "Saw"})
    table = store.table("t")
    table.update({"part": 2001}, doc_ids=[1])
    table.update({"part": 2002}, doc_ids=[2])
    assert [_ids(store, text) for text in ("1001", "1002", "2001", "2002")] == [[], [], [1], [2]]
    table.trash([1])
    assert _ids(store, "2001") == []
    table.restore([1])
    table.update({"part": None}, doc_ids=[2])
    assert [_ids(store, text) for text in ("2001", "2002")] == [[1], []]
    table.update({"name": "Axe 7"}, doc_ids=[2])
    assert [_ids(store, text) for text in ("saw", "axe 7", "2001")] == [[], [2], [1]]
    assert store.verify().ok
    table.truncate()
    assert _ids(store, "2001") == []
    assert store.verify().ok


def test_digits_and_words_are_found_together_wherever_the_digits_stand() -> None:
    store = _store(
        {"name": "Sander", "n": 204, "m": 31},
        {"name": "Sander 204", "m": 31},
        {"name": "Sander 204 31"},
        {"name": "Sander", "n": 204, "m": 30},
        {"name": "Drill", "n": [204, {"m": 31}]},
    )
    assert _ids(store, "sander 204 31") == [3, 2, 1]
    assert _ids(store, "31 sandre 20") == [3, 2, 1]
    assert sorted(_ids(store, "204 31")) == [1, 2, 3, 5]
    assert _ids(store, "sander 204 30") == [4]
    assert _ids(store, "sander 1 2 3 4 204 31") == []


def test_what_words_and_numbers_share_is_found_among_many_that_have_one_of_them() -> None:
    store = Store()
    store.table("t").insert_multiple(
        {"name": "Saw" if n % 2 else "Axe", "n": 700 + n % 40, "m": 9_000_000 + n}
        for n in range(12_000)
    )
    assert _ids(store, "saw 9000021") == [22]
    assert _ids(store, "axe 9000021") == []
    assert _ids(store, "saw 9011999") == [12_000]
    assert sorted(_ids(store, "saw 90000", limit=200)) == list(range(2, 102, 2))
    found = store.find_text("axe 702", limit=300)
    assert [hit.doc_id for hit in found.hits] == [n + 1 for n in range(11_962, 0, -40)][:200]
    assert found.total == 300


@pytest.mark.parametrize(("before", "after"), [(True, 1), (1, True), ([True], [1]), (None, 1)])
def test_what_python_calls_equal_is_searched_as_what_it_is(before: Any, after: Any) -> None:
    store = _store({"n": before, "a": "saw"})
    store.table("t").update({"n": after}, doc_ids=[1])
    assert _ids(store, "saw 1") == ([] if after is True else [1])
    assert store.verify().ok


WORDS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"


def test_of_many_words_none_is_ignored() -> None:
    store = _store({"a": WORDS}, {"a": WORDS.replace("one", "uno")}, {"a": WORDS + " six"})
    assert _ids(store, WORDS) == [3, 1]
    assert _ids(store, f"{WORDS} {WORDS} one") == [3, 1]
    assert _ids(store, " ".join(f"word{n}" for n in range(2_000))) == []
    assert store.find_text(WORDS).total == 2


def test_a_typing_error_in_one_of_many_words_is_forgiven() -> None:
    store = _store({"a": WORDS}, {"a": "something else"})
    assert _ids(store, WORDS.replace("thirteen", "thirten")) == [1]
    assert _ids(store, WORDS.replace("fourteen", "fourten").replace("two", "tow")) == []


@pytest.mark.parametrize("typed", ["", " ", "!?", '"', "*", "''", "\0", "\ud800", "-", "()"])
def test_text_without_words_finds_nothing(typed: str) -> None:
    found = _store({"a": "hello"}).find_text(typed)
    assert (found.hits, found.total, found.more) == ((), 0, False)


@pytest.mark.parametrize(
    "typed",
    ['"hello"', "hello*", "hello AND", "NOT hello", "a:hello", "hello OR (", "^hello", "hello\0"],
)
def test_signs_of_the_index_language_mean_nothing(typed: str) -> None:
    store = _store({"a": "hello and not or a"})
    assert _ids(store, typed) == [1]


def test_a_change_is_found_at_once_and_the_old_text_no_more() -> None:
    store = _store({"a": "walnut"}, {"a": "cherry"})
    table = store.table("t")
    table.update({"a": "almond"}, doc_ids=[1])
    table.remove(doc_ids=[2])
    assert _ids(store, "almond") == [1]
    assert _ids(store, "walnut") == []
    assert _ids(store, "cherry") == []
    table.trash([1])
    assert _ids(store, "almond") == []
    table.restore([1])
    assert _ids(store, "almond") == [1]
    table.truncate()
    assert _ids(store, "almond") == []


def test_an_abandoned_transaction_leaves_nothing_to_find() -> None:
    store = _store({"a": "walnut"})

    def abandoned() -> None:
        with store.transaction():
            store.table("t").insert({"a": "almond"})
            store.table("t").update({"a": "cherry"}, doc_ids=[1])
            assert _ids(store, "almond") == [2]
            raise LookupError("abandoned")

    with pytest.raises(LookupError, match="abandoned"):
        abandoned()
    assert _ids(store, "almond") == []
    assert _ids(store, "cherry") == []
    assert _ids(store, "walnut") == [1]


def test_tables_are_searched_together_or_one_by_one() -> None:
    store = _store({"a": "walnut"}, table="one")
    store.table("two").insert({"a": "walnut"})
    assert {hit.table for hit in store.find_text("walnut").hits} == {"one", "two"}
    assert [hit.table for hit in store.find_text("walnut", tables=["two"]).hits] == ["two"]
    assert store.find_text("walnut", tables=["none"]).hits == ()


def test_pages_of_hits_follow_each_other_without_gaps() -> None:
    store = _store(*({"a": f"walnut {n}"} for n in range(30)))
    whole = _ids(store, "walnut", limit=30)
    pages = [_ids(store, "walnut", limit=10, offset=offset) for offset in (0, 10, 20)]
    assert [doc_id for page in pages for doc_id in page] == whole
    assert sorted(whole) == list(range(1, 31))
    assert store.find_text("walnut", limit=10).more
    assert not store.find_text("walnut", limit=10, offset=20).more


def test_a_hit_carries_its_document_and_the_words_to_mark() -> None:
    (hit,) = _store({"a": "Hello there", "n": 1}).find_text("helo").hits
    assert hit.document == {"a": "Hello there", "n": 1}
    assert hit.document.doc_id == hit.doc_id == 1
    assert hit.words == ("hello",)
