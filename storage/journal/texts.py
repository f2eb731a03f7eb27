"""A long text as it was before an action, for its undo: only as long as nobody has written in it since.

Texts merge sign by sign, so that an edit has no value that could come back over others' work; what the text was as a
whole is known from its versions.
"""

from __future__ import annotations

from collections.abc import Sequence

from storage.crdt.values import ABSENT, same
from storage.journal.replay import Version


def text_before(versions: Sequence[Version], action: bytes, field: str) -> str | None:
    """The text before an action; None if it is no longer what the action made it, or others wrote between.

    `versions` are all of the record, in causal order. What was written since and undone again does not count.
    """
    changes = [version for version in versions if field in version.fields]
    own = [n for n, version in enumerate(changes) if version.action == action]
    if not own or own[-1] - own[0] + 1 != len(own):
        return None
    before, after = changes[own[0]].fields[field][0], changes[own[-1]].fields[field][1]
    now = changes[-1].fields[field][1]
    if not same(now, after):
        return None
    if before is ABSENT:
        return ""
    return before if isinstance(before, str) else None
