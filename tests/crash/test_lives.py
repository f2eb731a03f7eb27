"""A new life of a copied store, begun under kills: no acknowledged work is lost, and at most one feed is begun."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.crash.actor import environment
from tests.crash.lives import LATER, RECORDS
from tests.support.project import ROOT

pytestmark = pytest.mark.skipif(not hasattr(sys, "abiflags"), reason="the writer is forked")


@pytest.fixture(scope="module")
def deaths(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What every death left behind."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tests.crash.lives", str(tmp_path_factory.mktemp("lives"))],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_the_writer_died_before_and_after_each_acknowledgement(
    deaths: list[dict[str, Any]],
) -> None:
    counts = {len(death["acknowledged"]) for death in deaths}
    assert counts == set(range(len(RECORDS) + 1))
    assert len(deaths) > 20


def test_what_was_acknowledged_is_there(deaths: list[dict[str, Any]]) -> None:
    for death in deaths:
        must = {"one", "two", *death["acknowledged"], *LATER}
        assert must <= set(death["texts"]) <= {"one", "two", *RECORDS, *LATER}, death


def test_nothing_is_said_to_be_lost(deaths: list[dict[str, Any]]) -> None:
    assert [death for death in deaths if death["losses"]] == []


def test_one_feed_is_begun_wherever_it_was_killed(deaths: list[dict[str, Any]]) -> None:
    assert [death for death in deaths if death["feeds"] != 2] == []
