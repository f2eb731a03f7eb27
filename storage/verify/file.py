"""The file itself: its pages, their signatures, its B-trees, and the commits that are missing from it.

SQLite's own check misses what a page's signature catches, and the other way round: both are run. A page that fails in
the file but has a later version in the log is no damage: a checkpoint was cut short, or is under way, and writes it
again.
"""

from __future__ import annotations

import re
from typing import Final

from storage.database import Database
from storage.engine import Engine
from storage.log import pages_in_log
from storage.verify.report import Check

_PAGE: Final = re.compile(r"page (\d+)")


def losses(check: Check, engine: Engine) -> None:
    """Commits that were announced and are not there."""
    for _, announced, found in engine.losses():
        said = f"{announced} commits were announced, {found} were found at opening"
        check.bad("lost_commits", "log", said)


def pages(check: Check, database: Database) -> None:
    """Every page and every B-tree."""
    execute = check.connection.execute
    (count,) = execute("PRAGMA page_count").fetchone()  # from here on the snapshot stands still
    if database.encrypted and database.path is not None:
        said = [str(row[0]) for row in execute("PRAGMA cipher_integrity_check").fetchall()]
        later = pages_in_log(database.path) if said else set()
        for text in said:
            page = _PAGE.search(text)
            if page is None or int(page[1]) not in later:
                check.bad("damaged_page", "file", text)
    for (text,) in execute("PRAGMA integrity_check").fetchall():
        if text != "ok":
            check.bad("damaged_structure", "file", str(text))
    check.count("pages", count)
