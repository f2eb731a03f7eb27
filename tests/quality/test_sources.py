"""What every file of the project keeps to, whatever it is about."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.project import ROOT, text_of, tracked_files

# The only hosts that a file may name: the licence's own, those reserved for examples, and this machine.
HOSTS = re.compile(
    r"(www\.)?apache\.org|([\w-]+\.)*(example(\.\w+)?|test|invalid)|localhost|127(\.\d+){3}|\[::1\]"
)
ADDRESS = re.compile(
    r"\b(?:https?|ftp|git|ssh)://(?:[^\s/@\"'`]*@)?(\[[^\]\s]*\]|[^\s/:?#\"'`)>\]}]+)"
)
INDEX_OPTION = re.compile(r"--(extra-)?index-url|--find-links|--trusted-host|\bindex[-_]url")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|farm)/\w")
LIMITS = {".py": 500, ".kv": 150}

TEXTS = {path: text for path in tracked_files() if (text := text_of(path)) is not None}
PYTHON = {path: text for path, text in TEXTS.items() if path.suffix == ".py"}


def found(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern stands in the project, this file apart."""
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in TEXTS.items()
        if path != Path(__file__).relative_to(ROOT)
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_names_a_host_that_is_not_for_examples():
    foreign = [
        f"{path}: {host}"
        for path, text in TEXTS.items()
        for host in ADDRESS.findall(text)
        if not HOSTS.fullmatch(host.rstrip(".,;"))
        and not host.startswith(("{", "$", "%", "<", "…", "..."))
    ]

    assert foreign == []


def test_no_file_tells_a_package_client_where_to_look():
    assert found(INDEX_OPTION) == []


def test_no_file_holds_a_path_of_the_machine_it_was_written_on():
    assert found(MACHINE_PATH) == []
    assert found(re.compile(re.escape(str(ROOT)) + r"\b")) == []


@pytest.mark.parametrize("path", PYTHON, ids=str)
def test_every_module_says_what_it_owns(path):
    assert ast.get_docstring(ast.parse(PYTHON[path])), "no docstring"


def test_no_module_and_no_look_is_longer_than_its_limit():
    long = {
        str(path): len(text.splitlines()) for path, text in TEXTS.items() if path.suffix in LIMITS
    }

    assert {name: lines for name, lines in long.items() if lines > LIMITS[Path(name).suffix]} == {}


def test_what_is_left_to_do_carries_the_number_of_its_issue():
    assert found(re.compile(r"\b(TODO|FIXME|XXX)\b(?! #\d)")) == []


def test_no_test_is_skipped_or_expected_to_fail_without_a_reason():
    bare = re.compile(r"pytest\.mark\.(skip|xfail)\b(?!if)(?!\([^)]*reason=)|pytest\.skip\(\)")

    assert found(bare) == []
