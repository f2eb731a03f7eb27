"""Hears from the system that the computer goes to sleep, where the system tells: on Linux, logind does.

Elsewhere, and where there is no logind, nothing is heard; the sleep is then noticed after it (`app.viewmodels.idle`).
The system is asked to wait, for a few seconds at most, until what is to be done before the sleep is done.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

log = logging.getLogger(__name__)

PATIENCE_S = 4.0  # logind itself waits for five
NAME, PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
MANAGER = "org.freedesktop.login1.Manager"

Over = Callable[[], None]


class SleepWatch:
    """Calls `told(over)` on a thread of its own before each sleep, until `close`; `over` lets the computer sleep."""

    def __init__(self, told: Callable[[Over], None]) -> None:
        self._told = told
        self._connection: DBusConnection | None = None
        self._closed = False
        if sys.platform == "linux":
            threading.Thread(target=self._run, name="sleep watch", daemon=True).start()

    def close(self) -> None:
        """Hear no more."""
        self._closed = True
        connection = self._connection
        if connection is not None:
            import socket

            with suppress(OSError):  # which ends the wait of the thread
                connection.sock.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        try:
            self._listen()
        except Exception as error:  # noqa: BLE001 -- no bus, no logind, a bus that ends: all mean that nobody tells
            if not self._closed:
                log.info("sleep is noticed only after it: %s", type(error).__name__)

    def _listen(self) -> None:
        from jeepney import MatchRule, message_bus
        from jeepney.io.blocking import Proxy, open_dbus_connection

        with open_dbus_connection(bus="SYSTEM", enable_fds=True) as connection:
            self._connection = connection
            rule = {"type": "signal", "interface": MANAGER, "member": "PrepareForSleep"}
            Proxy(message_bus, connection).AddMatch(MatchRule(sender=NAME, path=PATH, **rule))
            with connection.filter(MatchRule(path=PATH, **rule)) as signals:
                self._hear(connection, signals)

    def _hear(self, connection: DBusConnection, signals: Any) -> None:
        delay = _delay(connection)
        try:
            while not self._closed:
                (begins,) = connection.recv_until_filtered(signals).body
                if begins:
                    self._tell()
                    _let_go(delay)
                else:
                    delay = _delay(connection)
        finally:
            _let_go(delay)

    def _tell(self) -> None:
        done = threading.Event()
        self._told(done.set)
        done.wait(PATIENCE_S)


def _delay(connection: DBusConnection) -> Any:
    """Ask logind to wait before each sleep until what it gives is let go of; None if it will not."""
    from jeepney import DBusAddress, MessageType, new_method_call

    manager = DBusAddress(PATH, bus_name=NAME, interface=MANAGER)
    wish = ("sleep", "Commonhold", "it locks its window first", "delay")
    reply = connection.send_and_get_reply(new_method_call(manager, "Inhibit", "ssss", wish))
    return None if reply.header.message_type is MessageType.error else reply.body[0]


def _let_go(delay: Any) -> None:
    if delay is not None:
        delay.close()
