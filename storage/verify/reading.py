"""Reads a lane change by change as it is stored, and says of each what is wrong with it in itself and in its place.

Nothing here stops at what it cannot read: what follows is read all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from storage.changes import envelope
from storage.changes.envelope import NO_HASH, Envelope
from storage.changes.errors import AlteredPartError, MalformedChangeError, SealError
from storage.changes.log import Lane
from storage.changes.opening import GroupReader, OpenedChange, Plain, unseal
from storage.errors import DamagedTextError
from storage.verify.ledger import Ledger, Stored

Found = tuple[str, str]  # kind of problem, and what it is


@dataclass(slots=True)
class Looked:
    """One stored change, how far it could be read, and what is wrong with it."""

    stored: Stored
    change: Envelope | None = None  # None: the bytes are no change
    told: Plain | None = None  # None: it does not count, or does not open
    opened: OpenedChange | None = None
    wrong: list[Found] = field(default_factory=list)


def changes_of(ledger: Ledger, row: Lane) -> Iterator[Looked]:
    """All changes of a lane; those that count are opened."""
    reader: GroupReader | None = None
    above = None if row.parent is None else ledger.log.entry(*row.parent)
    number = row.start
    previous: bytes | None = NO_HASH if above is None else above.hash
    for stored in ledger.log.stored(row.lane):
        looked = Looked(stored)
        if stored.number != number + 1:
            looked.wrong.append(("missing_change", _gap(number + 1, stored.number - 1)))
            previous = None
        _decode(ledger, row, looked, previous)
        number, previous = stored.number, _hash(looked)
        if stored.number <= row.extent:
            reader = reader or GroupReader(ledger.log, row)
            _open(ledger, row, looked, reader)
            if stored.group_end:
                reader = None
        yield looked


def _gap(first: int, last: int) -> str:
    if first == last:
        return f"change {first} is not there"
    return f"changes {first} to {last} are not there"


def _hash(looked: Looked) -> bytes:
    return looked.stored.hash if looked.change is None else looked.change.hash


def _decode(ledger: Ledger, row: Lane, looked: Looked, previous: bytes | None) -> None:
    """`previous`: the hash of the change before it; None if that is not there."""
    stored, wrong = looked.stored, looked.wrong
    try:
        change = envelope.decode(stored.body)
    except AlteredPartError as error:
        wrong.append(("damaged_part", error.reason))
        return
    except (MalformedChangeError, TypeError) as error:
        wrong.append(("damaged_change", getattr(error, "reason", str(error))))
        return
    looked.change, clear = change, change.clear
    if not change.whole:
        wrong.append(("damaged_part", "a part of it was left out"))
    if change.hash != stored.hash:
        wrong.append(("damaged_change", "its bytes are not those that its hash was made of"))
    if clear.workspace != ledger.sealer.workspace:
        wrong.append(("misplaced_change", "it belongs to another workspace"))
    if clear.feed != row.feed or clear.number != stored.number:
        at = f"it says that it is change {clear.number} of feed {clear.feed.hex()[:8]}"
        wrong.append(("misplaced_change", at))
    elif previous is not None and clear.previous != previous:
        wrong.append(("broken_link", "it follows another change than the one before it"))
    if clear.number == 1 and clear.device != row.device:
        wrong.append(("misplaced_change", "its feed is noted as another device's"))
    if stored.number == row.start + 1 and change.hash != row.first:
        wrong.append(("misplaced_change", "its feed is noted to begin with another change"))
    if (clear.place, clear.group_end) != (stored.place, bool(stored.group_end)):
        wrong.append(("wrong_note", "what is noted beside it is not what it says"))
    if not ledger.sealer.verify(row.device, change.signed, change.signature):
        wrong.append(("wrong_signature", "it is not signed by the device whose feed it is in"))


def _open(ledger: Ledger, row: Lane, looked: Looked, reader: GroupReader) -> None:
    stored, change = looked.stored, looked.change
    if change is None or not change.whole:
        ledger.unread.add(stored.seq)
        return
    try:
        looked.told = told = unseal(change, ledger.sealer)
        cause = ledger.settling.cause_of(row, told)
        looked.opened = reader.read(told, ledger.settling.past_of(cause), cause)
    except (SealError, MalformedChangeError) as error:
        ledger.unread.add(stored.seq)
        looked.wrong.append(("unreadable_change", getattr(error, "reason", "it does not open")))
        return
    except (DamagedTextError, LookupError) as error:
        ledger.unread.add(stored.seq)
        looked.wrong.append(("wrong_advance", str(error)))
        return
    header = told.header
    noted = (stored.stamp, stored.action, stored.kind, stored.undoes)
    if noted != (header.stamp, header.action, header.kind, header.of):
        looked.wrong.append(("wrong_note", "what is noted beside it is not what its author sealed"))
