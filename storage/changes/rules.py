"""The rules of changes that can be switched off, so that a simulation shows that it would notice. In use all are on."""

from __future__ import annotations

from typing import Final

import msgspec


class ChangeRules(msgspec.Struct, frozen=True):
    """Which of these rules are in force; those of the merge core itself are in `storage.crdt.rules`."""

    rejected_is_unseen: bool = True  # 4: what is rejected under an author's head was not seen by it
    all_advances_named: bool = (
        True  # 18: dependencies name each feed that advanced; off: maximal heads
    )
    fenced_not_awaited: bool = True  # 23: nobody waits for a change beyond a fence
    fences_recompute: bool = True  # 26: what a fence rejects leaves the state again
    branches_count: bool = True  # 31: both branches of a forked feed count; off: the first one here


IN_FORCE: Final = ChangeRules()
