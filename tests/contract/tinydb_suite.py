"""TinyDB's own test suite, run on a Store as a stranger would do it: other names put in by text, nothing else changed.

    COMMONHOLD_TINYDB_TESTS=<the folder tests/ of tinydb's source> python -m tests.contract.tinydb_suite

The suite is not part of this project; without that folder there is nothing to run.
"""

import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "COMMONHOLD_TINYDB_TESTS"

# Whole modules that are about TinyDB's own storages and middlewares.
EXCLUDED_MODULES = {
    "test_storages.py": "JSONStorage and MemoryStorage themselves",
    "test_middlewares.py": "CachingMiddleware",
}
# Single tests, each with what it is about.
EXCLUDED_TESTS = {
    "test_tinydb.py::test_storage_closed_once": "a storage class of the test's own",
    "test_tinydb.py::test_empty_write": "a middleware around JSONStorage",
    "test_tinydb.py::test_access_storage": "that db.storage is MemoryStorage or CachingMiddleware",
    "test_tinydb.py::test_storage_access": "that db.storage is MemoryStorage",
    "test_tables.py::test_table_repr": "that a table's repr shows a JSONStorage or MemoryStorage",
}

CONFTEST = """
import pytest
from storage import Store
from tests.support.stores import OURS


@pytest.fixture(params=OURS, ids=str)
def db(request, tmp_path):
    places, names = request.param.arguments(tmp_path / "test.db")
    store = Store(*places, **names)
    store.drop_tables()
    store.insert_multiple({"int": 1, "char": c} for c in "abc")
    yield store
    store.close()
"""

IN_MEMORY = re.compile(r"TinyDB\(storage=MemoryStorage\)")
ON_PATH = re.compile(r"TinyDB\((path|str\(tmpdir\.join\([^()]*\)\))(?:, ensure_ascii=False)?\)")


@dataclass(frozen=True)
class SuiteResult:
    """How a run ended: tests that passed, and those that did not with the first line of why."""

    passed: tuple[str, ...]
    failed: dict[str, str]


def on_a_store(source: str, *, changes: bool = False) -> str:
    """A test module of TinyDB's with Store in the place of TinyDB where one is opened; with `changes` a workspace's."""
    head, identity = "from storage import Store\n", ""
    if changes:
        head += "from tests.support.founders import founder\n"
        identity = "identity=founder()"
    on_path = f"Store(\\1, {identity})" if changes else r"Store(\1)"
    return head + ON_PATH.sub(on_path, IN_MEMORY.sub(f"Store({identity})", source))


def run_suite(tests: Path, *, changes: bool = False) -> SuiteResult:
    """Run every module of TinyDB's suite that is not excluded."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        for module in sorted(tests.glob("test_*.py")):
            if module.name not in EXCLUDED_MODULES:
                text = on_a_store(module.read_text(encoding="utf-8"), changes=changes)
                (folder / module.name).write_text(text, encoding="utf-8")
        return _run(folder)


def _run(folder: Path) -> SuiteResult:
    report = folder / "report.xml"
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        *("-c", os.devnull, "--rootdir", str(folder), f"--junit-xml={report}", str(folder)),
        *(f"--deselect={folder.name}/{name}" for name in EXCLUDED_TESTS),
        *(f"--deselect={name}" for name in EXCLUDED_TESTS),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if not report.exists():
        raise RuntimeError(f"TinyDB's suite did not run: {done.stdout}{done.stderr}")
    return _read(report)


def _read(report: Path) -> SuiteResult:
    passed: list[str] = []
    failed: dict[str, str] = {}
    for case in ET.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname')}.py::{case.get('name')}"
        trouble = [child for child in case if child.tag in {"failure", "error"}]
        if trouble:
            failed[name] = (trouble[0].get("message") or trouble[0].text or "").splitlines()[0]
        else:
            passed.append(name)
    return SuiteResult(tuple(passed), failed)


def missing_exclusions(tests: Path) -> Iterator[str]:
    """Names that are excluded and that the suite no longer has."""
    for module in EXCLUDED_MODULES:
        if not (tests / module).exists():
            yield module
    for name in EXCLUDED_TESTS:
        module, _, test = name.partition("::")
        if f"def {test}(" not in (tests / module).read_text(encoding="utf-8"):
            yield name


def main() -> int:
    """Run it and tell what failed."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        raise SystemExit(f"{VARIABLE} names no folder: it is tests/ of tinydb's source")
    excluded = {**EXCLUDED_MODULES, **EXCLUDED_TESTS}
    lines = [f"not run: {name}: about {why}" for name, why in excluded.items()]
    failed = 0
    for changes in (False, True):
        result = run_suite(Path(folder), changes=changes)
        failed += len(result.failed)
        lines += [f"failed: {name}: {why}" for name, why in result.failed.items()]
        kind = "where writes are changes" if changes else "plain"
        lines.append(f"{kind}: {len(result.passed)} passed, {len(result.failed)} failed")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
