"""What acceptance asks of one chain at one head: storage's `Team`, answered from the fold."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from storage.changes.team import Fence
from sync.team.state import State
from sync.team.wire import ZERO


class TeamView:
    """The chain up to a head, frozen; `places` may go on beyond it and is shared by the views of one branch."""

    __slots__ = ("_begun", "_last_fence", "_places", "_state")

    def __init__(self, state: State, places: Mapping[bytes, int]) -> None:
        self._state = state
        self._places = places
        self._begun = [epoch.place for epoch in state.epochs]
        self._last_fence = {device: ends[-1] for device, ends in state.ended.items()}
        for (device, _), fences in state.fences.items():
            self._last_fence[device] = max(self._last_fence.get(device, 0), fences[-1].place)

    @property
    def state(self) -> State:
        """The fold at the head."""
        return self._state

    @property
    def head(self) -> tuple[int, bytes]:
        """Place and hash of the newest chain record known here."""
        return self._state.place, self._state.head

    def place_of(self, head: bytes) -> int | None:
        """The place of the chain record with this hash; None if this chain does not hold it."""
        place = self._places.get(head)
        return place if place is not None and place <= self._state.place else None

    def may_write(self, place: int, device: bytes) -> bool:
        """Whether the device was in the team after the record at that place, with a role that writes."""
        answer = False
        for begun, may in self._state.writing.get(device, ()):
            if begun > place:
                break
            answer = may
        return answer

    def epoch_at(self, place: int) -> int:
        """The epoch after the record at that place."""
        return self._state.epochs[bisect_right(self._begun, place) - 1].number

    def device_number(self, device: bytes) -> int:
        """The ordinal of the device's record in the chain, 0 for the founder's. Raises KeyError."""
        return self._state.known[device].number

    def fences(self, device: bytes, feed: bytes) -> tuple[Fence, ...]:
        """Every fence on one feed of the device, in ascending place; where nothing of it counts, at number 0."""
        listed = self._state.fences.get((device, feed), ())
        places = {fence.place for fence in listed}
        ended = self._state.ended.get(device, ())
        unlisted = [Fence(place, 0, ZERO) for place in ended if place not in places]
        return tuple(sorted((*listed, *unlisted)))

    def fenced_after(self, place: int) -> frozenset[bytes]:
        """The devices with a feed that a record after that place fences."""
        return frozenset(device for device, last in self._last_fence.items() if last > place)
