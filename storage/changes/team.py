"""What acceptance asks of the team log. `sync.membership` folds the log; storage only asks these questions.

A team is a frozen value: the state of one chain at one head. Places count from 0, the genesis.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import NamedTuple, Protocol


class Fence(NamedTuple):
    """The last change of a feed that counts, as a chain record has it; number 0 if none of the feed does."""

    place: int  # of the chain record
    number: int
    hash: bytes  # of that change, 32 bytes; zeros with number 0


class Team(Protocol):
    """The chain up to its head."""

    @property
    def head(self) -> tuple[int, bytes]:
        """Place and hash of the newest chain record known here."""

    def place_of(self, head: bytes) -> int | None:
        """The place of the chain record with this hash; None if this chain does not hold it."""

    def may_write(self, place: int, device: bytes) -> bool:
        """Whether the device was in the team after the record at that place, with a role that writes.

        The role is its member's, or the station's own. False for a device nobody knows.
        """

    def epoch_at(self, place: int) -> int:
        """The epoch after the record at that place."""

    def device_number(self, device: bytes) -> int:
        """The ordinal of the device's record in the chain, 0 for the founder's. Raises KeyError."""

    def fences(self, device: bytes, feed: bytes) -> tuple[Fence, ...]:
        """Every fence on one feed of the device, in ascending place.

        A record that ends the device's write access and does not list the feed fences it at number 0. A record may
        list a feed more than once: a forked feed has a last change on each branch, and all that lead to one count.
        """

    def fenced_after(self, place: int) -> AbstractSet[bytes]:
        """The devices with a feed that a record after that place fences."""


class Folded(NamedTuple):
    """Chain records, folded anew: the team they make, and which of them, counted from 0, are wrong and why."""

    team: Team | None  # None if not even the first record can be read
    wrong: tuple[tuple[int, str], ...]
