"""What waits: changes that are held until something comes, and the notes about it."""

from __future__ import annotations

from typing import Final

from storage.changes import envelope
from storage.changes.errors import MalformedChangeError
from storage.changes.log import Why
from storage.verify.ledger import Ledger
from storage.verify.report import Check

_SQL: Final = "SELECT hash, wants, why, body FROM held_change ORDER BY hash"


def check_waiting(check: Check, ledger: Ledger) -> None:
    """Every held change, and what it is held for."""
    for hash_, wants, why, body in ledger.connection.execute(_SQL):
        check.count("held_changes")
        reason = _wrong(ledger, hash_, wants, why, body)
        if reason:
            check.bad("damaged_held_change", f"held/{bytes(hash_).hex()[:8]}", reason)


def _wrong(ledger: Ledger, hash_: bytes, wants: bytes, why: str, body: bytes) -> str:
    try:
        change = envelope.decode(body)
    except (MalformedChangeError, TypeError) as error:
        return getattr(error, "reason", str(error))
    clear = change.clear
    if change.hash != hash_:
        return "its bytes are not those that its hash was made of"
    if clear.workspace != ledger.sealer.workspace:
        return "it belongs to another workspace"
    if why == Why.LINK and wants == clear.previous:
        return ""
    if why == Why.HEAD and wants == clear.head:
        known = ledger.team.place_of(wants) is not None
        return "it waits for a chain record that is here" if known else ""
    return "it is held for something that it does not need"
