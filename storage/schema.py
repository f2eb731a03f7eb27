"""The tables of a store and its format number. Owns their SQL.

One table `r_N` and two full-text indexes a collection, `f_N` of words and `d_N` of the digits of whole numbers, and one
table `v_N` where it has field indexes: an operation on one collection never touches another's pages.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

from storage.checkpoints import LEFT_BYTES

APPLICATION_ID: Final = 0x434F4D48  # "COMH"
FORMAT: Final = 1
SEARCH_MEMORY_BYTES: Final = 8 << 20

BUSY_MS: Final = 30_000  # how long another program may keep us waiting

PRAGMAS: Final = (
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16384",
    f"PRAGMA busy_timeout={BUSY_MS}",
    "PRAGMA wal_autocheckpoint=0",  # `Checkpoints` does it: SQLite would leave a log that is behind the file
    f"PRAGMA journal_size_limit={LEFT_BYTES}",
    "PRAGMA fullfsync=1",
    "PRAGMA trusted_schema=1",
)
# Before all others: the index of the log is kept in memory only where it was not looked for in a file before.
ALONE: Final = ("PRAGMA locking_mode=EXCLUSIVE",)
# There may be four readers, and most of what they read is read once: more made no search quicker.
READERS_CACHE: Final = "PRAGMA cache_size=-4096"

TABLES: Final = tuple(
    f"CREATE {what}"
    for what in (
        "TABLE engine(k TEXT PRIMARY KEY, v ANY) WITHOUT ROWID",
        "TABLE info(k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID",
        """TABLE collection(
            cid INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, n INTEGER NOT NULL DEFAULT 0,
            last INTEGER NOT NULL DEFAULT 0, by_id INTEGER NOT NULL DEFAULT 1,
            position INTEGER NOT NULL DEFAULT 0, dropped INTEGER NOT NULL DEFAULT 0)""",
        """TABLE path(
            cid INTEGER NOT NULL, path TEXT NOT NULL, kinds INTEGER NOT NULL,
            PRIMARY KEY(cid, path)) WITHOUT ROWID""",
        """TABLE field_index(
            cid INTEGER NOT NULL, path TEXT NOT NULL, purpose TEXT NOT NULL, number INTEGER NOT NULL,
            PRIMARY KEY(cid, path, purpose)) WITHOUT ROWID""",
        """TABLE trash(
            seq INTEGER PRIMARY KEY AUTOINCREMENT, cid INTEGER NOT NULL, id INTEGER NOT NULL, doc TEXT NOT NULL,
            made INTEGER NOT NULL, changed INTEGER NOT NULL, pos INTEGER, trashed INTEGER NOT NULL,
            meta BLOB, last INTEGER, purged INTEGER NOT NULL DEFAULT 0)""",
        "INDEX trash_latest ON trash(cid)",
        "INDEX trash_record ON trash(cid, id)",
        "TABLE term(t TEXT PRIMARY KEY, r TEXT NOT NULL) WITHOUT ROWID",
        "INDEX term_r ON term(r)",
        """TABLE loss(
            seq INTEGER PRIMARY KEY, noticed INTEGER NOT NULL, announced INTEGER NOT NULL,
            found INTEGER NOT NULL)""",
    )
)


def collection_tables(cid: int) -> tuple[str, ...]:
    """What a new collection needs."""
    # Contentless: the words, not the text, are kept twice. detail=none has no phrases: hits are
    # checked in Python. A prefix index of four signs would double what an insert costs; the term
    # dictionary does its work.
    search = (
        f"CREATE VIRTUAL TABLE f_{cid} USING fts5(words, content='', contentless_delete=1, detail=none,"
        " prefix='1 2 3', tokenize=\"unicode61 remove_diacritics 0 categories 'L* M* N* Co'\")"
    )
    # Numbers apart: they change often, and each change would write all words of the record again.
    # An ordinary table of (number, id) is quicker to change but slower to fill, its rows being scattered.
    numbers = (
        f"CREATE VIRTUAL TABLE d_{cid} USING fts5(numbers, content='', contentless_delete=1, detail=none,"
        " prefix='1 2 3', tokenize=ascii)"
    )
    rows = (
        f"CREATE TABLE r_{cid}(id INTEGER PRIMARY KEY, doc TEXT NOT NULL, made INTEGER NOT NULL,"
        " changed INTEGER NOT NULL, pos INTEGER, meta BLOB, last INTEGER)"
    )
    # Narrow enough to list a million ids without reading the records.
    made = f"CREATE INDEX m_{cid} ON r_{cid}(made)"
    # Merging is for idle times, and a big transaction makes few segments.
    settings = (
        f"INSERT INTO {index}({index}, rank) VALUES({setting})"
        for index in search_indexes(cid)
        for setting in ("'automerge', 0", f"'hashsize', {SEARCH_MEMORY_BYTES}")
    )
    return rows, made, search, numbers, *settings


def search_indexes(cid: int) -> tuple[str, str]:
    """The full-text indexes of a collection: of words, and of numbers."""
    return f"f_{cid}", f"d_{cid}"


def drop_collection(cid: int) -> tuple[str, ...]:
    """Takes a collection's tables away."""
    names = (f"r_{cid}", *search_indexes(cid))
    return (*(f"DROP TABLE {name}" for name in names), f"DROP TABLE IF EXISTS v_{cid}")


def is_encodable(text: str) -> bool:
    """Whether SQLite can take a text: it has no lone surrogate."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=4096)
def json_path(path: tuple[Any, ...]) -> str | None:
    """A path in SQLite's spelling, quoted for SQL; None where it has none."""
    if not path:
        return None
    for part in path:
        if not isinstance(part, str) or '"' in part or "\\" in part or "\0" in part:
            return None
        if not is_encodable(part):
            return None
        if any(ch < " " for ch in part):
            return None
    return "$" + "".join(f'."{part}"' for part in path).replace("'", "''")


def value_sql(quoted: str) -> str:
    """The value at a quoted JSON path, as SQL compares it."""
    return f"doc ->> '{quoted}'"


def sort_sql(quoted: str, *, amounts: bool = False) -> str:
    """The sort key at a quoted JSON path."""
    function = "amount_key" if amounts else "sort_key"
    return f"{function}(doc ->> '{quoted}')"


def stored(value: Any) -> str:
    """A value for `info`."""
    return json.dumps(value, allow_nan=False)
