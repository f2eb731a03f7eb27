"""Records of a plain store become changes: each is created anew by the device that adopts it, under its id."""

from __future__ import annotations

from typing import Final

from storage import codec
from storage.engine import Engine
from storage.journaling import Journal
from storage.row import Row, Stamp

_STEP: Final = 500


class Adoption:
    """Gives every record of a store its first change. In the caller's transaction."""

    def __init__(self, engine: Engine, journal: Journal) -> None:
        self._execute, self._journal = engine.db.writer.execute, journal
        self._names = engine.names()

    def run(self) -> None:
        """Adopt all records, those in the trash included."""
        sql = "SELECT cid FROM collection WHERE name = ?"
        for name in self._names:
            (cid,) = self._execute(sql, (name,)).fetchone()
            self._rows(name, cid)
            self._trash(name, cid)

    def _rows(self, name: str, cid: int) -> None:
        last = -(1 << 63)
        sql = f"SELECT id, doc FROM r_{cid} WHERE id >= ? ORDER BY id LIMIT {_STEP}"
        while rows := self._execute(sql, (last,)).fetchall():
            for doc_id, text in rows:
                document = codec.decode(text)
                state = self._journal.created(name, doc_id, document)
                self._execute(
                    f"UPDATE r_{cid} SET doc = ?, meta = ?, last = ? WHERE id = ?",
                    (codec.encode(document), state.meta, state.last, doc_id),
                )
            if rows[-1][0] == (1 << 63) - 1:
                return
            last = rows[-1][0] + 1

    def _trash(self, name: str, cid: int) -> None:
        sql = "SELECT seq, id, doc, made, changed, pos FROM trash WHERE cid = ? ORDER BY seq"
        for seq, doc_id, *rest in self._execute(sql, (cid,)).fetchall():
            document = codec.decode(rest[0])
            text = codec.encode(document)
            made = self._journal.created(name, doc_id, document)
            row = Row(text, Stamp(rest[1], rest[2]), rest[3], made)
            state = self._journal.died(name, doc_id, row, purge=False)
            self._execute(
                "UPDATE trash SET doc = ?, meta = ?, last = ? WHERE seq = ?",
                (text, state.meta, state.last, seq),
            )
