"""What an act needs beside it, which its author adds: who leaves, fences, a fresh key, a key for who joins.

1. A removal lists the devices that leave: exactly those (rule 37).
2. Each device whose write access ends has its fences, and no other device has (rule 27).
3. Who leaves must not read on: a removal, like a new recovery key, comes with a fresh key, sealed to exactly the
   devices left and the recovery key (rule 37).
"""

from __future__ import annotations

from dataclasses import dataclass

from sync.errors import InvalidRecordError
from sync.team import wire
from sync.team.roster import Roster
from sync.team.state import WRITERS, short
from sync.team.wire import Act, Body, FreshKey


@dataclass(frozen=True, slots=True)
class Additions:
    """What has to stand in the record beside its act."""

    leaving: frozenset[bytes]
    fenced: frozenset[bytes]  # devices whose write access ends
    fresh: bool
    joining: bytes | None  # the device that the key is sealed to


def needed(before: Roster, after: Roster, act: Act) -> Additions:
    """What the step from one roster to the next needs."""
    leaving = frozenset(before.devices) - frozenset(after.devices)
    fenced = writers(before) - writers(after)
    fresh = bool(leaving) or isinstance(act, wire.Rotate | wire.RemoveMember | wire.ReplaceRecovery)
    joining = next(iter(frozenset(after.devices) - frozenset(before.devices)), None)
    return Additions(leaving, fenced, fresh, joining)


def writers(roster: Roster) -> frozenset[bytes]:
    """The devices that may write."""
    return frozenset(id_ for id_ in roster.devices if roster.role_of(id_) in WRITERS)


def check(body: Body, needs: Additions, after: Roster) -> None:
    """Raise InvalidRecordError unless the record holds exactly what it needs."""
    if body.leaving != tuple(sorted(needs.leaving)):
        raise InvalidRecordError("It does not list exactly the computers that leave.")
    if tuple(one.device for one in body.fences) != tuple(sorted(needs.fenced)):
        raise InvalidRecordError(
            "It has to say for exactly the computers that may not write any more which of their changes count."
        )
    if sum(len(one.feeds) for one in body.fences) > wire.FEEDS:
        raise InvalidRecordError(
            f"It fences more than {wire.FEEDS} feeds: remove the computers one by one."
        )
    if needs.fresh != (body.fresh is not None):
        raise InvalidRecordError(
            "It has to bring a fresh key."
            if needs.fresh
            else "It brings a key that nothing asks for."
        )
    if body.fresh is not None:
        check_fresh(body.fresh, after)
    if (needs.joining is not None) != (body.welcome is not None):
        raise InvalidRecordError(
            "It brings no key for the computer that joins."
            if needs.joining
            else "It brings a key for a computer that does not join."
        )


def check_fresh(fresh: FreshKey, after: Roster) -> None:
    """A fresh key begins the next epoch and is for exactly those in the team. Raises InvalidRecordError."""
    if fresh.epoch != after.epoch + 1:
        raise InvalidRecordError(f"Epoch {after.epoch + 1} is next, and not {fresh.epoch}.")
    given, left = {one.device for one in fresh.devices}, set(after.devices)
    if given != left:
        odd = short(min(given ^ left))
        raise InvalidRecordError(
            f"The fresh key is not sealed to exactly the computers in the team: {odd} is the first that differs."
        )
