"""The rules that can be switched off, so that a simulation shows that it would notice. In use all are on."""

from __future__ import annotations

from typing import Final

import msgspec


class Rules(msgspec.Struct, frozen=True):
    """Which of these rules are in force."""

    seen_by_vector: bool = True  # 4: what an author saw is told by vectors; off: by stamps
    counts_keep_unseen: bool = True  # 7: a count adds what it did not see; off: it swallows it
    dead_spares_unseen: bool = True  # 12: a dead claim covers what it saw; off: everything


IN_FORCE: Final = Rules()
