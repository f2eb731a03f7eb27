"""`storage.changes.log.Log` over the tables of a store: the changes kept, and what is known of them.

For the thread that has the connection. The lanes are held in memory, as they are in the file; `forget` drops them when
another connection may have written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from storage.changes.accept import Verdict
from storage.changes.envelope import MAX_NUMBER, Envelope
from storage.changes.log import Cut, Entry, Lane, Why
from storage.crdt.dots import Ref
from storage.database import Connection
from storage.errors import DamagedTextError

_pack = msgspec.msgpack.Encoder().encode
_unpack_seen = msgspec.msgpack.Decoder(dict[int, int]).decode
_unpack_cuts = msgspec.msgpack.Decoder(tuple[tuple[int, int, str], ...]).decode

LOOKED_THROUGH: Final = 20_000


class SqlLog:
    """The log of one store, over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._execute = connection.execute
        self._lanes: dict[int, Lane] | None = None
        self._families: dict[bytes, list[Lane]] = {}
        self._waits: dict[int, bytes] = {}
        self._stored: dict[int, tuple[Any, ...]] = {}

    def forget(self) -> None:
        """Drop what is held in memory."""
        self._lanes = None

    # -- lanes ---------------------------------------------------------------------------------------------------
    def lane(self, lane: int) -> Lane:
        """One lane. Raises KeyError."""
        return self._all()[lane]

    def lanes(self) -> Iterable[Lane]:
        """All of them."""
        return list(self._all().values())

    def family(self, feed: bytes) -> Sequence[Lane]:
        """The lanes of one feed."""
        self._all()
        return self._families.get(feed, [])

    def lanes_of(self, device: bytes) -> Sequence[Lane]:
        """The lanes of all feeds of a device."""
        return [row for row in self._all().values() if row.device == device]

    def add_lane(self, feed: bytes, device: bytes, parent: Ref | None, first: Envelope) -> Lane:
        """A new lane that begins with this change, which is not yet appended."""
        above, fork = parent if parent is not None else (None, None)
        cursor = self._execute(
            "INSERT INTO lane(feed, device, parent, fork, first) VALUES (?, ?, ?, ?, ?)",
            (feed, device, above, fork, first.hash),
        )
        start = 0 if fork is None else fork
        row = Lane(
            cursor.lastrowid,
            feed,
            device,
            parent,
            first.hash,
            start,
            first.clear.previous,
            0 if parent is None else self._place_at(parent),
            start,
        )
        self._all()[row.lane] = row
        if row not in self.family(feed):
            self._families.setdefault(feed, []).append(row)
        self._stored[row.lane] = _columns(row)
        return row

    def save(self, lane: Lane) -> None:
        """Keep what was changed in a lane; what follows from its changes is not written."""
        columns = _columns(lane)
        if self._stored.get(lane.lane) != columns:
            self._execute(
                "UPDATE lane SET applied = ?, most = ?, cuts = ? WHERE lane = ?",
                (*columns, lane.lane),
            )
            self._stored[lane.lane] = columns

    def claim(self, feed: bytes, device: bytes) -> None:
        """Keep whose feed it is said to be."""
        self._execute("INSERT OR IGNORE INTO feed_claim VALUES (?, ?)", (feed, device))

    def claimed(self, feed: bytes) -> bytes | None:
        """What `claim` kept."""
        row = self._execute("SELECT device FROM feed_claim WHERE feed = ?", (feed,)).fetchone()
        return None if row is None else row[0]

    def _place_at(self, at: Ref) -> int:
        entry = self.entry(*at)
        return 0 if entry is None else entry.place

    def _all(self) -> dict[int, Lane]:
        if self._lanes is None:
            self._read_lanes()
        assert self._lanes is not None  # noqa: S101  # just read
        return self._lanes

    def _read_lanes(self) -> None:
        self._lanes, self._families, self._waits, self._stored = {}, {}, {}, {}
        sql = "SELECT lane, feed, device, parent, fork, first, applied, most, cuts, waits FROM lane"
        for lane, feed, device, above, fork, first, applied, most, cuts, waits in self._execute(
            sql
        ).fetchall():
            parent = None if above is None else Ref(above, fork)
            start = 0 if parent is None else parent.number
            last = self._execute(
                "SELECT number, hash, place FROM change WHERE lane = ? ORDER BY number DESC LIMIT 1",
                (lane,),
            ).fetchone()
            linked, tip, place = last or (start, first, 0)
            row = Lane(
                *(lane, feed, device, parent, first, linked, tip, place),
                linked if applied is None else applied,
                MAX_NUMBER if most is None else most,
                _cuts(cuts),
            )
            self._lanes[lane] = row
            self._families.setdefault(feed, []).append(row)
            self._stored[lane] = _columns(row)
            if waits is not None:
                self._waits[lane] = waits

    # -- changes -------------------------------------------------------------------------------------------------
    def find(self, change: bytes) -> Ref | None:
        """Where the change with this hash stands."""
        row = self._execute("SELECT lane, number FROM change WHERE hash = ?", (change,)).fetchone()
        return None if row is None else Ref(*row)

    def entry(self, lane: int, number: int) -> Entry | None:
        """The change with this number of the lane's own."""
        row = self._execute(
            "SELECT hash, place, group_end FROM change WHERE lane = ? AND number = ?",
            (lane, number),
        ).fetchone()
        return None if row is None else Entry(row[0], row[1], bool(row[2]))

    def raw(self, lane: int, number: int) -> bytes:
        """Its bytes. Raises KeyError."""
        row = self._execute(
            "SELECT body FROM change WHERE lane = ? AND number = ?", (lane, number)
        ).fetchone()
        if row is None:
            raise KeyError(Ref(lane, number))
        found: bytes = row[0]
        return found

    def append(self, lane: int, change: Envelope) -> None:
        """Keep a change at the end of a lane."""
        clear = change.clear
        self._execute(
            "INSERT INTO change(lane, number, hash, place, group_end, body) VALUES (?, ?, ?, ?, ?, ?)",
            (lane, clear.number, change.hash, clear.place, clear.group_end, change.raw),
        )

    def keep(
        self,
        row: Lane,
        change: Envelope,
        stamp: int,
        at_ms: int,
        action: tuple[bytes, int, bytes | None],
        goes_on: int,
        earlier: bytes | None,
    ) -> None:
        """Keep an applied change of this device, with all that is known of it."""
        clear = change.clear
        self._execute(
            "INSERT INTO change(lane, number, hash, place, group_end, stamp, at, action, kind, undoes, goes_on,"
            " earlier, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(row.lane, clear.number, change.hash, clear.place, clear.group_end, stamp, at_ms),
                *(*action, goes_on, earlier, change.raw),
            ),
        )

    def done(self, lane: int, below: int) -> tuple[int, int, bytes, int, bytes | None] | None:
        """The last accepted change of a lane below a number: (number, seq, action, kind, action undone or redone)."""
        found = self._execute(
            "SELECT number, seq, action, kind, undoes FROM change WHERE lane = ? AND number < ?"
            " AND action IS NOT NULL ORDER BY number DESC LIMIT 1",
            (lane, min(below, self.lane(lane).extent + 1)),
        ).fetchone()
        return None if found is None else tuple(found)

    def of_action(self, seq: int) -> Iterator[tuple[int, Ref]]:
        """The changes of one action of this device, the last one first, from its place: place, and which it is."""
        action: bytes | None = None
        while seq:
            row = self._execute(
                "SELECT lane, number, goes_on, action FROM change WHERE seq = ?", (seq,)
            ).fetchone()
            if row is None or action not in {None, row[3]}:
                return
            yield seq, Ref(row[0], row[1])
            action, before = row[3], row[2] or 0
            seq = before if before < seq else 0

    def last_of(self, device: bytes, action: bytes, lane: int, below: int) -> int:
        """The place of the action's last change below a number of a lane, or in the device's other lanes; 0 if none.

        Looks through the last changes only: an action goes on soon, or not at all.
        """
        sql = (
            "SELECT seq FROM (SELECT seq, action FROM change WHERE lane = ? AND number < ?"
            f" ORDER BY number DESC LIMIT {LOOKED_THROUGH}) WHERE action = ? LIMIT 1"
        )
        lanes = [lane, *(row.lane for row in self.lanes_of(device) if row.lane != lane)]
        for each in lanes:
            end = below if each == lane else MAX_NUMBER
            row = self._execute(sql, (each, end, action)).fetchone()
            if row is not None:
                return int(row[0])
        return 0

    def applied(
        self,
        seq: int,
        at_ms: int,
        action: tuple[bytes, int, bytes | None],
        goes_on: int | None,
        earlier: bytes | None,
    ) -> None:
        """Keep when a change was applied, in which action it was made, and where its records' history goes on.

        `goes_on`: the change before of the same action, for this device's own.
        """
        self._execute(
            "UPDATE change SET at = coalesce(at, ?), action = ?, kind = ?, undoes = ?, goes_on = ?, earlier = ?"
            " WHERE seq = ?",
            (at_ms, *action, goes_on, earlier, seq),
        )

    def seq(self, lane: int, number: int) -> int:
        """The place of a change in the order in which changes came here. Raises KeyError."""
        sql = "SELECT seq FROM change WHERE lane = ? AND number = ?"
        row = self._execute(sql, (lane, number)).fetchone()
        if row is None:
            raise KeyError(Ref(lane, number))
        return int(row[0])

    def next_seq(self) -> int:
        """The place that the next change will have."""
        (last,) = self._execute("SELECT max(seq) FROM change").fetchone()
        return int(last or 0) + 1

    def first_applied_ms(self) -> int:
        """When this device applied its first change; 0 if none."""
        row = self._execute("SELECT at FROM change WHERE at IS NOT NULL ORDER BY seq LIMIT 1")
        found = row.fetchone()
        return 0 if found is None else int(found[0])

    def next_lane(self) -> int:
        """The number that the next lane will have."""
        return max(self._all(), default=0) + 1

    def group_start(self, lane: int, number: int) -> int:
        """The first number of the group that this number is in, not below the lane's first own."""
        row = self._execute(
            "SELECT max(number) FROM change WHERE lane = ? AND number < ? AND group_end",
            (lane, number),
        ).fetchone()
        ended = row[0] if row[0] is not None else self.lane(lane).start
        return int(ended) + 1

    # -- what applied changes said -------------------------------------------------------------------------------
    def note(self, lane: int, number: int, stamp: int, advances: Mapping[int, int]) -> None:
        """Keep an applied change's stamp, and how far other lanes had come at its author."""
        self._execute(
            "UPDATE change SET stamp = ? WHERE lane = ? AND number = ?", (stamp, lane, number)
        )
        if advances:
            seen = dict(self.advances(lane, number))
            for other, reached in advances.items():
                seen[other] = max(reached, seen.get(other, 0))
            self._execute(
                "INSERT OR REPLACE INTO advance VALUES (?, ?, ?)", (lane, number, _pack(seen))
            )

    def stamp(self, lane: int, number: int) -> int:
        """The stamp of an applied change. Raises KeyError."""
        row = self._execute(
            "SELECT stamp FROM change WHERE lane = ? AND number = ?", (lane, number)
        ).fetchone()
        if row is None or row[0] is None:
            raise KeyError(Ref(lane, number))
        return int(row[0])

    def advances(self, lane: int, number: int) -> Mapping[int, int]:
        """For each other lane the furthest that any change of the lane's own, up to this number, has noted."""
        row = self._execute(
            "SELECT seen FROM advance WHERE lane = ? AND number <= ? ORDER BY number DESC LIMIT 1",
            (lane, number),
        ).fetchone()
        if row is None:
            return {}
        try:
            return _unpack_seen(row[0])
        except (msgspec.MsgspecError, TypeError) as error:
            raise DamagedTextError(f"what a change had seen: {error}") from error

    # -- what waits ----------------------------------------------------------------------------------------------
    def wait(self, lane: int, key: bytes | None) -> None:
        """Let a lane wait for one key instead of the one before; None: for nothing."""
        self._all()
        self._execute("UPDATE lane SET waits = ? WHERE lane = ?", (key, lane))
        if key is None:
            self._waits.pop(lane, None)
        else:
            self._waits[lane] = key

    def waiting(self, key: bytes) -> Sequence[int]:
        """The lanes that wait for it."""
        self._all()
        return [lane for lane, wanted in self._waits.items() if wanted == key]

    def anybody_waits(self) -> bool:
        """Whether any lane waits."""
        self._all()
        return bool(self._waits)

    def waits_for(self, lane: int) -> bytes | None:
        """The key that a lane waits for."""
        self._all()
        return self._waits.get(lane)

    def waive(self, change: bytes, by: Ref) -> None:
        """Keep that an applied change did not wait for the one with this hash (rule 23)."""
        self._execute("INSERT OR IGNORE INTO waived VALUES (?, ?, ?)", (change, *by))

    def waived(self, change: bytes) -> Sequence[Ref]:
        """Who did not wait for it."""
        sql = "SELECT lane, number FROM waived WHERE hash = ? ORDER BY lane, number"
        return [Ref(*row) for row in self._execute(sql, (change,)).fetchall()]

    def anything_waived(self) -> bool:
        """Whether anybody did not wait for anything."""
        return self._execute("SELECT 1 FROM waived LIMIT 1").fetchone() is not None

    def unwaive(self, change: bytes) -> None:
        """Forget that anybody did not wait for it."""
        self._execute("DELETE FROM waived WHERE hash = ?", (change,))

    # -- what is held --------------------------------------------------------------------------------------------
    def hold(self, change: Envelope, why: Why, key: bytes) -> None:
        """Keep a change until the key comes; one that is held already waits for the new key."""
        self._execute(
            "INSERT OR REPLACE INTO held_change(hash, wants, why, body) VALUES (?, ?, ?, ?)",
            (change.hash, key, why.value, change.raw),
        )

    def held(self, key: bytes) -> Sequence[bytes]:
        """The bytes of the changes that wait for a key."""
        sql = "SELECT body FROM held_change WHERE wants = ? ORDER BY hash"
        return [row[0] for row in self._execute(sql, (key,)).fetchall()]

    def is_held(self, change: bytes) -> Why | None:
        """What the change with this hash is held for."""
        row = self._execute("SELECT why FROM held_change WHERE hash = ?", (change,)).fetchone()
        return None if row is None else Why(row[0])

    def release(self, change: bytes) -> None:
        """Forget a held change, if it is one."""
        self._execute("DELETE FROM held_change WHERE hash = ?", (change,))

    def held_keys(self, why: Why) -> Sequence[bytes]:
        """The different keys that are waited for."""
        sql = "SELECT DISTINCT wants FROM held_change WHERE why = ? ORDER BY wants"
        return [row[0] for row in self._execute(sql, (why.value,)).fetchall()]

    def held_room(self) -> tuple[int, int]:
        """How many changes are held, and how many bytes they have."""
        sql = "SELECT count(*), coalesce(sum(length(body)), 0) FROM held_change"
        count, size = self._execute(sql).fetchone()
        return int(count), int(size)


def _columns(row: Lane) -> tuple[int | None, int | None, bytes | None]:
    """What of a lane is not known from its changes."""
    cuts = [(cut.place, cut.number, cut.verdict.value) for cut in row.cuts]
    return (
        None if row.applied == row.linked else row.applied,
        None if row.limit == MAX_NUMBER else row.limit,
        _pack(cuts) if cuts else None,
    )


def _cuts(packed: bytes | None) -> tuple[Cut, ...]:
    if packed is None:
        return ()
    try:
        return tuple(Cut(p, n, Verdict(v)) for p, n, v in _unpack_cuts(packed))
    except (msgspec.MsgspecError, ValueError, TypeError) as error:
        raise DamagedTextError(f"how far a feed counts: {error}") from error
