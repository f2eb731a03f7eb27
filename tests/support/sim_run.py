"""Runs simulations by their seeds, several processes at once, and says how little of one still fails.

`python -m tests.support.sim_run --kind store --seed 17` repeats one; `--steps` leaves out its later steps.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple, get_args

from storage.changes.rules import IN_FORCE as CHANGES_IN_FORCE
from storage.changes.rules import ChangeRules
from storage.crdt.rules import IN_FORCE, Rules
from tests.support.sim import Kind, Simulation, shape_of

PROCESSES = min(2, os.cpu_count() or 1)
AT_ONCE = 50


class Failure(NamedTuple):
    """A seed that fails, with the fewest first steps that do."""

    kind: Kind
    seed: int
    steps: int
    of: int
    told: str

    def __str__(self) -> str:
        again = f"python -m tests.support.sim_run --kind {self.kind} --seed {self.seed}"
        return (
            f"seed {self.seed} fails with the first {self.steps} of its {self.of} steps"
            f" ({again} --steps {self.steps}):\n{self.told}"
        )


def fault(
    seed: int,
    kind: Kind,
    steps: int | None = None,
    rules: ChangeRules = CHANGES_IN_FORCE,
    merging: Rules = IN_FORCE,
) -> str | None:
    """What is wrong in one simulation; None if all is well."""
    try:
        Simulation(seed, kind, steps=steps, rules=rules, merging=merging).run()
    except Exception:  # noqa: BLE001  # whatever it is, it is what the simulation found
        return traceback.format_exc(limit=-3)
    return None


def shrunk(seed: int, kind: Kind, told: str) -> Failure:
    """The failure of a seed, with as few steps as it takes."""
    of = shape_of(seed, kind).steps
    for steps in range(of):
        less = fault(seed, kind, steps)
        if less is not None:
            return Failure(kind, seed, steps, of, less)
    return Failure(kind, seed, of, of, told)


def failures(kind: Kind, seeds: range) -> list[Failure]:
    """The seeds that fail."""
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        parts = [seeds[at : at + AT_ONCE] for at in range(0, len(seeds), AT_ONCE)]
        tasks = [pool.submit(_of_these, kind, part) for part in parts]
        return [failure for task in tasks for failure in task.result()]


def _of_these(kind: Kind, seeds: Iterable[int]) -> list[Failure]:
    return list(failing(kind, seeds))


def failing(kind: Kind, seeds: Iterable[int]) -> Iterator[Failure]:
    """The seeds that fail, one after the other in this process."""
    for seed in seeds:
        told = fault(seed, kind)
        if told is not None:
            yield shrunk(seed, kind, told)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="sim_run", description=__doc__)
    parser.add_argument("--kind", choices=get_args(Kind), default="core")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--steps", type=int, help="only the first so many steps")
    options = parser.parse_args()
    told = fault(options.seed, options.kind, options.steps)
    print(told or "All is well.")  # noqa: T201  # it is what a person asked for
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
