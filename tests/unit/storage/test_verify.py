"""`verify`: says nothing about a sound store, and names each thing that is not as it must be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tinydb.table import Document

from storage import Store, StoreClosedError
from storage.log import pages_in_log
from tests.support.stores import OURS, TEST_KEY, StorePlace


@pytest.fixture(params=OURS, ids=str)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A store of each of our kinds with a bit of everything in it."""
    place = StorePlace(request.param, tmp_path / "store.db")
    opened: Any = place.open()
    parts = opened.table("parts")
    parts.insert_multiple(
        {"n": n, "name": f"hex bolt {n}", "who": {"tags": ["steel", n]}} for n in range(50)
    )
    parts.update({"name": "carriage bolt"}, doc_ids=[3, 4])
    parts.remove(doc_ids=[10])
    parts.trash([11, 12])
    parts.index("n")
    opened.table("odd").insert_multiple(
        [Document({"n": 10**40, "text": "\ud800"}, 30), Document({}, 10), {"n": None}]
    )
    opened.table("gone").insert({"n": 1})
    opened.drop_table("gone")
    opened.info["name"] = "stock"
    yield opened
    place.close()


def test_a_sound_store_has_no_problems_and_all_of_it_was_checked(store: Store) -> None:
    report = store.verify()

    assert report.ok
    assert report.problems == ()
    assert report.checked["records"] == 47 + 3
    hidden = 2 if report.digest else 0  # nothing is ever gone where writes are changes
    assert report.checked["trashed"] == 2 + hidden
    assert report.checked["search_words"] > 100
    assert report.checked["pages"] > 10


@pytest.mark.parametrize(
    ("sql", "kind", "where"),
    [
        ("UPDATE collection SET n = n + 1 WHERE name = 'parts'", "wrong_count", "parts"),
        ("UPDATE collection SET last = 5 WHERE name = 'parts'", "wrong_counter", "parts"),
        ("UPDATE r_2 SET doc = '{\"n\": ' WHERE id = 30", "unreadable_record", "odd/30"),
        ("UPDATE r_2 SET doc = '[1]' WHERE id = 30", "unreadable_record", "odd/30"),
        ("UPDATE r_1 SET doc = json_set(doc, '$.name', 'lag screw') WHERE id = 7", "wrong_search_index", "parts/7"),
        ("DELETE FROM f_1 WHERE rowid = 7", "wrong_search_index", "parts/7"),
        ("INSERT INTO f_1(rowid, words) VALUES (999, 'phantom')", "wrong_search_index", "parts/999"),
        ("DELETE FROM d_1 WHERE rowid = 7", "wrong_search_index", "parts/7"),
        ("INSERT INTO d_1(rowid, numbers) VALUES (999, '31')", "wrong_search_index", "parts/999"),
        ("DELETE FROM path WHERE cid = 1", "unknown_field_kind", "parts/1"),
        ("UPDATE r_1 SET pos = 4 WHERE id = 7", "wrong_position", "parts/7"),
        ("UPDATE trash SET cid = 99", "stray_trash", "trash/11"),
        ("UPDATE trash SET doc = '{' WHERE id = 12", "unreadable_record", "trash/12"),
        ("INSERT INTO loss(noticed, announced, found) VALUES (0, 9, 7)", "lost_commits", "log"),
        ("UPDATE field_index SET number = 9", "wrong_field_index", "parts"),
        ("DROP INDEX x_1_1", "wrong_field_index", "parts"),
        ("DELETE FROM field_index", "wrong_field_index", "parts"),
        ("UPDATE v_1 SET ix_1 = 8 WHERE id = 7", "wrong_field_index", "parts/7"),
        ("DELETE FROM v_1 WHERE id = 7", "wrong_field_index", "parts/7"),
        ("INSERT INTO v_1 VALUES (999, 8)", "wrong_field_index", "parts/999"),
        ("UPDATE r_1 SET doc = json_set(doc, '$.n', 1000) WHERE id = 7", "wrong_field_index", "parts/7"),
    ],
)  # fmt: skip
def test_each_thing_that_is_not_as_it_must_be_is_named(
    store: Store, sql: str, kind: str, where: str
) -> None:
    store._engine.db.writer.execute(sql)

    problems = store.verify().problems

    assert (kind, where) in {(problem.kind, problem.where) for problem in problems}
    assert all(problem.detail for problem in problems)
    assert not store.verify().ok


def test_a_damaged_collection_does_not_hide_the_others(store: Store) -> None:
    store._engine.db.writer.execute("UPDATE collection SET n = 9 WHERE name = 'odd'")
    store._engine.db.writer.execute("DROP TABLE r_1")

    problems = store.verify().problems

    assert {("damaged_structure", "parts"), ("wrong_count", "odd")} <= {
        (p.kind, p.where) for p in problems
    }


def test_it_can_be_watched_and_stopped(store: Store) -> None:
    store.table("many").insert_multiple({"n": n} for n in range(3000))
    seen: list[tuple[str, int]] = []

    whole = store.verify(progress=lambda what, count: seen.append((what, count)))
    cut = store.verify(cancel=lambda: True)

    assert whole.ok
    assert ("records", 3000) in seen
    assert cut.cancelled
    assert not cut.ok
    assert cut.checked["records"] < 3000


def test_it_writes_nothing(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", key=TEST_KEY) as store:
        store.insert_multiple({"n": n, "name": f"bolt {n}"} for n in range(50))
    with Store(tmp_path / "store.db", key=TEST_KEY, read_only=True) as store:
        before = (tmp_path / "store.db").read_bytes()
        assert store.verify().ok
        assert (tmp_path / "store.db").read_bytes() == before


def test_a_checkpoint_cut_short_is_no_damage(tmp_path: Path) -> None:
    """Pages that a checkpoint had begun to write are garbage in the file, and whole in the log."""
    path = tmp_path / "store.db"
    with Store(path, key=TEST_KEY) as store:
        store.insert_multiple({"n": n, "name": f"bolt {n}"} for n in range(200))
        checkpoint = store._engine.db.writer.execute
        checkpoint("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        store.update({"n": -1})
        copies = {
            name: path.with_name(path.name + name).read_bytes() for name in ("", "-wal", "-mark")
        }
    cut = tmp_path / "cut.db"
    for name, data in copies.items():
        cut.with_name(cut.name + name).write_bytes(data)
    image = bytearray(copies[""])
    for page in pages_in_log(cut):
        image[(page - 1) * 4096 : page * 4096] = bytes(4096)
    cut.write_bytes(image)

    with Store(cut, key=TEST_KEY) as store:
        assert store.verify().problems == ()
    with Store(cut, key=TEST_KEY) as store:  # closing folded the log into the file
        assert store.verify().problems == ()
        assert {document["n"] for document in store} == {-1}


def test_a_closed_store_is_not_called_damaged(store: Store) -> None:
    store.close()

    with pytest.raises(StoreClosedError):
        store.verify()


def test_problems_are_told_up_to_a_limit(store: Store) -> None:
    store.table("many").insert_multiple({"name": f"bolt {n}"} for n in range(400))
    store._engine.db.writer.execute("UPDATE r_2 SET doc = '{' WHERE 1")
    cid = store._engine.db.writer.execute(
        "SELECT cid FROM collection WHERE name = 'many'"
    ).fetchone()[0]
    store._engine.db.writer.execute(f"UPDATE r_{cid} SET doc = '{{'")

    assert len(store.verify().problems) == 200


def test_a_word_without_end_is_no_problem(store: Store) -> None:
    store.insert_multiple([{"hex": "f" * 40_000}, {"हिन्दी": "\u0915" * 40_000}])

    assert store.verify().problems == ()


def test_unreadable_records_are_told_without_sending_one_to_check_them(store: Store) -> None:
    with store._engine.writing() as connection:
        connection.execute("UPDATE r_2 SET doc = '{\"n\": ' WHERE id = 30")
        connection.execute("UPDATE r_2 SET doc = ? WHERE id = 10", ('{"a":' * 5000,))
        connection.execute("UPDATE trash SET doc = '{' WHERE id = 11")
    report = store.verify()
    found = {each.where for each in report.problems if each.kind == "unreadable_record"}
    assert found == {"odd/30", "odd/10", "trash/11"}
    assert not [each for each in report.problems if "commonhold" in each.detail]
