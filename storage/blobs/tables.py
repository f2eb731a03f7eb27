"""The tables about blobs, in the store: what is here, and what nothing was known to refer to yet. Owns their SQL."""

from __future__ import annotations

from typing import Final

TABLES: Final = (
    # The blobs whose files were made here: by the keyed hash of its content an equal one is found. Local.
    "CREATE TABLE blob(id BLOB PRIMARY KEY, content BLOB NOT NULL, token TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX blob_content ON blob(content)",
    # Of those, what no record was known to refer to; since: the last change that was there before it.
    """CREATE TABLE blob_unused(
        id BLOB PRIMARY KEY, lease TEXT NOT NULL, since INTEGER NOT NULL) WITHOUT ROWID""",
)


SINCE: Final = "(SELECT coalesce(max(seq), 0) FROM change)"
FIND: Final = "SELECT token FROM blob WHERE content = ?"
PUT: Final = "INSERT INTO blob VALUES (?, ?, ?)"
FORGET: Final = "DELETE FROM blob WHERE id = ?"
EXPECT: Final = f"INSERT INTO blob_unused VALUES (?, ?, {SINCE})"
EXPECT_AGAIN: Final = f"UPDATE blob_unused SET lease = ?, since = {SINCE} WHERE id = ?"
USED: Final = "DELETE FROM blob_unused WHERE id = ?"
UNUSED: Final = "SELECT id, lease, since FROM blob_unused"
IDS: Final = "SELECT id FROM blob"
CHANGES: Final = "SELECT seq, lane, body FROM change WHERE seq > ? ORDER BY seq LIMIT ?"
HELD: Final = "SELECT body FROM held_change"
