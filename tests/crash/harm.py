"""Trials of damage: a store is left as a kill leaves it, its files are damaged, and what it then says is judged.

Nothing may be lost without a word: either all that was acknowledged is there and `verify` is content, or the loss is
named, by an error, by `losses` or by `verify`.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

from storage import Report, StorageError, Store
from storage.checkpoints import HEAD_BYTES, PAGE_BYTES
from storage.log import frames_in_log
from tests.crash import damage
from tests.crash.trial import BrokenPromiseError, Life, Said, listen, understood
from tests.crash.world import Contents, contents_of

Strike = tuple[Callable[[bytes, random.Random], bytes], ...]
LOST: Final = "lost_commits"


def left_behind(life: Life, steps: int, *, close: bool = False) -> Said:
    """A writer takes all its steps and stops; without `close` the log stays as it is."""
    process, pipe = life.start(steps, close=close)
    said = understood(listen(pipe, None))
    os.close(pipe)
    os.waitpid(process, 0)
    if said.fault or said.done != steps - 1:
        raise BrokenPromiseError(f"the writer failed by itself:\n{said.fault}")
    return said


def harm_the_log(life: Life, strike: Strike, dice: random.Random) -> str:
    """Damage the log. Returns what became of it: "whole", "named" or "refused"."""
    said = left_behind(life, dice.choice((1, 4, 12, 40)))
    log = life.path.with_name(life.path.name + "-wal")
    how = f"{damage.strike(log, strike, dice, _end_of(life.path, dice))} in the log"
    return _judged(life, how, lambda store: _judge_log(life, said, store))


def _end_of(database: Path, dice: random.Random) -> int | None:
    """Where the log ends for SQLite; its file is longer. Sometimes None: the damage may lie behind that."""
    if dice.random() < 0.2:
        return None
    return HEAD_BYTES + PAGE_BYTES * sum(1 for _ in frames_in_log(database))


def _judged(life: Life, how: str, judge: Callable[[Store], str]) -> str:
    """What a damaged store is found to be; a promise that it breaks is told with the damage."""
    try:
        store = life.open()
    except StorageError:
        return "refused"
    try:
        return judge(store)
    except BrokenPromiseError as error:
        raise BrokenPromiseError(f"{how}: {error}") from error
    finally:
        store.close()


def _judge_log(life: Life, said: Said, store: Store) -> str:
    losses, noted = store.losses, store._engine.losses()
    # A store that lost even its tables for changes makes them again when it is opened: that is a commit more.
    commits = noted[-1][2] if noted else store._engine.commits
    report = store.verify()
    kinds = {problem.kind for problem in report.problems}
    lost = commits < said.commits[-1][1]
    if lost != bool(losses) or lost != (LOST in kinds):
        raise BrokenPromiseError(f"lost: {lost}, losses: {losses}, verify: {report.problems}")
    sound = not kinds - {LOST}
    if not sound or _reads_as(store, _contents_at(life, said, commits)):
        if sound:
            life.judge_changes(store)
        return "named" if kinds else "whole"
    raise BrokenPromiseError(
        f"other contents than after commit {commits}, verify: {report.problems}"
    )


def _contents_at(life: Life, said: Said, commits: int) -> Contents:
    plan = life.plan()
    for _, after in said.commits[1:]:
        before = plan.contents
        plan.draw()
        if after > commits:
            return before
    return plan.contents


def _reads_as(store: Store, expected: Contents) -> bool:
    try:
        return not contents_of(store).difference(expected)
    except (StorageError, ValueError):  # text of a plain store that is no JSON any more
        return False


def harm_the_file(life: Life, strike: Strike, dice: random.Random) -> str:
    """Damage the database file. Returns "whole", "named" or "refused", of a plain store also "unseen"."""
    said = left_behind(life, dice.choice((1, 12, 40)), close=dice.random() < 0.7)
    how = f"{damage.strike(life.path, strike, dice)} in the file"
    return _judged(life, how, lambda store: _judge_file(life, said, store))


def _judge_file(life: Life, said: Said, store: Store) -> str:
    report: Report = store.verify()
    whole = _reads_as(store, _contents_at(life, said, said.commits[-1][1]))
    if not report.ok:
        return "named"
    if whole:
        life.judge_changes(store)
        return "whole"
    if life.key is None:  # SQLite has no sum over a page: only an encrypted store can know
        return "unseen"
    raise BrokenPromiseError("other contents, and verify finds nothing")
