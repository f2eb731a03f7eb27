"""What a frame of the grid costs the window's thread at 1,000,000 rows of 20 columns.

`python -m tests.benchmarks.ui_frames` prints it. CPU milliseconds of the thread for one gesture's step and its whole
frame, software rendering, offscreen. Rows are made up, so that the figure is the grid's own. Frames are paced by 8 ms:
unpaced ones make the software renderer queue.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.views.house import boot

ROWS = 1_000_000
REACH_MS = 8.0
PACE_S = 0.008
Frame = Callable[[int], object]


def percentile(values: list[float], part: float) -> float:
    """The value that this part of the values does not pass."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def measure(step: Frame, frames: int) -> list[float]:
    """CPU milliseconds of each step with its frame."""
    from app.views.house.stage import pump

    pace, costs = threading.Event(), []
    for i in range(frames):
        pace.wait(PACE_S)
        before = time.thread_time()
        step(i)
        pump()
        costs.append((time.thread_time() - before) * 1e3)
    return costs


@contextmanager
def dragged(x: float, y: float) -> Iterator[Any]:
    """A mouse button held down at a place."""
    from app.views.house.touch import Touch

    touch = Touch(x, y, "left").down()
    yield touch
    touch.up()


def gestures(grid: Any) -> Iterator[tuple[str, list[float]]]:
    """Each gesture with the costs of its frames."""
    from app.views.house.touch import wheel

    motion = grid.pointer.motion
    yield "wheel, a notch a frame", measure(lambda _: wheel(600, 400), 150)
    motion.stop()
    yield "wheel, a notch in six", measure(lambda i: i % 6 or wheel(600, 400), 150)
    motion.stop()
    motion.fling(0, 9000)
    yield "fling from 9,000 px/s", measure(lambda _: None, 150)
    motion.stop()
    grid.scroll_to(0, 0)
    x, y = grid.right - 6, grid.top - 70
    with dragged(x, y) as touch:
        yield "scrollbar through the million", measure(lambda i: touch.to(x, y - i * 3), 150)
    grid.scroll_to(0, 4000)
    yield (
        "sideways, 24 px a frame",
        measure(lambda _: grid.scroll_to(grid.scroll_x + 24, grid.scroll_y), 80),
    )
    grid.scroll_to(0, 0)
    yield "arrow down", measure(lambda _: grid.go(grid.cursor[0] + 1, 2), 150)
    yield "page down", measure(lambda _: grid.go(grid.cursor[0] + 18, 2), 100)
    edge = grid.x + grid.geometry.offsets[3] - int(grid.scroll_x)
    with dragged(edge, grid.top - 10) as touch:
        yield "column resize", measure(lambda i: touch.to(edge + i % 60, grid.top - 10), 60)


def rows() -> list[dict[str, Any]]:
    """The figures as `make bench` writes them."""
    from app.views.grid.grid import Grid
    from app.views.house import stage
    from tests.support.rows import MadeUpRows, columns

    grid = Grid(source=MadeUpRows(ROWS), columns=columns())
    stage.put(grid)
    grid.focus = True
    stage.pump(20)
    made: list[dict[str, Any]] = []
    for name, costs in gestures(grid):
        p95 = percentile(costs, 0.95)
        made.append(
            {
                "row": f"grid at 1M x 20, {name}: frame p95",
                "unit": "ms CPU",
                "ours": round(p95, 2),
                "p50": round(percentile(costs, 0.5), 2),
                "peers": {},
                "reach": REACH_MS,
                "reached": p95 <= REACH_MS,
            }
        )
    return made


def main(arguments: list[str]) -> int:
    """Print the table, or with --json the rows of `build/bench.json`: Kivy wants a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        boot.prepare(Path(folder), max_fps=0, offscreen=True)
        table = rows()
    if "--json" in arguments:
        print(json.dumps(table))
        return 0
    for row in table:
        print(f"{row['row']:60} p50 {row['p50']:6.2f}  p95 {row['ours']:6.2f} {row['unit']}")
    return 0 if all(row["reached"] for row in table) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
