"""Endless trials: kills by the clock and at system calls, power cuts, torn and damaged files, and simulations.

`make soak` runs it. Each trial has a number, which is its seed. A run goes on where the last ended; `build/soak.json`
keeps the totals. A failure is printed, kept there with its number, and its files are kept beside; `--kind K --first N
--trials 1` repeats it (a kill by the clock may then fall elsewhere).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Final

from tests.crash import damage, harm, tracer
from tests.crash.trial import Life, judge_power_cuts, killed_at_a_call, killed_by_the_clock
from tests.support.project import ROOT
from tests.support.sim_run import failing

DEATHS_A_LIFE: Final = 20
CUTS_A_LIFE: Final = 20
FIRST_SEED: Final = 1_000_000
SEEDS_A_TRIAL: Final = 100
STORES_A_TRIAL: Final = 10
SAID_EVERY_SECONDS: Final = 60
REPORT: Final = ROOT / "build" / "soak.json"
Kind = Callable[[Life, random.Random], dict[str, int]]


def _kills(life: Life, dice: random.Random) -> dict[str, int]:
    for _ in range(DEATHS_A_LIFE):
        killed_by_the_clock(life, dice)
    return {"kills": life.deaths}


def _calls(life: Life, dice: random.Random) -> dict[str, int]:
    kills = 0
    for _ in range(DEATHS_A_LIFE):
        kills += killed_at_a_call(life, int(dice.expovariate(1 / 120)))
    return {"kills": kills}


def _power(life: Life, dice: random.Random) -> dict[str, int]:
    for _ in range(dice.choice((0, 0, 2))):  # a store that has died before
        killed_by_the_clock(life, dice)
    return {
        "kills": life.deaths,
        "power cuts": judge_power_cuts(life, dice.choice((5, 30, 60)), CUTS_A_LIFE, dice),
    }


def _each_call(life: Life, dice: random.Random) -> dict[str, int]:
    """A store is made, written to, checkpointed and closed, and killed at every single call of all that."""
    steps, point, kills = dice.randint(2, 5), 0, 0
    while True:
        for path in life.path.parent.iterdir():
            path.unlink()
        fresh = Life(life.path, life.seed, life.key, life.global_ids, life.changes)
        killed = killed_at_a_call(fresh, point, steps)
        fresh.forget()
        if not killed:
            return {"kills": kills}
        point, kills = point + 1, kills + 1


def _log(strike: harm.Strike, name: str) -> Kind:
    return lambda life, dice: {f"{name}: {harm.harm_the_log(life, strike, dice)}": 1}


def _file(life: Life, dice: random.Random) -> dict[str, int]:
    sort = "plain" if life.key is None else "encrypted"
    return {f"damaged {sort} files: {harm.harm_the_file(life, damage.TURNED, dice)}": 1}


def _simulations(life: Life, _dice: random.Random) -> dict[str, int]:
    """Replicas in memory (`tests.support.sim`), on seeds that no other run of tests has."""
    first = FIRST_SEED + int(life.seed.split()[-1]) * SEEDS_A_TRIAL
    cores = range(first, first + SEEDS_A_TRIAL - STORES_A_TRIAL)
    stores = range(cores.stop, first + SEEDS_A_TRIAL)
    for failure in chain(failing("core", cores), failing("store", stores)):
        raise AssertionError(str(failure))
    return {"simulations of the core": len(cores), "simulations of stores": len(stores)}


_KINDS: Final[dict[str, Kind]] = {
    "clock": _kills,
    "call": _calls,
    "each": _each_call,
    "power": _power,
    "torn": _log(damage.TORN_END, "torn logs"),
    "turned": _log(damage.TURNED, "logs with turned bits"),
    "file": _file,
}
CHANGES: Final = "+changes"  # behind the name of a kind: each write of the store is a signed change
KINDS: Final = {
    **_KINDS,
    **{name + CHANGES: kind for name, kind in _KINDS.items()},
    "sim": _simulations,
}
# A power cut is worked out for one folder, and attachments have one of their own.
WITH_ATTACHMENTS: Final = frozenset({"clock" + CHANGES, "call" + CHANGES})
_TRACED: Final = ("call", "each", "power")
NEEDS_TRACER: Final = frozenset(name + more for name in _TRACED for more in ("", CHANGES))


@dataclass
class Totals:
    """What was tried so far, over all runs."""

    next_number: int = 0
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path) -> Totals:
        """What an earlier run kept; nothing when there was none."""
        if not path.exists():
            return cls()
        kept = json.loads(path.read_text(encoding="utf-8"))
        return cls(kept["next_number"], kept["seconds"], Counter(kept["counts"]), kept["failures"])

    def keep(self, path: Path) -> None:
        """Keep it, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = {
            "next_number": self.next_number,
            "seconds": round(self.seconds, 1),
            "counts": dict(sorted(self.counts.items())),
            "failures": self.failures,
        }
        new = path.with_suffix(".new")
        new.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        new.replace(path)

    def line(self) -> str:
        """The totals in one line."""
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(self.counts.items()))
        return f"{counts or 'nothing yet'}; {len(self.failures)} failures; {self.seconds / 60:.1f} minutes in all"


def place_of_trials() -> Path:
    """Where trials keep their files: in memory if there is such a place, since a kill does not empty the page cache."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


def one_trial(kind: str, number: int, totals: Totals, keep_in: Path) -> bool:
    """Run a trial and count it. False when a promise was broken."""
    folder = Path(tempfile.mkdtemp(prefix="commonhold-soak-", dir=place_of_trials()))
    home = folder / "store"
    home.mkdir()
    try:
        changes = kind.endswith(CHANGES)
        life = Life.new(home, f"{kind} {number}", changes=changes)
        life.attachments = kind in WITH_ATTACHMENTS
        found = KINDS[kind](life, random.Random(f"{kind} {number} dice"))
        life.forget()
        with_changes = " (with changes)" if changes else ""
        totals.counts.update({what + with_changes: count for what, count in found.items()})
        return True
    except Exception as error:  # noqa: BLE001  # whatever it is, it is counted, and the next trial runs
        kept = keep_in / f"{kind}-{number}"
        shutil.copytree(folder, kept, dirs_exist_ok=True)
        told = traceback.format_exc(limit=-3)
        totals.failures.append({"kind": kind, "number": number, "error": str(error), "trace": told})
        print(f"FAILED {kind} {number}, files kept in {kept.name}:\n{told}", flush=True)
        return False
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(options: argparse.Namespace) -> int:
    """Trials until the time or their number is up. Returns the exit code."""
    kinds = [
        kind for kind in options.kind or KINDS if tracer.available() or kind not in NEEDS_TRACER
    ]
    totals = Totals.load(options.report)
    number = first = totals.next_number if options.first is None else options.first
    failed, began = 0, time.monotonic()
    before, said_at = totals.seconds, began
    while True:
        spent = time.monotonic() - began
        if spent > options.minutes * 60 or (options.trials and number - first >= options.trials):
            break
        failed += not one_trial(
            kinds[number % len(kinds)], number, totals, options.report.parent / "soak-failures"
        )
        number += 1
        totals.seconds = before + time.monotonic() - began
        totals.next_number = max(totals.next_number, number)
        totals.keep(options.report)
        if time.monotonic() - said_at > SAID_EVERY_SECONDS:
            said_at = time.monotonic()
            print(totals.line(), flush=True)
    print(f"soak: {number - first} trials now, {failed} failed. In all: {totals.line()}")
    return 1 if failed else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (10)")
    parser.add_argument(
        "--trials", type=int, default=0, help="how many at most (0: as the time allows)"
    )
    parser.add_argument(
        "--kind", action="append", choices=sorted(KINDS), help="only this kind; may be repeated"
    )
    parser.add_argument(
        "--first", type=int, help="number of the first trial (goes on from the last run)"
    )
    parser.add_argument("--report", type=Path, default=REPORT, help="where the totals are kept")
    logging.getLogger("storage").addHandler(
        logging.NullHandler()
    )  # losses are made on purpose here
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
