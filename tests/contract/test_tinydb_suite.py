"""TinyDB's own test suite holds on a store in memory and on a file."""

import os
from pathlib import Path

import pytest

from tests.contract.tinydb_suite import VARIABLE, missing_exclusions, on_a_store, run_suite


def test_a_module_of_tinydbs_is_turned_to_a_store_by_names_alone() -> None:
    source = "db = TinyDB(storage=MemoryStorage)\nwith TinyDB(path) as db: pass\nTinyDB(path, ensure_ascii=False)\n"
    expected = (
        "from storage import Store\ndb = Store()\nwith Store(path) as db: pass\nStore(path)\n"
    )
    assert on_a_store(source) == expected
    assert on_a_store("TinyDB(str(tmpdir.join('test.db')))").endswith(
        "Store(str(tmpdir.join('test.db')))"
    )
    untouched = "TinyDB(path, storage=Middleware(JSONStorage))"
    assert on_a_store(untouched).endswith(untouched)
    signed = on_a_store("TinyDB(storage=MemoryStorage), TinyDB(path)", changes=True)
    assert signed.endswith("Store(identity=founder()), Store(path, identity=founder())")


@pytest.fixture(scope="module")
def suite() -> Path:
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"TinyDB's tests are not here; {VARIABLE} names their folder")
    return Path(folder)


@pytest.mark.full
@pytest.mark.timeout(660)
@pytest.mark.parametrize("changes", [False, True])
def test_tinydbs_own_suite_passes_on_a_store(suite: Path, changes: bool) -> None:
    result = run_suite(suite, changes=changes)
    assert result.failed == {}
    assert len(result.passed) > 150


@pytest.mark.full
def test_what_is_excluded_from_tinydbs_suite_is_in_it(suite: Path) -> None:
    assert list(missing_exclusions(suite)) == []
