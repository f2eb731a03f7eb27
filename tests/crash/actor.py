"""A process of its own that uses a store and tells what happened: what a test cannot do to itself.

`python -m tests.crash.actor SCENARIO PATH SOCKET` answers with one JSON value through the socket; a scenario may cut
itself off from every drive, and then even a pipe is out of reach.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import storage.verify  # once the drives are gone nothing can be imported
from storage import StorageError, Store
from tests.crash import faults
from tests.support.project import ROOT
from tests.support.stores import TEST_KEY

Tell = dict[str, Any]
WRITTEN: Final = 20


def told(action: Callable[[], Any]) -> dict[str, str] | None:
    """The error of an action by name and sentence; None when it went well."""
    try:
        action()
    except StorageError as error:
        return {"name": type(error).__name__, "sentence": str(error)}
    return None


def _written(path: Path) -> Store:
    store = Store(path, key=TEST_KEY)
    store.insert_multiple({"n": n, "text": "bolt " * 50} for n in range(WRITTEN))
    return store


def _many(store: Store) -> list[int]:
    return store.insert_multiple({"n": -1, "text": f"spring {n} " * 200} for n in range(500))


def unplugged(path: Path) -> Tell:
    """Every drive goes away under an open store that somebody watches."""
    store = _written(path)
    stop = store.watch(lambda _: None)
    faults.unplug_drives()
    answer: Tell = {
        "write": told(lambda: _many(store)),
        "again": told(lambda: store.update({"n": 0})),
        "read": told(lambda: store.table("_default").ids(order=[storage.Order(("text",))])),
        "verify": told(store.verify),
        "open": told(lambda: Store(path, key=TEST_KEY)),
    }
    stop()
    answer["close"] = told(store.close)
    return answer


def no_room(path: Path) -> Tell:
    """No write finds room; then the store is still read."""
    return _refused(path, faults.fill_disk)


def no_quota(path: Path) -> Tell:
    """The share of the disk is used up."""
    return _refused(path, faults.exceed_quota)


def no_sync(path: Path) -> Tell:
    """The drive does not confirm writes."""
    return _refused(path, faults.fail_syncs)


def _refused(path: Path, fault: Callable[[], None]) -> Tell:
    store = _written(path)
    fault()
    answer: Tell = {
        "write": told(lambda: _many(store)),
        "small": told(lambda: store.insert({"n": -1})),
    }
    answer["left"] = [document["n"] for document in store]
    answer["close"] = told(store.close)
    return answer


def small_files(path: Path) -> Tell:
    """No file may grow beyond 200 kB: the limit that a system sets for a process."""
    store = _written(path)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    answer: Tell = {"write": told(lambda: _many(store))}
    answer["left"] = [document["n"] for document in store]
    return answer


def fill(path: Path) -> Tell:
    """Insert until it is refused; tells how many inserts were acknowledged."""
    store = Store(path, key=TEST_KEY)
    acknowledged, error = 0, None
    while error is None:
        error = told(partial(store.insert, {"n": acknowledged, "text": "bolt " * 100}))
        acknowledged += error is None
    answer: Tell = {"acknowledged": acknowledged, "error": error, "left": len(store)}
    answer["close"] = told(store.close)
    return answer


SCENARIOS: Final = {
    scenario.__name__: scenario
    for scenario in (unplugged, no_room, no_quota, no_sync, small_files, fill)
}


def act(scenario: str, path: Path, timeout: float = 60) -> Tell:
    """Have a process of its own act, and hear what it tells."""
    mine, theirs = socket.socketpair()
    command = [
        sys.executable,
        "-P",
        "-m",
        "tests.crash.actor",
        scenario,
        str(path),
        str(theirs.fileno()),
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), pass_fds=[theirs.fileno()])
    theirs.close()
    with mine, process:
        mine.settimeout(timeout)
        data = b""
        while more := mine.recv(65536):
            data += more
    answer: Tell = json.loads(data)
    if "fault" in answer:
        raise AssertionError(answer["fault"])
    return answer


def environment() -> dict[str, str]:
    """For a program of the project's own, started with `-P`."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def main() -> None:
    """The actor's side."""
    scenario, path, descriptor = sys.argv[1:]
    with socket.socket(fileno=int(descriptor)) as line:
        try:
            answer = SCENARIOS[scenario](Path(path))
        except Exception:  # noqa: BLE001  # standard error may be out of reach
            answer = {"fault": traceback.format_exc()}
        line.sendall(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
