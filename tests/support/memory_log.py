"""The log of changes in dicts: the first implementation of `storage.changes.log.Log`, for tests and simulations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from storage.changes.envelope import Envelope
from storage.changes.log import Entry, Lane, Why
from storage.crdt.dots import Ref


class MemoryLog:
    """Keeps everything; forgets it with the process."""

    def __init__(self) -> None:
        self._lanes: list[Lane] = []
        self._families: defaultdict[bytes, list[Lane]] = defaultdict(list)
        self._devices: defaultdict[bytes, list[Lane]] = defaultdict(list)
        self._claims: dict[bytes, bytes] = {}
        self._changes: defaultdict[int, dict[int, tuple[Entry, bytes]]] = defaultdict(dict)
        self._places: dict[bytes, Ref] = {}
        self._stamps: dict[Ref, int] = {}
        self._advances: defaultdict[int, list[tuple[int, dict[int, int]]]] = defaultdict(list)
        self._waits: dict[int, bytes] = {}
        self._waiting: defaultdict[bytes, list[int]] = defaultdict(list)
        self._waived: defaultdict[bytes, list[Ref]] = defaultdict(list)
        self._held: dict[bytes, tuple[bytes, Why, bytes]] = {}
        self._held_for: defaultdict[bytes, dict[bytes, None]] = defaultdict(dict)
        self._held_bytes = 0

    def lane(self, lane: int) -> Lane:
        if not 0 <= lane < len(self._lanes):
            raise KeyError(lane)
        return self._lanes[lane]

    def lanes(self) -> Iterable[Lane]:
        return tuple(self._lanes)

    def family(self, feed: bytes) -> Sequence[Lane]:
        return self._families.get(feed, ())

    def lanes_of(self, device: bytes) -> Sequence[Lane]:
        return self._devices.get(device, ())

    def add_lane(self, feed: bytes, device: bytes, parent: Ref | None, first: Envelope) -> Lane:
        start = 0 if parent is None else parent.number
        row = Lane(len(self._lanes), feed, device, parent, first.hash, start, b"", 0, start)
        self._lanes.append(row)
        self._families[feed].append(row)
        self._devices[device].append(row)
        return row

    def save(self, lane: Lane) -> None:
        self._lanes[lane.lane] = lane

    def claim(self, feed: bytes, device: bytes) -> None:
        self._claims[feed] = device

    def claimed(self, feed: bytes) -> bytes | None:
        return self._claims.get(feed)

    def find(self, change: bytes) -> Ref | None:
        return self._places.get(change)

    def entry(self, lane: int, number: int) -> Entry | None:
        kept = self._changes[lane].get(number)
        return None if kept is None else kept[0]

    def raw(self, lane: int, number: int) -> bytes:
        return self._changes[lane][number][1]

    def append(self, lane: int, change: Envelope) -> None:
        clear = change.clear
        entry = Entry(change.hash, clear.place, clear.group_end)
        self._changes[lane][clear.number] = entry, change.raw
        self._places[change.hash] = Ref(lane, clear.number)

    def group_start(self, lane: int, number: int) -> int:
        kept = self._changes[lane]
        while number - 1 in kept and not kept[number - 1][0].group_end:
            number -= 1
        return number

    def note(self, lane: int, number: int, stamp: int, advances: Mapping[int, int]) -> None:
        self._stamps[Ref(lane, number)] = stamp
        noted = self._advances[lane]
        while noted and noted[-1][0] >= number:  # applied anew
            noted.pop()
        if advances:
            before = noted[-1][1] if noted else {}
            more = {key: max(value, before.get(key, 0)) for key, value in advances.items()}
            noted.append((number, {**before, **more}))

    def stamp(self, lane: int, number: int) -> int:
        return self._stamps[Ref(lane, number)]

    def advances(self, lane: int, number: int) -> Mapping[int, int]:
        for at, advances in reversed(self._advances[lane]):
            if at <= number:
                return advances
        return {}

    def wait(self, lane: int, key: bytes | None) -> None:
        before = self._waits.pop(lane, None)
        if before is not None:
            self._waiting[before].remove(lane)
        if key is not None:
            self._waits[lane] = key
            self._waiting[key].append(lane)

    def waiting(self, key: bytes) -> Sequence[int]:
        return tuple(self._waiting.get(key, ()))

    def anybody_waits(self) -> bool:
        return bool(self._waits)

    def waits_for(self, lane: int) -> bytes | None:
        return self._waits.get(lane)

    def waive(self, change: bytes, by: Ref) -> None:
        self._waived[change].append(by)

    def waived(self, change: bytes) -> Sequence[Ref]:
        return self._waived.get(change, ())

    def anything_waived(self) -> bool:
        return bool(self._waived)

    def unwaive(self, change: bytes) -> None:
        self._waived.pop(change, None)

    def hold(self, change: Envelope, why: Why, key: bytes) -> None:
        self.release(change.hash)
        self._held[change.hash] = change.raw, why, key
        self._held_for[key][change.hash] = None
        self._held_bytes += len(change.raw)

    def held(self, key: bytes) -> Sequence[bytes]:
        return [self._held[change][0] for change in self._held_for.get(key, ())]

    def is_held(self, change: bytes) -> Why | None:
        held = self._held.get(change)
        return None if held is None else held[1]

    def release(self, change: bytes) -> None:
        held = self._held.pop(change, None)
        if held is not None:
            self._held_bytes -= len(held[0])
            waiting = self._held_for[held[2]]
            del waiting[change]
            if not waiting:
                del self._held_for[held[2]]

    def held_keys(self, why: Why) -> Sequence[bytes]:
        return tuple({key: None for _, kind, key in self._held.values() if kind is why})

    def held_room(self) -> tuple[int, int]:
        return len(self._held), self._held_bytes
