"""One life of a store: a forked process writes, is killed at some point, and what it left is judged; many times over.

The writer says through a pipe, byte by byte, that it began a step and that the step returned (is acknowledged). The
judge draws the same steps from the same seed. What must hold after each death: every acknowledged step is there, the
one under way is there wholly or not at all, `verify` finds nothing, the mark is not ahead, nothing is reported lost.
Where writes are changes, another device makes of the feed alone what the store holds, and nothing leaves the feed.
"""

from __future__ import annotations

import os
import random
import select
import shutil
import signal
import struct
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from storage import RecordIds, Store
from storage.mark import commits_noted, mark_beside
from sync.blobs import BlobSeals
from tests.crash import tracer
from tests.crash.power import Disk, files_of, lay_out
from tests.crash.world import Contents, Plan, contents_of, ids_of
from tests.support.founders import founder
from tests.support.replays import Replay

BEGIN: Final = b"B"
DONE: Final = b"D"
_SAID: Final = struct.Struct(
    "<cqqq"
)  # what, number of the step; after it: commits counted, changes kept
START: Final = -1  # the number of the step "open the store"
KEY: Final = bytes(range(1, 33))
_left_open: list[Store] = []


class BrokenPromiseError(AssertionError):
    """A store did not keep what it promises."""


@dataclass
class Said:
    """What a writer said before it died: how far it came, and how many commits the store had after each step."""

    begun: int = START - 1
    done: int = START - 1
    commits: list[tuple[int, int]] = field(default_factory=list)  # (steps done, commits)
    changes: int = 0
    fault: str = ""


@dataclass
class Life:
    """A store's file through several deaths, and what must be in it."""

    path: Path
    seed: str
    key: bytes | None
    global_ids: bool
    changes: bool = False
    attachments: bool = False
    contents: Contents = field(default_factory=Contents)
    next_token: int = 1
    round: int = 0
    deaths: int = 0
    replay: Replay | None = None

    @classmethod
    def new(cls, folder: Path, seed: str, *, changes: bool = False) -> Life:
        """A store yet to be made, of a kind drawn from the seed."""
        dice = random.Random(f"{seed} kind")
        key = KEY if dice.random() < 0.7 else None
        global_ids = dice.random() < 0.5
        return cls(folder / "store.db", seed, key, global_ids=global_ids, changes=changes)

    def open(self) -> Store:
        """The store, opened as its owner would."""
        identity = founder() if self.changes else None
        if identity is not None and self.attachments:
            identity = replace(identity, blobs=BlobSeals(KEY, os.urandom))
        ids = RecordIds(time.time) if self.global_ids else None
        return Store(self.path, key=self.key, ids=ids, identity=identity)

    def plan(self) -> Plan:
        """The steps of this round."""
        return Plan(
            f"{self.seed} {self.round}",
            self.contents,
            self.next_token,
            explicit_ids=not self.global_ids,
            attachments=self.attachments,
        )

    # -- the one that dies ---------------------------------------------------------------------------------------
    def write(self, say: Callable[[bytes], None], steps: int, *, close: bool = True) -> None:
        """Open the store, take the steps and close it (or just stop), telling of each."""
        say(_SAID.pack(BEGIN, START, 0, 0))
        store = self.open()
        plan = self.plan()
        ids = ids_of(store)
        say(_SAID.pack(DONE, START, store._engine.commits, changes_in(store)))
        for number in range(steps):
            step = plan.draw()
            say(_SAID.pack(BEGIN, number, 0, 0))
            step.run(store, ids)
            say(_SAID.pack(DONE, number, store._engine.commits, changes_in(store)))
        if close:
            store.close()
        else:
            _left_open.append(store)  # else it would be closed when this returns

    def start(
        self, steps: int, prepare: Callable[[], None] | None = None, *, close: bool = True
    ) -> tuple[int, int]:
        """Fork the writer; returns (process, read end of its pipe)."""
        read_end, write_end = os.pipe()
        process = os.fork()
        if process:
            os.close(write_end)
            return process, read_end
        code = 3
        try:
            os.close(read_end)
            if prepare is not None:
                prepare()
            self.write(lambda said: _say(write_end, said), steps, close=close)
            code = 0
        except BaseException:  # noqa: BLE001  # told to the judge, whatever it is
            os.write(write_end, b"!" + traceback.format_exc().encode())
        finally:
            os._exit(code)

    # -- the one that judges -------------------------------------------------------------------------------------
    def judge(self, said: Said) -> None:
        """Compare the store with what was said; go on from what it holds. Raises BrokenPromiseError."""
        if said.fault:
            raise BrokenPromiseError(f"the writer failed by itself:\n{said.fault}")
        self.deaths += 1
        marked = commits_noted(mark_beside(self.path))
        store = self.open()
        try:
            commits = store._engine.commits
            self._judge_books(store, said, commits, marked)
            self._judge_contents(contents_of(store), said)
            report = store.verify()
            if not report.ok:
                raise BrokenPromiseError(f"verify: {report.problems}")
            self.judge_changes(store, said.changes)
        finally:
            store.close()
        self.round += 1

    def judge_changes(self, store: Store, acknowledged: int = 0) -> None:
        """Make of the changes alone what the store must hold. Raises BrokenPromiseError."""
        if not self.changes:
            return
        if self.replay is None:
            self.replay = Replay()
        kept = changes_in(store)
        if kept < acknowledged:
            raise BrokenPromiseError(f"{acknowledged} changes were acknowledged, {kept} are there")
        try:
            wrong = self.replay.difference(store)
        except AssertionError as error:
            wrong = str(error)
        if wrong:
            raise BrokenPromiseError(f"changes and records: {wrong}")

    def forget(self) -> None:
        """End what stands beside the store."""
        if self.replay is not None:
            self.replay.close()
            self.replay = None

    @staticmethod
    def _judge_books(store: Store, said: Said, commits: int, marked: int) -> None:
        if store.losses:
            raise BrokenPromiseError(f"losses: {store.losses}")
        if marked > commits:
            raise BrokenPromiseError(f"the mark says {marked} commits, the store {commits}")
        acknowledged = said.commits[-1][1] if said.commits else 0
        if commits < acknowledged:
            raise BrokenPromiseError(
                f"{acknowledged} commits were acknowledged, {commits} are there"
            )

    def _judge_contents(self, found: Contents, said: Said) -> None:
        plan = self.plan()
        for _ in range(said.done + 1):
            plan.draw()
        missing = found.difference(plan.contents)
        if missing and said.begun > said.done and said.begun > START:
            plan.draw()
            missing = (
                missing
                and found.difference(plan.contents)
                and f"{missing} (nor with the step under way)"
            )
        if missing:
            raise BrokenPromiseError(
                f"after step {said.done} of round {self.round}, found / expected: {missing}"
            )
        self.contents, self.next_token = plan.contents, plan.next_token


def changes_in(store: Store) -> int:
    """How many changes a store keeps."""
    if store._journal is None:
        return 0
    return sum(row.linked - row.start for row in store.journal.own_lanes())


def _say(pipe: int, said: bytes) -> None:
    os.write(pipe, said)


def understood(data: bytes) -> Said:
    """What the bytes from a writer's pipe say."""
    said = Said()
    for start in range(0, len(data), _SAID.size):
        if data[start : start + 1] == b"!":
            said.fault = data[start + 1 :].decode(errors="replace")
            break
        what, number, commits, changes = _SAID.unpack_from(data, start)
        if what == BEGIN:
            said.begun = number
        else:
            said.done = number
            said.commits.append((number, commits))
            said.changes = changes
    return said


def listen(pipe: int, until: float | None) -> bytes:
    """All that a writer says until it ends, or until a point of `time.monotonic`."""
    data = b""
    while until is None or time.monotonic() < until:
        wait = None if until is None else max(0.0, until - time.monotonic())
        if not select.select([pipe], [], [], wait)[0]:
            break
        more = os.read(pipe, 65536)
        if not more:
            break
        data += more
    return data


def kill_and_hear(process: int, pipe: int, data: bytes) -> bytes:
    """Kill a writer where it stands; returns all it ever said."""
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    data += listen(pipe, None)
    os.close(pipe)
    return data


def killed_by_the_clock(life: Life, dice: random.Random) -> None:
    """One round: the writer is killed after a time drawn from `dice`."""
    process, pipe = life.start(steps=400)
    wait = dice.choice((dice.uniform(0, 0.004), dice.uniform(0, 0.03), dice.uniform(0, 0.12)))
    said = listen(pipe, time.monotonic() + wait)
    life.judge(understood(kill_and_hear(process, pipe, said)))


def killed_at_a_call(life: Life, point: int, steps: int = 400) -> bool:
    """One round: the writer is killed before its `point`-th call that changes a file. False when it ended before."""
    process, pipe = life.start(steps, prepare=tracer.be_traced)
    calls = 0

    def seen(event: tracer.Event) -> bool:
        nonlocal calls
        calls += event.file != ""
        return calls > point

    killed = tracer.follow(process, life.path.parent, pipe, seen)
    said = listen(pipe, None)
    os.close(pipe)
    life.judge(understood(said))
    return killed


def recorded(life: Life, steps: int) -> list[tracer.Event]:
    """The calls of a writer that takes `steps` steps and closes, in order; its round is not judged."""
    process, pipe = life.start(steps, prepare=tracer.be_traced)
    events: list[tracer.Event] = []
    tracer.follow(process, life.path.parent, pipe, lambda event: bool(events.append(event)))
    os.close(pipe)
    return events


def judge_power_cuts(life: Life, steps: int, cuts: int, dice: random.Random) -> int:
    """Cut the power at `cuts` points of one round and judge what a disk may then hold. Returns how many were judged."""
    disk = Disk(files_of(life.path.parent))
    events = recorded(life, steps)
    points = sorted(dice.randrange(1, len(events) + 1) for _ in range(cuts))
    said, at = b"", 0
    for number, point in enumerate(points):
        for event in events[at:point]:
            disk.take(event)
            said += event.data if event.file == "" else b""
        at = point
        folder = life.path.parent.with_name(f"{life.path.parent.name}-cut")
        lay_out(disk.after_power_cut(dice), folder)
        after = replace(life, path=folder / life.path.name, replay=None)
        try:
            after.judge(understood(said))
            if number % 4 == 0:  # what recovery and closing made of it is whole as well
                after.judge(Said())
        except BrokenPromiseError as error:
            raise BrokenPromiseError(
                f"power cut before call {point} of {len(events)}: {error}"
            ) from error
        finally:
            after.forget()
        shutil.rmtree(folder)
    return len(points)
