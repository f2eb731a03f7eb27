"""How what scrolls moves: notches glide to a target, a finger's pan ends in a fling; under reduced motion it jumps."""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from typing import Any

from kivy.clock import Clock

from app.views.house.skin import skin

HALVES = 36.0  # per second: how often the way left is halved in a glide (28 ms each)
FRICTION = 3.2  # how fast a fling dies, per second
SLOWEST = 20.0  # pixels per second

Point = tuple[float, float]


class Motion:
    """Moves a scroll position by itself; `put` clamps it, `where` tells it, `most` gives its upper bounds."""

    def __init__(
        self,
        where: Callable[[], Point],
        put: Callable[[float, float], None],
        most: Callable[[], Point],
    ) -> None:
        self._where, self._put, self._most = where, put, most
        self._event: Any = None
        self._target: Point | None = None
        self._velocity: Point = (0.0, 0.0)

    @property
    def moving(self) -> bool:
        """Whether it moves by itself now."""
        return self._event is not None

    def glide(self, dx: float, dy: float) -> None:
        """Go on by so many pixels; notches add up."""
        x, y = self._target or self._where()
        most_x, most_y = self._most()
        self._target = min(max(0.0, x + dx), most_x), min(max(0.0, y + dy), most_y)
        if skin.reduced_motion:
            self._put(*self._target)
            self._target = None
        elif self._event is None:
            self._event = Clock.schedule_interval(self._glide, 0)

    def fling(self, vx: float, vy: float) -> None:
        """Coast from a speed in pixels per second."""
        if not skin.reduced_motion:
            self.stop()
            self._velocity = vx, vy
            self._event = Clock.schedule_interval(self._coast, 0)

    def stop(self) -> None:
        """Stand still."""
        if self._event is not None:
            self._event.cancel()
        self._event = self._target = None

    def _glide(self, dt: float) -> None:
        if self._target is None:
            self.stop()
            return
        (tx, ty), (x, y) = self._target, self._where()
        part = 1.0 - 0.5 ** (dt * HALVES)
        x, y = x + (tx - x) * part, y + (ty - y) * part
        if abs(tx - x) < 1 and abs(ty - y) < 1:
            x, y = tx, ty
            self.stop()
        self._put(x, y)

    def _coast(self, dt: float) -> None:
        (vx, vy), before = self._velocity, self._where()
        self._put(before[0] + vx * dt, before[1] + vy * dt)
        fade = exp(-FRICTION * dt)
        self._velocity = vx * fade, vy * fade
        if (abs(vx) < SLOWEST and abs(vy) < SLOWEST) or (dt and self._where() == before):
            self.stop()


class Trail:
    """Where a finger was in its last moments; gives the speed it leaves with."""

    def __init__(self, touch: Any) -> None:
        self._points = [(touch.time_start, touch.x, touch.y)]

    def add(self, touch: Any) -> None:
        """The finger moved."""
        self._points.append((touch.time_update, touch.x, touch.y))
        del self._points[:-5]

    def velocity(self) -> Point:
        """(x, y) pixels per second over the last points."""
        (t0, x0, y0), (t1, x1, y1) = self._points[0], self._points[-1]
        if t1 <= t0:
            return 0.0, 0.0
        dt = max(t1 - t0, 1 / 120)
        return (x1 - x0) / dt, (y1 - y0) / dt
