"""Before the computer sleeps the window locks, and the computer waits for it; on a bus of the test's own."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.home import Home
from app.viewmodels.window import Stage
from app.views.application import lock_first
from app.views.sleep import MANAGER, NAME, PATH, Over, SleepWatch
from sync.vault import LEAST_COST
from tests.support.window import opened

PATIENCE_S = 30

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("dbus-daemon") is None, reason="needs D-Bus"
)


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bus, in the place of the system's."""
    config = tmp_path / "bus.conf"
    config.write_text(
        f"""<busconfig><type>session</type><listen>unix:dir={tmp_path}</listen>
        <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
        <allow own="*"/></policy></busconfig>"""
    )
    daemon = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", "--print-address", "--nofork", "--nopidfile"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert daemon.stdout is not None
    address = daemon.stdout.readline().strip()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    yield address
    daemon.terminate()
    daemon.wait(PATIENCE_S)
    daemon.stdout.close()


class Logind:
    """As much of logind as a sleep needs; `asked` gets the reading end of each delay that it gives."""

    def __init__(self, address: str, *, gives: bool = True) -> None:
        from jeepney import message_bus
        from jeepney.io.blocking import Proxy, open_dbus_connection

        self.asked: queue.Queue[int] = queue.Queue()
        self._gives = gives
        self.connection = open_dbus_connection(bus=address, enable_fds=True)
        Proxy(message_bus, self.connection).RequestName(NAME)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        from jeepney import HeaderFields, MessageType, new_error, new_method_return

        while True:
            try:
                message = self.connection.receive()
            except (OSError, ValueError):
                return
            if message.header.message_type is not MessageType.method_call:
                continue
            if message.header.fields.get(HeaderFields.member) != "Inhibit" or not self._gives:
                self.connection.send(new_error(message, f"{NAME}.No"))
                continue
            read, write = os.pipe()
            self.connection.send(new_method_return(message, "h", (write,)))
            os.close(write)
            self.asked.put(read)

    def sleeps(self, *, begins: bool) -> None:
        """Say that the sleep begins, or that it is over."""
        from jeepney import DBusAddress, new_signal

        emitter = DBusAddress(PATH, interface=MANAGER)
        self.connection.send(new_signal(emitter, "PrepareForSleep", "b", (begins,)))

    def close(self) -> None:
        import socket

        self.connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE_S)
        self.connection.close()


@pytest.fixture
def logind(bus: str) -> Iterator[Logind]:
    made = Logind(bus)
    yield made
    made.close()


@pytest.fixture
def watching() -> Iterator[Callable[[Callable[[Over], None]], SleepWatch]]:
    made: list[SleepWatch] = []

    def watch(told: Callable[[Over], None]) -> SleepWatch:
        made.append(SleepWatch(told))
        return made[-1]

    yield watch
    for each in made:
        each.close()


def test_the_computer_waits_until_all_is_done_and_is_waited_for_again(
    logind: Logind, watching: Callable[[Callable[[Over], None]], SleepWatch]
) -> None:
    told: queue.Queue[Over] = queue.Queue()
    watching(told.put)
    for _ in range(2):
        delay = logind.asked.get(timeout=PATIENCE_S)
        os.set_blocking(delay, False)
        logind.sleeps(begins=True)
        over = told.get(timeout=PATIENCE_S)
        with pytest.raises(BlockingIOError):
            os.read(delay, 1)  # its other end is still held
        over()
        os.set_blocking(delay, True)
        assert os.read(delay, 1) == b""  # let go
        os.close(delay)
        logind.sleeps(begins=False)
    os.close(logind.asked.get(timeout=PATIENCE_S))


def test_a_system_that_will_not_wait_is_heard_all_the_same(
    bus: str, watching: Callable[[Callable[[Over], None]], SleepWatch]
) -> None:
    stingy = Logind(bus, gives=False)
    told: queue.Queue[Over] = queue.Queue()
    watching(told.put)
    deadline = time.monotonic() + PATIENCE_S
    while told.empty() and time.monotonic() < deadline:
        stingy.sleeps(begins=True)  # until it listens
        try:
            told.get(timeout=0.1)()
            break
        except queue.Empty:
            continue
    else:
        raise AssertionError("nothing was heard")
    stingy.close()


def test_where_nobody_tells_nothing_is_heard_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    caplog.set_level("INFO")
    SleepWatch(lambda _over: None)
    for thread in threading.enumerate():
        if thread.name == "sleep watch":
            thread.join(PATIENCE_S)
    assert "noticed only after it" in caplog.text


def test_the_window_is_locked_before_the_computer_may_sleep(
    tmp_path: Path, show: Callable[[Any], Any]
) -> None:
    home = tmp_path / "home"
    Home.create(
        home, member="Ann", device="desk", passphrase="sesame", clock=time.time, cost=LEAST_COST
    )
    with opened(home, show) as window:
        assert window.vm.unlock is not None
        window.vm.unlock.attempt("sesame")
        window.until(lambda: window.vm.state.stage is Stage.OPEN)
        stages: list[Stage] = []
        lock_first(window.vm, lambda: stages.append(window.vm.state.stage))
        assert not stages
        window.until(lambda: stages)
        assert set(stages) == {Stage.LOCKED}
        stages.clear()
        lock_first(window.vm, lambda: stages.append(window.vm.state.stage))
        assert set(stages) == {Stage.LOCKED}
