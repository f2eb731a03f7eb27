"""Takes words out of the dictionary that no record has any more: idle work, a stretch at a time.

A word that stays too long costs a look, never a wrong hit; so a walk through the dictionary waits for many commits.
"""

from __future__ import annotations

from typing import Final

from storage.database import Connection
from storage.engine import Engine

WORTH_COMMITS: Final = 1_000
STRETCH: Final = 500  # terms looked at a step, while others wait to write


class Pruning:
    """One walk at a time, for the thread that does a store's idle work."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._after: str | None = None  # the last term of a walk that is under way
        self._pruned: int | None = None  # how many commits there were at the end of the last one

    def step(self) -> bool:
        """Look at a stretch of the dictionary; false when no walk is due, or one has come to its end."""
        if self._engine.db.holds_transaction():
            return False
        if self._after is None:
            if self._engine.commits - self._last_walk() < WORTH_COMMITS:
                return False
            self._after = ""
        with self._engine.writing() as connection:
            self._after = self._prune(connection, self._after)
            if self._after is None:
                self._pruned = self._engine.commits + 1  # this one counts as well
                sql = "INSERT OR REPLACE INTO engine VALUES ('pruned', ?)"
                connection.execute(sql, (self._pruned,))
        return self._after is not None

    def _last_walk(self) -> int:
        if self._pruned is None:
            with self._engine.db.reading() as connection:
                sql = "SELECT v FROM engine WHERE k = 'pruned'"
                row = connection.execute(sql).fetchone()
            self._pruned = row[0] if row else 0
        return self._pruned

    def _prune(self, connection: Connection, after: str) -> str | None:
        """Look at the stretch behind a term; the last of it, or None at the end."""
        sql = "SELECT t FROM term WHERE t > ? ORDER BY t LIMIT ?"
        terms = [row[0] for row in connection.execute(sql, (after, STRETCH))]
        if terms:
            old = set(terms) - _in_use(connection, terms[0], terms[-1])
            connection.executemany("DELETE FROM term WHERE t = ?", [(term,) for term in old])
            if old:
                self._engine.terms.clear()
        return terms[-1] if len(terms) == STRETCH else None


def _in_use(connection: Connection, first: str, last: str) -> set[str]:
    """The terms from `first` to `last` that are in the index of any collection."""
    found: set[str] = set()
    for (cid,) in connection.execute("SELECT cid FROM collection").fetchall():
        connection.execute(f"CREATE VIRTUAL TABLE temp.used USING fts5vocab(main, f_{cid}, row)")
        try:
            sql = "SELECT term FROM temp.used WHERE term >= ? AND term <= ?"
            found.update(row[0] for row in connection.execute(sql, (first, last)))
        finally:
            connection.execute("DROP TABLE temp.used")
    return found
