"""What was typed and cannot be stored as it is, kept beside the data until it is mended or dropped."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from app.viewmodels.notices import Notices
from app.viewmodels.work import Work
from app.workspace import Workspace
from storage import encode_id

KEY = "drafts"


class Drafts:
    """Drafts by record, in memory and in the workspace's own store (so they are as secret as it is)."""

    def __init__(self, workspace: Workspace, work: Work, notices: Notices) -> None:
        self._workspace = workspace
        self._work = work
        self._notices = notices
        self._kept: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def load(self) -> None:
        """Read what an earlier run kept."""
        self._work.read(
            lambda: self._workspace.store.info.get(KEY), self._loaded, self._notices.trouble
        )

    def of(self, slug: str, doc_id: int) -> Mapping[str, str]:
        """Field to text, for one record."""
        return self._kept.get(_name(slug, doc_id), {})

    def keep(self, slug: str, doc_id: int, drafts: Mapping[str, str]) -> None:
        """Replace the drafts of one record; none removes it."""
        if self._take(slug, doc_id, drafts):
            self._work.write(self._save, lambda _: None, self._notices.trouble)

    def store(self, slug: str, doc_id: int, drafts: Mapping[str, str]) -> None:
        """The same at once, for a job on the writer: a window that closes waits for it."""
        self._take(slug, doc_id, drafts)
        self._save()

    def _take(self, slug: str, doc_id: int, drafts: Mapping[str, str]) -> bool:
        """Whether that changes anything."""
        name = _name(slug, doc_id)
        with self._lock:
            if dict(drafts) == self._kept.get(name, {}):
                return False
            if drafts:
                self._kept[name] = dict(drafts)
            else:
                del self._kept[name]
            return True

    def _save(self) -> None:
        with self._lock:
            kept = {key: dict(value) for key, value in self._kept.items()}
        self._workspace.store.info[KEY] = kept

    def _loaded(self, kept: object) -> None:
        if isinstance(kept, dict):
            read = {str(k): dict(v) for k, v in kept.items() if isinstance(v, dict)}
            with self._lock:
                self._kept = {**read, **self._kept}


def _name(slug: str, doc_id: int) -> str:
    return f"{slug}/{encode_id(doc_id)}"
