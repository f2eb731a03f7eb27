"""Work that runs at once or when told, and a clock that moves when told: view-models need no window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from datetime import UTC, datetime
from typing import Any

import pytest

from app.viewmodels.notices import Notices
from app.viewmodels.steps import Steps
from app.viewmodels.undoing import Undoing
from app.viewmodels.work import Work
from app.workspace import Workspace
from tests.support.teamwork import SecondComputer, founded

NOW = datetime(2026, 3, 5, 10, 42, tzinfo=UTC)


class AtOnce(Executor):
    """Runs a job as soon as it is submitted; `paused` keeps them until `go`."""

    def __init__(self) -> None:
        self.paused = False
        self.waiting: list[Callable[[], Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        if self.paused:
            self.waiting.append(lambda: done.set_result(fn(*args, **kwargs)))
        else:
            done.set_result(fn(*args, **kwargs))
        return done

    def go(self, jobs: int = 1_000) -> None:
        """Run what waits, oldest first."""
        while self.waiting and jobs:
            self.waiting.pop(0)()
            jobs -= 1


class Clock:
    """Timers that run when the time is moved."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[tuple[float, Callable[[], None]]] = []

    def after(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        entry = (self.now + seconds, call)
        self.calls.append(entry)

        def stop() -> None:
            if entry in self.calls:
                self.calls.remove(entry)

        return stop

    def move(self, seconds: float) -> None:
        """Let time pass; what is due runs in order."""
        self.now += seconds
        while due := sorted(
            (entry for entry in self.calls if entry[0] <= self.now), key=lambda e: e[0]
        ):
            self.calls.remove(due[0])
            due[0][1]()


class Desktop:
    """What a view-model stands on in these tests."""

    def __init__(self) -> None:
        self.readers, self.writer, self.clock = AtOnce(), AtOnce(), Clock()
        self.work = Work(
            readers=self.readers, writer=self.writer, post=lambda call: call(), timers=self.clock
        )
        self.notices = Notices()

    def undoing(self, workspace: Workspace) -> Undoing:
        """Undo and redo of a workspace, at the time of these tests."""
        return Undoing(workspace, self.work, self.notices, Steps(workspace, lambda: NOW))


@pytest.fixture
def desktop() -> Desktop:
    """Executors, clock and notices of one test."""
    return Desktop()


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A workspace in memory with one collection, `Stock`, and nothing in it."""
    made = founded(NOW.timestamp)
    made.create_collection("Stock", fields=[("Name", "text"), ("Count", "number"), ("Due", "date")])
    yield made
    made.close()


@pytest.fixture
def ben(workspace: Workspace) -> Iterator[SecondComputer]:
    """Ben's computer, which has what the workspace has."""
    second = SecondComputer(workspace, "Ben", "workshop", NOW.timestamp)
    second.meet()
    yield second
    second.close()
