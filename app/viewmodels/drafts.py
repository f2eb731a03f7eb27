"""What was typed and cannot be stored as it is, kept beside the data until it is mended or dropped.

Each draft is an entry of its own in the workspace's notes, and only the entries that differ are written: two windows on
one folder leave each other's drafts alone.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping

from app.viewmodels.notices import Notices
from app.viewmodels.work import Work
from app.workspace import Workspace
from storage import encode_id

KIND = "draft"
ENTRIES = json.dumps([KIND])[:-1]  # how the name of each of them begins

Differing = Mapping[str, str | None]  # by field; None: no draft any more


class Drafts:
    """Drafts by record, in memory and in the workspace's own store (so they are as secret as it is)."""

    def __init__(self, workspace: Workspace, work: Work, notices: Notices) -> None:
        self._workspace = workspace
        self._work = work
        self._notices = notices
        self._kept: dict[tuple[str, str], dict[str, str]] = {}
        self._lock = threading.Lock()

    def load(self) -> None:
        """Read what an earlier run kept."""
        self._work.read(self._read, self._loaded, self._notices.trouble)

    def of(self, slug: str, doc_id: int) -> Mapping[str, str]:
        """Field to text, for one record."""
        return self._kept.get((slug, encode_id(doc_id)), {})

    def keep(self, slug: str, doc_id: int, drafts: Mapping[str, str]) -> None:
        """Replace the drafts of one record; none removes them."""
        differing = self._take(slug, doc_id, drafts)
        if differing:
            self._work.write(
                lambda: self._save(slug, doc_id, differing), lambda _: None, self._notices.trouble
            )

    def store(self, slug: str, doc_id: int, drafts: Mapping[str, str]) -> None:
        """The same at once, for a job on the writer: a window that closes waits for it."""
        self._take(slug, doc_id, drafts)
        self._save(slug, doc_id, drafts)

    def _take(self, slug: str, doc_id: int, drafts: Mapping[str, str]) -> Differing:
        """Hold these, and say in what they differ from what was held."""
        record = slug, encode_id(doc_id)
        with self._lock:
            before, now = self._kept.pop(record, {}), dict(drafts)
            if now:
                self._kept[record] = now
        gone: dict[str, str | None] = dict.fromkeys(before.keys() - now.keys())
        return gone | {field: text for field, text in now.items() if before.get(field) != text}

    def _save(self, slug: str, doc_id: int, differing: Differing) -> None:
        store = self._workspace.store
        with store.transaction():
            for field, text in differing.items():
                entry = _entry(slug, doc_id, field)
                if text is None:
                    store.info.pop(entry, None)
                else:
                    store.info[entry] = text

    def _read(self) -> dict[tuple[str, str], dict[str, str]]:
        info = self._workspace.store.info
        read: dict[tuple[str, str], dict[str, str]] = {}
        for name in info:
            parts = _parts(name)
            text = None if parts is None else info.get(name)
            if parts is not None and text is not None:  # another window may just have dropped it
                slug, record, field = parts
                read.setdefault((slug, record), {})[field] = text
        return read

    def _loaded(self, read: dict[tuple[str, str], dict[str, str]]) -> None:
        with self._lock:
            self._kept = {**read, **self._kept}


def _entry(slug: str, doc_id: int, field: str) -> str:
    """The name of a draft's entry."""
    return json.dumps([KIND, slug, encode_id(doc_id), field])


def _parts(name: str) -> tuple[str, str, str] | None:
    """Collection, record and field of a draft's entry; None when the entry is something else's."""
    if not name.startswith(ENTRIES):
        return None
    _, slug, record, field = json.loads(name)
    return slug, record, field
