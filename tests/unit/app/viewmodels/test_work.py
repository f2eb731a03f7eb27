"""Jobs run off the window's thread; results come back in order, and no fault is swallowed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue

import pytest

from app.viewmodels.work import Refresh, Work
from storage import StoreBusyError
from tests.unit.app.viewmodels.conftest import Clock, Desktop


def test_a_failure_that_was_foreseen_goes_to_whoever_asked(desktop: Desktop) -> None:
    errors: list[Exception] = []

    def job() -> None:
        raise StoreBusyError

    desktop.work.read(job, lambda _: pytest.fail("done"), errors.append)
    assert isinstance(errors[0], StoreBusyError)


def test_a_fault_of_the_program_is_raised_on_the_windows_thread(desktop: Desktop) -> None:
    def job() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        desktop.work.read(job, lambda _: None, lambda _: None)


def test_a_failure_that_nobody_asked_for_is_raised_too(desktop: Desktop) -> None:
    def job() -> None:
        raise StoreBusyError

    with pytest.raises(StoreBusyError):
        desktop.work.write(job, lambda _: None)


def test_writes_run_one_after_another_and_closing_waits_for_them() -> None:
    posted: SimpleQueue[Callable[[], None]] = SimpleQueue()
    work = Work(
        readers=ThreadPoolExecutor(2),
        writer=ThreadPoolExecutor(1),
        post=posted.put,
        timers=Clock(),
    )
    order: list[int] = []
    gate = threading.Event()
    work.write(gate.wait, lambda _: None)
    for number in range(20):
        work.write(partial(order.append, number), lambda _: None)
    gate.set()
    work.close()
    assert order == list(range(20))


def test_while_a_refresh_runs_any_number_of_asks_become_one_more() -> None:
    running: list[Callable[[], None]] = []
    refresh = Refresh(running.append)
    for _ in range(5):
        refresh.ask()
    assert len(running) == 1
    running[0]()
    assert len(running) == 2
    running[1]()
    assert len(running) == 2
