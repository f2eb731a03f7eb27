"""Real files in and out of a real, encrypted home: twice without a change, and back equal."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from app.exchange.run import export, import_file
from app.home import Home
from app.workspace import Workspace

# The folder with real data lies beside a checkout where there is one; it is no part of the project.
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FILES = ["zipcodes.csv", "birdstrikes.csv", "seattle-weather.csv", "movies.json"]

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the folder with real data is not here")


@pytest.fixture
def new_home(tmp_path: Path) -> Callable[[], Any]:
    """Set up homes, each with an open workspace while a test needs it."""
    numbers = count(1)

    @contextmanager
    def make() -> Iterator[Workspace]:
        path = tmp_path / f"home-{next(numbers)}"
        home = Home.create(path, member="Ann", device="Laptop", clock=time.time, unprotected=True)
        with home.workspace() as workspace:
            yield workspace

    return make


def contents(workspace: Workspace, slug: str) -> list[tuple[int, str]]:
    return [(each.doc_id, json.dumps(each)) for each in workspace.table(slug)]


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_twice_then_out_and_into_an_empty_home(
    new_home: Callable[[], Any], tmp_path: Path, name: str
) -> None:
    with new_home() as here, new_home() as there:
        first = import_file(here, DATA / name)
        (made,) = first.collections
        assert first.warnings == ()
        assert (made.created, made.skipped) == (rows_of(DATA / name), 0)
        before = contents(here, made.name)
        (again,) = import_file(here, DATA / name).collections
        assert (again.created, again.updated, again.unchanged) == (0, 0, made.created)
        assert contents(here, made.name) == before

        export(here, tmp_path / "all.json")
        (moved,) = import_file(there, tmp_path / "all.json").collections
        assert moved.created == made.created
        assert contents(there, made.name) == before
        assert there.collections() == here.collections()
        (again,) = import_file(there, tmp_path / "all.json").collections
        assert (again.created, again.updated, again.unchanged) == (0, 0, made.created)


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_by_csv_into_an_empty_home_has_equal_values(
    new_home: Callable[[], Any], tmp_path: Path, name: str
) -> None:
    with new_home() as here, new_home() as there:
        (made,) = import_file(here, DATA / name).collections
        out = tmp_path / f"{made.name}.csv"
        export(here, out)
        import_file(there, out)
        values = [
            {k: v for k, v in each.items() if v is not None} for each in here.table(made.name)
        ]
        assert [dict(each) for each in there.table(made.name)] == values
        assert [f.kind for f in there.collection(made.name).fields] == [
            f.kind for f in here.collection(made.name).fields
        ]


def rows_of(path: Path) -> int:
    """How many records a file has, by the standard library."""
    if path.suffix == ".json":
        return len(json.loads(path.read_text("utf-8")))
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def test_codes_stay_codes_and_none_stays_a_word(new_home: Callable[[], Any]) -> None:
    with new_home() as workspace:
        import_file(workspace, DATA / "zipcodes.csv")
        import_file(workspace, DATA / "birdstrikes.csv")
        kinds = {each.slug: each.kind for each in workspace.collection("zipcodes").fields}
        assert kinds == {
            "zip_code": "text", "latitude": "number", "longitude": "number", "city": "text", "state": "text",
            "county": "text",
        }  # fmt: skip
        first = next(iter(workspace.table("zipcodes")))
        assert first["zip_code"] == "00501"
        damage = {each["Effect Amount of damage"] for each in workspace.table("birdstrikes")}
        assert "None" in damage


def test_every_value_of_the_movies_is_there_as_it_was(new_home: Callable[[], Any]) -> None:
    with new_home() as workspace:
        import_file(workspace, DATA / "movies.json")
        assert workspace.collection("movies").field("Release Date").kind == "date"
        movies = json.loads((DATA / "movies.json").read_text("utf-8"))
        for found, movie in zip(workspace.table("movies"), movies, strict=True):
            day = time.strptime(movie.pop("Release Date"), "%b %d %Y")
            assert found.pop("Release Date") == time.strftime("%Y-%m-%d", day)
            title = movie.pop("Title")
            assert found.pop("Title") == (None if title is None else str(title))
            assert dict(found) == movie
