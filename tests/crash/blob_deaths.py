"""Attaches a file and is killed before each line of the code that does it; what is left is judged every time.

Run as a program: only a process without threads can be forked. It prints how many deaths there were, or what was wrong.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any, Final

import storage.blobs
from tests.support.blobs import content, files, open_store, put, whole

_OURS: Final = str(Path(storage.blobs.__file__).parent)
_SIZE: Final = 70_000  # two chunks
_ROUNDS: Final = 30  # of one store: all that it holds is read after each


class Deaths:
    """A store through some deaths."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._done: set[int] = set()  # rounds whose record was acknowledged
        path.parent.mkdir()
        open_store(path).close()

    def run(self, lines: Iterable[int]) -> int:
        """Die at each of these lines, as long as there are so many; gives the number of deaths."""
        deaths = 0
        for line in lines:
            died = self._round(deaths, line)
            self._judge(deaths + 1)
            if not died:
                break
            deaths += 1
        return deaths

    def _round(self, number: int, line: int) -> bool:
        """Whether the round ended in its death."""
        heard, said = os.pipe()
        process = os.fork()
        if not process:
            try:
                self._attach(number, line, said)
            finally:
                os._exit(1)
        os.close(said)
        acknowledged = os.read(heard, 1)
        os.close(heard)
        _, status = os.waitpid(process, 0)
        if acknowledged:
            self._done.add(number)
        if os.WIFSIGNALED(status):
            return True
        assert os.WEXITSTATUS(status) == 0, "it failed by itself"
        return False

    def _attach(self, number: int, line: int, said: int) -> None:
        store = open_store(self._path)
        killer = _Killer(line)
        sys.settrace(killer.enter)
        value = put(store, _content(number))
        store.table("t").insert({"round": number, "file": value})
        os.write(said, b"+")
        store.blobs.tidy()
        store.close()
        sys.settrace(None)
        os._exit(0)

    def _judge(self, rounds: int) -> None:
        with open_store(self._path) as store:
            self._judge_open(store, rounds)
        with open_store(self._path) as store:
            store.blobs.tidy()
            self._judge_open(store, rounds)
            referred = {each["file"]["blob"] for each in store.table("t")}
            assert len(whole(self._path)) == len(referred), "what nothing refers to is still there"
        assert len(files(self._path)) == len(referred), "something else was left behind"

    def _judge_open(self, store: Any, rounds: int) -> None:
        problems = store.verify().problems
        assert not problems, problems
        there = {each["round"]: each["file"] for each in store.table("t")}
        assert self._done <= set(there) <= set(range(rounds)), "an acknowledged record is gone"
        for number, value in there.items():
            assert content(store, value) == _content(number), number


class _Killer:
    """Kills this process before a certain line of the code of blobs, counted from 0."""

    def __init__(self, line: int) -> None:
        self._left = line

    def enter(self, frame: FrameType, _event: str, _arg: object) -> Any:
        """Follow what is ours."""
        return self.line if frame.f_code.co_filename.startswith(_OURS) else None

    def line(self, _frame: FrameType, event: str, _arg: object) -> Any:
        """Count."""
        if event == "line":
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)
            self._left -= 1
        return self.line


def _content(number: int) -> bytes:
    """Every second round puts once more what the round before it has put, or left behind."""
    return bytes([number // 2 % 256, number // 512]) * (_SIZE // 2)


def run(folder: Path, every: int) -> int:
    """Die at every so many lines, from the first to the last."""
    deaths = 0
    while True:
        lines = range(deaths * every, (deaths + _ROUNDS) * every, every)
        more = Deaths(folder / str(deaths) / "store.db").run(lines)
        deaths += more
        if more < _ROUNDS:
            return deaths


if __name__ == "__main__":
    sys.stdout.write(f"{run(Path(sys.argv[1]), int(sys.argv[2]))}\n")
