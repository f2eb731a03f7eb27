"""The team log: its records folded anew, since by them it is judged which changes count. Storage itself reads none."""

from __future__ import annotations

from storage.changes.team import Team
from storage.database import Connection
from storage.journal.identity import Identity
from storage.verify.report import Check


def check_team(check: Check, connection: Connection, identity: Identity) -> Team:
    """The team as the stored records make it; the one that was read at opening where they make none."""
    records = [row[0] for row in connection.execute("SELECT record FROM chain ORDER BY seq")]
    check.count("chain_records", len(records))
    if identity.fold is None:
        return identity.team
    folded = identity.fold(records)
    for at, reason in folded.wrong:
        check.bad("broken_chain", f"team log/{at}", reason)
    return folded.team or identity.team
