"""What is measured in a process of its own: `python -m tests.benchmarks.fresh WHAT PATH` prints one line of JSON."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

MB = 1 << 20


def _peak_mb() -> float:
    """The most memory that this program ever held (what `resource` says includes who started it)."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(
            line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM")
        )
        return int(line.split()[1]) / 1024
    return (
        float(
            getattr(psutil.Process().memory_info(), "peak_wset", psutil.Process().memory_info().rss)
        )
        / MB
    )


def first_page(folder: Path) -> dict[str, Any]:
    """Open, the first sorted page and its count: seconds after the imports, the key at hand, and the memory then."""
    from app.home import Home
    from tests.benchmarks.stores import BY_TITLE, HOME, TABLE

    home = Home.open(folder / HOME, clock=time.time)
    (entry,) = home.facts().workspaces
    processor, clock = time.process_time(), time.perf_counter()
    store = home._store(entry, home._seat(entry), create=False)
    table = store.table(TABLE)
    page, count = table.page(None, BY_TITLE, 50), table.tally()
    seconds, busy = time.perf_counter() - clock, time.process_time() - processor
    rss = psutil.Process().memory_info().rss / MB
    store.close()
    return {"seconds": seconds, "processor": busy, "rss_mb": rss, "page": len(page), "count": count}


def raw_first_page(folder: Path) -> dict[str, Any]:
    """The same by hand on raw SQLCipher, sorted by the index of the titles."""
    from tests.benchmarks.peers import Raw
    from tests.benchmarks.stores import RAW_FILE

    clock = time.perf_counter()
    raw = Raw(folder / RAW_FILE)
    sql = "SELECT doc FROM r ORDER BY doc ->> '$.\"title\"', id LIMIT 50"
    page = raw.connection.execute(sql).fetchall()
    count = raw.connection.execute("SELECT count(*) FROM r").fetchone()[0]
    seconds = time.perf_counter() - clock
    rss = psutil.Process().memory_info().rss / MB
    raw.close()
    return {"seconds": seconds, "rss_mb": rss, "page": len(page), "count": count}


def scan(folder: Path) -> dict[str, Any]:
    """Test every record in Python: how far memory goes above what it was."""
    from tests.benchmarks.stores import Pair

    pair = Pair(folder)
    pair.table.page(None, (), 50)
    before = psutil.Process().memory_info().rss / MB
    pair.table.search(lambda document: document["minutes"] % 5_000 == 1)
    after = _peak_mb()
    pair.close()
    return {"before_mb": before, "after_mb": after, "grown_mb": after - before}


def window(folder: Path) -> dict[str, Any]:
    """The program's window, drawn offscreen, over the records: its memory after the list was scrolled to both ends."""
    from app.views.house import boot
    from tests.benchmarks.stores import HOME, TABLE

    boot.prepare(folder / "kivy", size=(1440, 900), max_fps=0, offscreen=True)
    from kivy.base import EventLoop

    from app.settings import Settings
    from app.views.application import CommonholdApp
    from app.views.house import stage

    home = folder / HOME
    app = CommonholdApp(home, Settings(), home / "settings.toml", time.time)
    app._run_prepare()
    EventLoop.start()
    pace = threading.Event()  # unpaced frames queue in the software renderer, and grow there

    def until(condition: Callable[[], Any]) -> None:
        end = time.monotonic() + 60
        while not condition() and time.monotonic() < end:
            stage.pump()
            pace.wait(0.016)
        assert condition()

    until(lambda: app.vm.desk is not None and app.vm.desk.records.state.ready)
    desk = app.vm.desk
    desk.open_collection(TABLE)
    until(lambda: desk.records.state.slug == TABLE and desk.records.state.ready)
    count, rows = desk.records.state.count, desk.records.rows
    for place in (count - 1, count // 2, count // 3, 0):
        until(lambda place=place: rows.row(place) is not None)  # type: ignore[misc]
        for _ in range(10):
            stage.pump()
            pace.wait(0.016)
    rss = psutil.Process().memory_info().rss / MB
    app.stop()
    return {"rss_mb": rss, "peak_mb": _peak_mb(), "count": count}


WHAT = {"first_page": first_page, "raw_first_page": raw_first_page, "scan": scan, "window": window}

if __name__ == "__main__":
    print(json.dumps(WHAT[sys.argv[1]](Path(sys.argv[2]))))
