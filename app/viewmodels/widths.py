"""How wide a person made the columns of each list, on this computer.

Kept among the notes of the workspace's own store and not in a file beside it: the names of fields are as secret as
what they hold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from app.viewmodels.notices import Notices
from app.viewmodels.work import Work
from app.workspace import Workspace

KIND = "widths"
ENTRIES = json.dumps([KIND])[:-1]  # how the name of each of them begins


class Widths:
    """By list, a width in dp by field; a field that nobody touched has none."""

    def __init__(self, workspace: Workspace, work: Work, notices: Notices) -> None:
        self._workspace = workspace
        self._work = work
        self._notices = notices
        self._kept: dict[str, Mapping[str, int]] = {}

    def load(self, then: Callable[[], None]) -> None:
        """Read what an earlier run kept."""

        def done(read: dict[str, Mapping[str, int]]) -> None:
            self._kept = {**read, **self._kept}
            then()

        self._work.read(self._read, done, self._notices.trouble)

    def of(self, slug: str) -> Mapping[str, int]:
        """The widths of a list's columns."""
        return self._kept.get(slug, {})

    def keep(self, slug: str, widths: Mapping[str, int]) -> None:
        """Replace the widths of a list's columns."""
        kept = self._kept[slug] = dict(widths)

        def job() -> None:
            self._workspace.store.info[json.dumps([KIND, slug])] = kept

        self._work.write(job, lambda _: None, self._notices.trouble)

    def _read(self) -> dict[str, Mapping[str, int]]:
        info = self._workspace.store.info
        return {json.loads(name)[1]: info[name] for name in info if name.startswith(ENTRIES)}
