"""A copied store whose writer is killed at every step around a commit and its mark; told as JSON.

`python -m tests.crash.lives FOLDER`. For each step a forked writer opens a fresh copy of one store and writes three
records, and dies right before or right after the step: a commit, or a write or sync of the mark. Then the copy is
opened and written to by two more, as after a restart.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from storage import Store
from storage.database import Database
from tests.support.lives import copied, feeds, opened, texts, wrote

RECORDS: Final = ("three", "four", "five")
LATER: Final = ("six", "seven")


class Death:
    """Comes at the `point`-th step, before or after it is taken."""

    def __init__(self, point: int, *, after: bool) -> None:
        self._left, self._after = point, after

    def around(self, step: Callable[..., Any], *given: Any, **more: Any) -> Any:
        """Take a step, and die if it is the one."""
        self._left -= 1
        if self._left == 0 and not self._after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = step(*given, **more)
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    def lie_in_wait(self) -> None:
        """Stand beside every step."""
        commit = Database.commit

        def committing(database: Database) -> None:
            self.around(commit, database)

        Database.commit = committing  # type: ignore[assignment,method-assign]
        for name in ("pwrite", "fsync"):
            setattr(os, name, partial(self.around, getattr(os, name)))


def write_until_death(path: Path, death: Death, pipe: int) -> None:
    """Write the records and say each one that is acknowledged."""
    death.lie_in_wait()
    store = opened(path)
    for text in RECORDS:
        store.insert({"text": text})
        os.write(pipe, text.encode() + b"\n")
    store.close()


def killed(path: Path, point: int, *, after: bool) -> tuple[bool, list[str]]:
    """Whether the writer died, and what had been acknowledged."""
    read_end, write_end = os.pipe()
    process = os.fork()
    if not process:
        code = 1
        try:
            write_until_death(path, Death(point, after=after), write_end)
            code = 0
        finally:
            os._exit(code)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        said = pipe.read().split()
    _, status = os.waitpid(process, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError(f"the writer failed by itself at step {point}")
    return os.WIFSIGNALED(status), said


def told(store: Store, point: int, said: list[str], *, after: bool) -> dict[str, Any]:
    """What is left after one death."""
    return {
        "point": point,
        "after": after,
        "acknowledged": said,
        "texts": texts(store),
        "feeds": len(feeds(store)),
        "losses": store.losses,
    }


def main(folder: Path) -> list[dict[str, Any]]:
    """Every death, one after the other."""
    path = folder / "store.db"
    wrote(path, "one", "two")
    found: list[dict[str, Any]] = []
    point, died = 0, True
    while died:
        point += 1
        for after in (False, True):
            copy = copied(path, f"{point}{after}")
            died, said = killed(copy, point, after=after)
            for text in LATER:
                wrote(copy, text)
            with opened(copy) as store:
                found.append(told(store, point, said, after=after))
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))  # noqa: T201  # its answer
