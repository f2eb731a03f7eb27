"""Takes a snapshot of a store: all of one moment, while others go on writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain

from storage.changes.lanes import name_of
from storage.changes.log import Lane
from storage.changes.sealer import SALT_BYTES
from storage.changes.team import Team
from storage.database import Connection
from storage.engine import Engine
from storage.errors import DamagedTextError
from storage.journal.identity import Identity
from storage.journal.journal import Journal
from storage.journal.sqllog import SqlLog
from storage.snapshot import manifest
from storage.snapshot.manifest import LaneEnd, Manifest
from storage.snapshot.rows import CHUNK_BYTES, ROWS, Collection, Facts, SnapshotRow


def take(
    engine: Engine, journal: Journal, identity: Identity, put: Callable[[int, bytes], None]
) -> bytes:
    """The manifest of a new snapshot, once `put(i, sealed)` was called for each chunk in turn.

    Raises UnknownEpochError, and what reading a store raises.
    """
    sealer = identity.sealer
    with _moment(engine, journal) as (connection, team):
        place, head = team.head
        epoch, salt = team.epoch_at(place), identity.random(SALT_BYTES)
        facts = _facts(connection)
        hashes: list[bytes] = []
        for i, value in enumerate(chain((facts,), _chunks(connection, facts))):
            sealed = manifest.seal(sealer, epoch, salt, i, value)
            hashes.append(manifest.chunk_hash(sealed))
            put(i, sealed)
        told = Manifest(
            *(1, sealer.workspace, sealer.device, place, head, epoch, salt),
            *(tuple(_lanes(SqlLog(connection))), tuple(hashes)),
        )
    return manifest.write(told, sealer)


@contextmanager
def _moment(engine: Engine, journal: Journal) -> Iterator[tuple[Connection, Team]]:
    """A connection that goes on seeing one commit, and the chain as it was then."""
    with engine.db.reading(new=True) as connection, ExitStack() as until:
        with journal.reading():  # so that nobody writes between the two
            team = journal.team
            until.enter_context(engine.db.snapshot(connection))
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        yield connection, team


def _facts(connection: Connection) -> Facts:
    row = connection.execute("SELECT v FROM engine WHERE k = 'digest'").fetchone()
    sql = "SELECT cid, name, last, dropped FROM collection ORDER BY cid"
    collections = [
        Collection(cid, name, last, bool(dropped))
        for cid, name, last, dropped in connection.execute(sql).fetchall()
    ]
    return Facts(bytes(32) if row is None else row[0], tuple(collections))


def _lanes(log: SqlLog) -> Iterator[LaneEnd]:
    """The lanes as far as they count."""
    for row in log.lanes():
        entry = log.entry(row.lane, row.extent)
        if entry is not None:
            yield LaneEnd(
                *(row.lane, row.feed, row.device, row.extent, entry.hash), tuple(_names(log, row))
            )


def _names(log: SqlLog, row: Lane) -> Iterator[tuple[int, bytes]]:
    """How the changes of a lane are called, wherever that changes: at the forks of its feed."""
    forks = {each.parent.number for each in log.family(row.feed) if each.parent is not None}
    above = sorted({row.start, *(number for number in forks if row.start < number < row.extent)})
    return ((each, name_of(log, row.lane, each + 1)) for each in above)


def _rows(connection: Connection, facts: Facts) -> Iterator[SnapshotRow]:
    for each in facts.collections:
        sql = f"SELECT id, doc, made, changed, meta FROM r_{each.number} ORDER BY id"
        for doc_id, text, made, changed, meta in connection.execute(sql):
            yield SnapshotRow(
                each.number, doc_id, text, made, changed, None, purged=False, meta=_there(meta)
            )
    sql = "SELECT cid, id, doc, made, changed, trashed, purged, meta FROM trash ORDER BY seq"
    for cid, doc_id, text, made, changed, trashed, purged, meta in connection.execute(sql):
        yield SnapshotRow(
            *(cid, doc_id, text, made, changed, trashed), purged=bool(purged), meta=_there(meta)
        )


def _there(meta: bytes | None) -> bytes:
    if meta is None:
        raise DamagedTextError("a record has no state beside it")
    return meta


def _chunks(connection: Connection, facts: Facts) -> Iterator[list[SnapshotRow]]:
    chunk: list[SnapshotRow] = []
    size = 0
    for row in _rows(connection, facts):
        if chunk and (len(chunk) >= ROWS or size + len(row.document) > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
        size += len(row.document) + len(row.meta)
    if chunk:
        yield chunk
