"""Fills an empty store with a snapshot: rows as they are, searchable at once. It can be cut off and goes on.

The store is a plain one and stays so: nobody writes changes in it. Its states keep the lanes of whoever made it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

import msgspec

from storage import codec
from storage.crdt import meta
from storage.crdt.digest import Digester
from storage.engine import Engine
from storage.errors import DamagedTextError, RefusedValueError
from storage.journal.identity import Identity
from storage.records import CHUNK
from storage.row import Row, Stamp, State
from storage.rows import Chunk, Rows
from storage.snapshot import manifest
from storage.snapshot.errors import UnfitSnapshotError
from storage.snapshot.manifest import Told
from storage.snapshot.rows import Facts, SnapshotRow

_KEY: Final = "snapshot"  # in `engine`


class Filling(NamedTuple):
    """How far a store was filled, from which snapshot, and whether the changes have proved it."""

    root: bytes
    chunks: int  # that are in
    of: int
    digest: bytes  # of what is in
    proved: bool = False

    @property
    def complete(self) -> bool:
        """Whether all of it is there, with the digest that it should have."""
        return self.chunks == self.of


def shown_in(engine: Engine) -> Filling | None:
    """What a store was filled with; None for one that was not."""
    with engine.db.reading() as connection:
        row = connection.execute("SELECT v FROM engine WHERE k = ?", (_KEY,)).fetchone()
    return None if row is None else msgspec.msgpack.decode(row[0], type=Filling)


def keep(engine: Engine, state: Filling) -> None:
    """Note how far it has come. Inside `engine.writing()`."""
    packed = msgspec.msgpack.encode(state)
    engine.db.writer.execute("INSERT OR REPLACE INTO engine VALUES (?, ?)", (_KEY, packed))


def show(engine: Engine, identity: Identity, raw: bytes, get: Callable[[int], bytes]) -> Filling:
    """Fill a store; `get(i)` gives chunk i, sealed. Each chunk is a commit.

    Raises UnfitSnapshotError for a snapshot that is wrong, and for a store that holds something else already.
    """
    told = manifest.read(raw, identity)
    state = shown_in(engine)
    if state is None:
        if engine.journal is not None or engine.names():
            raise UnfitSnapshotError("there are records already where it should be shown")
        state = Filling(told.root, 0, len(told.manifest.chunks), bytes(32))
    if state.root != told.root:
        raise UnfitSnapshotError("another one is being shown already")
    opened = _Opened(engine, identity, told, get)
    while not state.complete:
        with engine.writing():
            state = opened.take(state)
            keep(engine, state)
    return state


class _Opened:
    """A snapshot on its way into a store."""

    def __init__(
        self, engine: Engine, identity: Identity, told: Told, get: Callable[[int], bytes]
    ) -> None:
        self._engine, self._sealer, self._get = engine, identity.sealer, get
        self._manifest = told.manifest
        self._facts: Facts = self._chunk(0, Facts)
        self._names = {each.number: each.name for each in self._facts.collections}
        self._digester = Digester(identity.sealer.digest_key(), told.manifest.name_of)

    def take(self, state: Filling) -> Filling:
        """The next chunk; with the last one, what holds of all."""
        total = int.from_bytes(state.digest)
        if state.chunks:
            rows: list[SnapshotRow] = self._chunk(state.chunks, list[SnapshotRow])
            try:
                total = self._add(rows, total)
            except (DamagedTextError, RefusedValueError, LookupError, TypeError) as error:
                raise UnfitSnapshotError("a record in it cannot be read") from error
        state = state._replace(chunks=state.chunks + 1, digest=total.to_bytes(32))
        if state.complete:
            self._end(state.digest)
        return state

    def _chunk(self, i: int, kind: Any) -> Any:
        return manifest.unseal(self._sealer, self._manifest, i, self._get(i), kind)

    def _add(self, rows: Iterable[SnapshotRow], total: int) -> int:
        """Put rows where they belong; gives the digest of what is in then."""
        for number, several in groupby(rows, lambda row: row.collection):
            name, some = self._names[number], list(several)
            for row in some:
                told = meta.decode(row.meta, _document(row), name, row.id)
                total = self._digester.moved(total, None, told)
            alive = [row for row in some if row.trashed is None]
            for at in range(0, len(alive), CHUNK):
                self._lay(name, alive[at : at + CHUNK])
            for row in some:
                if row.trashed is not None:
                    self._bury(name, row)
        return total

    def _lay(self, name: str, rows: Sequence[SnapshotRow]) -> None:
        into = Rows(self._engine, name)
        held = into.held()
        chunk = Chunk(held.indexed)
        for row in rows:
            if into.exists(row.id):
                raise UnfitSnapshotError("it holds two records with one id")
            into.take(chunk, row.id, _document(row), State(row.meta, 0))
        into.put(chunk, Stamp(0, 0))
        held.last, held.dirty = max(held.last, *(row.id for row in rows)), True
        self._engine.db.writer.executemany(
            f"UPDATE r_{held.cid} SET made = ?, changed = ? WHERE id = ?",
            [(row.made, row.changed, row.id) for row in rows],
        )

    def _bury(self, name: str, row: SnapshotRow) -> None:
        lying = Row(codec.encode(_document(row)), Stamp(row.made, row.changed), None, None)
        Rows(self._engine, name).lay_in_trash(
            row.id, lying, row.trashed or 0, State(row.meta, 0), purged=row.purged
        )

    def _end(self, digest: bytes) -> None:
        if digest != self._facts.digest:
            raise UnfitSnapshotError("its records are not those that it should have")
        for each in self._facts.collections:
            held = self._engine.held(each.name, make=True)
            if held is not None:
                held.last, held.dirty = max(held.last, each.last), True
                if each.dropped and not held.count:
                    self._engine.hide(each.name)


def _document(row: SnapshotRow) -> dict[str, Any]:
    """A record's values, each time anew. Raises DamagedTextError, RefusedValueError."""
    document = codec.decode(row.document)
    if type(document) is not dict:
        raise DamagedTextError("a record is no object")
    return codec.plain(document)
