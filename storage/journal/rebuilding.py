"""Makes all that follows from the changes anew: rows, trash, states, histories, digest.

It is the repair where `verify` finds that they are not what the changes say.

1. Only changes that are here as they were written are built upon: where one is not, nothing is begun.
2. It is one transaction: all is there as before, or all anew.
3. What no change says is lost: the order of insertion where it was not that of ids, and the times at which things were
   put into the trash, which become those of the changes that did it.
"""

from __future__ import annotations

from storage.changes import envelope
from storage.changes.errors import MalformedChangeError
from storage.engine import Engine
from storage.errors import DamagedTextError
from storage.journal.journal import Journal


def rebuild(engine: Engine, journal: Journal) -> None:
    """Build a store anew from its changes. Raises DamagedTextError if one is damaged, and whatever a write raises."""
    with journal.writing():
        _check_changes(engine)
        before = _collections(engine)
        execute = engine.db.writer.execute
        for table in ("advance", "waived"):  # noted again by each change that is applied
            execute(f"DELETE FROM {table}")
        journal.log.forget()
        journal.absorber.settling.rebuild()
        for name, last, dropped in before:
            _put_right(engine, name, last, dropped=bool(dropped))


def _check_changes(engine: Engine) -> None:
    """Raise DamagedTextError unless every change is what its hash says."""
    sql = "SELECT seq, hash, body FROM change ORDER BY seq"
    for seq, expected, body in engine.db.writer.execute(sql):
        try:
            change = envelope.decode(body)
        except (MalformedChangeError, TypeError) as error:
            raise DamagedTextError(f"the change at place {seq}: {error}") from error
        if change.hash != expected:
            raise DamagedTextError(f"the change at place {seq} has another hash")
        if not change.whole:
            raise DamagedTextError(f"the change at place {seq} lacks a part")


def _collections(engine: Engine) -> list[tuple[str, int, int]]:
    """Every collection, the highest id given out in it, and whether it was dropped."""
    sql = "SELECT name, last, dropped FROM collection ORDER BY cid"
    return [
        (name, last, dropped) for name, last, dropped in engine.db.writer.execute(sql).fetchall()
    ]


def _put_right(engine: Engine, name: str, last: int, *, dropped: bool) -> None:
    """What the changes do not say of a collection: ids are not given out again, and what was dropped stays so."""
    held = engine.held(name)
    if held is None:
        return
    if dropped and not held.count:
        engine.hide(name)
    elif held.last < last:
        held.last, held.dirty = last, True
