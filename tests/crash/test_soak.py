"""A few hundred deaths in each run of the tests; `make soak` goes on from there.

The trials run in a process of their own: only one without threads can be forked.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash import tracer
from tests.crash.actor import environment
from tests.crash.soak import CHANGES, NEEDS_TRACER
from tests.support.project import ROOT

COMMAND = (sys.executable, "-P", "-m", "tests.crash.soak", "--minutes", "30")
CHANGE = [
    ("clock", 8),
    ("call", 4),
    ("each", 1),
    ("power", 6),
    ("torn", 16),
    ("turned", 16),
    ("file", 16),
    ("clock+changes", 2),
    ("call+changes", 1),
    ("power+changes", 1),
    ("torn+changes", 4),
    ("turned+changes", 4),
    ("file+changes", 4),
]
RELEASE = [
    ("clock", 40),
    ("call", 15),
    ("each", 5),
    ("power", 25),
    ("torn", 100),
    ("turned", 150),
    ("file", 100),
    ("clock+changes", 20),
    ("call+changes", 10),
    ("each+changes", 2),
    ("power+changes", 6),
    ("torn+changes", 40),
    ("turned+changes", 40),
    ("file+changes", 30),
]


def soak(kind: str, trials: int, first: int, folder: Path) -> dict[str, int]:
    """Run trials of one kind and give their counts; a broken promise fails the test by its number."""
    if kind in NEEDS_TRACER and not _can_trace():
        pytest.skip("this system does not let a process be followed from call to call")
    report = folder / "soak.json"
    options = [
        "--kind",
        kind,
        "--trials",
        str(trials),
        "--first",
        str(first),
        "--report",
        str(report),
    ]
    done = subprocess.run(
        [*COMMAND, *options],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    kept = json.loads(report.read_text(encoding="utf-8"))
    assert kept["failures"] == []
    counts: dict[str, int] = kept["counts"]
    return counts


def _can_trace() -> bool:
    script = "from tests.crash import tracer; print(tracer.available())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip() == "True"


def judged(kind: str, counts: dict[str, int]) -> int:
    """How many deaths or damages the trials judged."""
    damages = kind.removesuffix(CHANGES) in {"torn", "turned", "file"}
    return sum(counts.values()) if damages else max(counts.values())


@pytest.mark.parametrize(("kind", "trials"), CHANGE)
def test_nothing_acknowledged_is_lost_without_a_word(
    kind: str, trials: int, dice: random.Random, tmp_path: Path
) -> None:
    counts = soak(kind, trials, dice.randrange(10**9), tmp_path)

    assert judged(kind, counts) >= trials


@pytest.mark.full
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("kind", "trials"), RELEASE)
def test_nothing_acknowledged_is_lost_in_thousands_of_trials(
    kind: str, trials: int, dice: random.Random, tmp_path: Path
) -> None:
    counts = soak(kind, trials, dice.randrange(10**9), tmp_path)

    assert judged(kind, counts) >= trials


def test_the_totals_go_on_where_the_last_run_ended(tmp_path: Path) -> None:
    report = tmp_path / "soak.json"
    command = [*COMMAND, "--kind", "torn", "--trials", "1", "--report", str(report)]
    lines = [
        subprocess.run(
            command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]

    kept = json.loads(report.read_text(encoding="utf-8"))
    assert kept["next_number"] == 2
    assert sum(kept["counts"].values()) == 2
    assert lines[1].startswith("soak: 1 trials now, 0 failed. In all: ")


def test_followed_processes_are_refused_where_they_cannot_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    tracer.available.cache_clear()

    assert not tracer.available()

    tracer.available.cache_clear()
