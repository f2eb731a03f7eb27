"""The tables of the log of changes, beside those of `storage.schema`. Owns their SQL.

`change` grows at its end only: a change is written once. What `applied` says of a lane is left NULL while everything
linked is decided, so that a device's own writes touch no row of `lane`.
"""

from __future__ import annotations

from typing import Final

from storage.blobs.tables import TABLES as BLOB_TABLES

TABLES: Final = BLOB_TABLES + tuple(
    f"CREATE {what}"
    for what in (
        """TABLE lane(
            lane INTEGER PRIMARY KEY, feed BLOB NOT NULL, device BLOB NOT NULL, parent INTEGER, fork INTEGER,
            first BLOB NOT NULL, applied INTEGER, most INTEGER, cuts BLOB, waits BLOB)""",
        "TABLE feed_claim(feed BLOB PRIMARY KEY, device BLOB NOT NULL) WITHOUT ROWID",
        # at: when it was applied here; earlier: for each part the change before that touched its record;
        # goes_on: the change before of the same action, 0 in its first
        """TABLE change(
            seq INTEGER PRIMARY KEY, lane INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL,
            place INTEGER NOT NULL, group_end INTEGER NOT NULL, stamp INTEGER, at INTEGER, action BLOB,
            kind INTEGER, undoes BLOB, goes_on INTEGER, earlier BLOB, body BLOB NOT NULL)""",
        "UNIQUE INDEX change_number ON change(lane, number)",
        "INDEX change_hash ON change(hash)",  # whoever names a change names it so, be it here or not
        """TABLE advance(
            lane INTEGER NOT NULL, number INTEGER NOT NULL, seen BLOB NOT NULL,
            PRIMARY KEY(lane, number)) WITHOUT ROWID""",
        """TABLE held_change(
            hash BLOB PRIMARY KEY, wants BLOB NOT NULL, why TEXT NOT NULL, body BLOB NOT NULL) WITHOUT ROWID""",
        "INDEX held_wants ON held_change(wants)",
        """TABLE waived(
            hash BLOB NOT NULL, lane INTEGER NOT NULL, number INTEGER NOT NULL,
            PRIMARY KEY(hash, lane, number)) WITHOUT ROWID""",
        # The team log, as it was heard: opaque here.
        "TABLE chain(seq INTEGER PRIMARY KEY, record BLOB NOT NULL)",
        # Records in which something waits for a decision.
        "TABLE disputed(cid INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY(cid, id)) WITHOUT ROWID",
        # Records of one collection that would like the same id (rule 3): which of them has which.
        """TABLE claimant(
            cid INTEGER NOT NULL, wish INTEGER NOT NULL, lane INTEGER NOT NULL, number INTEGER NOT NULL,
            at INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY(lane, number, at)) WITHOUT ROWID""",
        "INDEX claimant_wish ON claimant(cid, wish)",
    )
)
