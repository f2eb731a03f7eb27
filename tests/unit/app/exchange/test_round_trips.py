"""What is exported and imported again is what it was, whatever people write into their records."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.exchange.run import export, import_file
from app.workspace import Workspace
from storage import RecordIds, Store

# Half a surrogate pair beside its other half would be one letter in JSON: only high ones are drawn.
SIGNS = st.one_of(
    st.characters(exclude_categories=["Cs"]),
    st.sampled_from("=+-@\t\r\n'\"\\,;|\0\x1f^~ \ud83d\ufeff\u2028\x85é漢🙂"),
)
TEXTS = st.one_of(
    st.text(SIGNS, max_size=12),
    st.sampled_from(
        ["'=1", "''+x", "007", "1e5", "1,5", "1.50", "2021-02-31", "true", "No", "sep=;"]
    ),
)
NUMBERS = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
)
BIG = st.integers(-(10**300), 10**300)
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), BIG, st.floats(allow_nan=False, allow_infinity=False), TEXTS
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(SIGNS, max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@contextmanager
def workspaces(number: int) -> Iterator[list[Workspace]]:
    clock_of = lambda seconds: lambda: float(next(seconds))  # noqa: E731
    made = []
    for _ in range(number):
        clock = clock_of(count(1_800_000_000))
        made.append(
            Workspace(Store(ids=RecordIds(clock=clock), clock=clock), name="Workshop", id="w")
        )
    try:
        yield made
    finally:
        for each in made:
            each.close()


def contents(workspace: Workspace, slug: str) -> list[tuple[int, str]]:
    """Ids and values, told apart as exactly as their text tells them (1, 1.0 and true differ)."""
    return [(each.doc_id, json.dumps(each, sort_keys=True)) for each in workspace.table(slug)]


@given(st.lists(st.dictionaries(TEXTS, VALUES, max_size=4), max_size=6))
def test_json_gives_equal_records_with_the_same_ids(documents: list[dict[str, Any]]) -> None:
    with workspaces(2) as (here, there), tempfile.TemporaryDirectory() as folder:
        here.create_collection("things", [("name", "text"), ("count", "number"), ("tags", "tags")])
        here.add("things", documents)
        path = Path(folder) / "all.json"
        export(here, path)
        report = import_file(there, path)
        assert contents(there, "things") == contents(here, "things")
        assert there.collections() == here.collections()
        assert report.collections[0].created == len(documents)
        (again,) = import_file(there, path).collections
        assert (again.created, again.updated, again.unchanged) == (0, 0, len(documents))


FIELDS = [
    ("text", "text"),
    ("other", "longtext"),
    ("number", "number"),
    ("day", "date"),
    ("done", "checkbox"),
    ("tags", "tags"),
]
ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "text": TEXTS.filter(bool),
            "other": TEXTS.filter(bool),
            "number": NUMBERS,
            "day": st.dates().map(lambda day: day.isoformat()),
            "done": st.booleans(),
            "tags": st.lists(
                st.text('ab ,;["é', min_size=1, max_size=4).map(str.strip).filter(bool),
                min_size=1,
                max_size=3,
                unique=True,
            ),
        },
    ).filter(bool),
    min_size=1,
    max_size=8,
)


@given(ROWS)
def test_csv_gives_equal_values_to_a_collection_with_the_same_fields(
    rows: list[dict[str, Any]],
) -> None:
    with workspaces(2) as (here, there), tempfile.TemporaryDirectory() as folder:
        for each in (here, there):
            each.create_collection("things", FIELDS)
        here.add("things", rows)
        path = Path(folder) / "things.csv"
        export(here, path)
        import_file(there, path, header=True)
        values = [text for _, text in contents(here, "things")]
        assert [text for _, text in contents(there, "things")] == values
        (again,) = import_file(here, path, header=True).collections
        assert (again.created, again.updated, again.unchanged) == (0, 0, len(rows))


@given(ROWS)
def test_csv_imported_twice_changes_nothing(rows: list[dict[str, Any]]) -> None:
    with workspaces(2) as (here, there), tempfile.TemporaryDirectory() as folder:
        here.create_collection("things", FIELDS)
        here.add("things", rows)
        path = Path(folder) / "things.csv"
        export(here, path)
        first = import_file(there, path)
        before = contents(there, first.collections[0].name)
        (again,) = import_file(there, path).collections
        assert (again.created, again.updated) == (0, 0)
        assert contents(there, again.name) == before
