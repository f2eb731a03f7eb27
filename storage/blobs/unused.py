"""Takes away what putting blobs left behind when it was cut short: files in the making, and blobs never referred to.

1. What a change, a record or the trash refers to is never taken away, nor what a change refers to that waits or was
   set aside: nobody but its maker knows a blob's id before that, so all changes since it was made are looked at.
2. Nothing is taken away while the process that made it lives: it may be about to refer to it.
3. It is decided, and done, under the lock of the store's writer; so nobody can begin to refer to it meanwhile.
4. A change that cannot be read may refer to anything: then nothing is taken away.
5. A file that no table knows is left alone: the store may have been put back to an older copy.
"""

from __future__ import annotations

import contextlib
import time
from typing import Final, NamedTuple

from storage.blobs import tables
from storage.blobs.folder import Folder
from storage.blobs.leases import has_ended
from storage.blobs.mentions import Mentions, UnreadableChangeError
from storage.changes.sealer import Sealer
from storage.database import Connection
from storage.engine import Engine

_STEP: Final = 200  # changes that are looked at while others wait to write


class _Row(NamedTuple):
    id: bytes
    lease: str
    since: int


class Unused:
    """What is to be tidied up in one store. It remembers how far it has looked."""

    def __init__(self, engine: Engine, folder: Folder, sealer: Sealer) -> None:
        self._engine, self._folder, self._sealer = engine, folder, sealer
        self._swept = False
        self._from = self._at = 0  # the changes that were looked at
        self._mentions = Mentions(sealer)

    def step(self) -> bool:
        """A little of it; true if there is more to do."""
        if not self._swept:
            self._sweep()
            self._swept = True
        if not self._rows_there():
            return False
        with self._folder.told(), self._engine.writing() as connection:
            try:
                return self._look(connection)
            except UnreadableChangeError:
                return False

    def run(self, seconds: float) -> None:
        """All of it, or as much as fits in a time."""
        ends = time.monotonic() + seconds
        while self.step() and time.monotonic() < ends:
            pass

    def _rows_there(self) -> bool:
        with self._engine.db.reading() as connection:
            return connection.execute(f"{tables.UNUSED} LIMIT 1").fetchone() is not None

    def _look(self, connection: Connection) -> bool:
        rows = {row[0]: _Row(*row) for row in connection.execute(tables.UNUSED).fetchall()}
        if not rows:
            return False
        self._begin(min(row.since for row in rows.values()))
        changes = connection.execute(tables.CHANGES, (self._at, _STEP)).fetchall()
        for seq, lane, body in changes:
            for blob in self._mentions.of(lane, body):
                self._used(connection, rows, blob.id)
            self._at = seq
        if len(changes) == _STEP:
            return True
        for (body,) in connection.execute(tables.HELD).fetchall():
            for blob in self._mentions.of_held(body):
                rows.pop(blob.id, None)  # it may yet be refused: look again when it has come in
        for row in rows.values():
            if has_ended(self._folder.lease(row.lease)):
                self._take_away(connection, row.id)
        return False

    def _begin(self, since: int) -> None:
        """Look at all changes after this one; not twice."""
        if since < self._from or not self._at:
            self._from = self._at = since
            self._mentions = Mentions(self._sealer)

    @staticmethod
    def _used(connection: Connection, rows: dict[bytes, _Row], blob: bytes) -> None:
        if rows.pop(blob, None) is not None:
            connection.execute(tables.USED, (blob,))

    def _take_away(self, connection: Connection, blob: bytes) -> None:
        """The file first: a table that knows of no file harms nobody."""
        self._folder.whole(blob).unlink(missing_ok=True)
        connection.execute(tables.FORGET, (blob,))
        connection.execute(tables.USED, (blob,))

    def _sweep(self) -> None:
        """Files in the making, and leases, whose process has ended."""
        with contextlib.suppress(OSError):  # they harm nobody
            for lease, path in [*self._folder.parts(), *self._folder.leases()]:
                if has_ended(self._folder.lease(lease)):
                    path.unlink(missing_ok=True)
