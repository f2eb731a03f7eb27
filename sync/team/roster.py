"""What an act makes of the team: its members, devices, keeper and recovery key; refusals in words (rules 33, 34, 37).

Pure: nothing but the state just before and the act. Who may do it stands in `sync.team.rights`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from sync.errors import InvalidRecordError
from sync.team import wire
from sync.team.proof import takes_seals
from sync.team.records import Card
from sync.team.state import Device, Member, State, role_of, short
from sync.team.wire import Act, Joining, Label, Recovery, Role, SignedCard

NUMBERS = 1 << 16  # a record's id has 16 bits for the number of the device (rule 3)


@dataclass(frozen=True, slots=True)
class Roster:
    """The part of the state that acts change."""

    members: Mapping[bytes, Member]
    devices: Mapping[bytes, Device]
    known: Mapping[bytes, Device]
    keeper: bytes
    recovery: Recovery
    epoch: int  # the one in force, under which names are sealed

    def role_of(self, device: bytes) -> Role | None:
        """The role of a device that is in the team."""
        return role_of(self.devices.get(device), self.members)


def roster_of(state: State) -> Roster:
    """The roster of a state."""
    return Roster(
        state.members, state.devices, state.known, state.keeper, state.recovery, state.epoch
    )


def after(state: State, act: Act, author: bytes, joining: Joining | None) -> Roster:
    """The roster once the act is done; a takeover makes its author the keeper, and may bring it in.

    Raises InvalidRecordError, or what reading a card raises.
    """
    if isinstance(act, wire.Takeover):
        roster = _taken_over(roster_of(state), author, joining)
    else:
        roster = _done(roster_of(state), act)
    if roster.role_of(roster.keeper) != "owner":
        raise InvalidRecordError(
            "The computer that keeps the team's list has to be an owner's: hand the keeping on first."
        )
    if len(roster.devices) > wire.DEVICES:
        raise InvalidRecordError(
            f"A team has at most {wire.DEVICES} computers: remove one that is not used any more first."
        )
    return roster


def _done(  # noqa: C901, PLR0912 - one case for each act
    roster: Roster, act: Act
) -> Roster:
    match act:
        case wire.AddMember(role, name, card, device_name):
            member = Card.read(card).member
            if member is None:
                raise InvalidRecordError("A person's first computer has to name the person.")
            return join(with_member(roster, member, role, name), card, device_name, None)
        case wire.AddDevice(card, name, role):
            return join(roster, card, name, role)
        case wire.SetRole(target, role):
            return _with_role(roster, target, role)
        case wire.RemoveMember(member):
            return _without_member(roster, member)
        case wire.RemoveDevice(device):
            _need(roster.devices, device, "computer")
            return _without(roster, frozenset((device,)))
        case wire.Rotate():
            return roster
        case wire.CloseFeeds(ends):
            _need(roster.known, ends.device, "computer")
            if not ends.feeds:
                raise InvalidRecordError("It closes no feed.")
            return roster
        case wire.HandOver(keeper):
            return _handed_to(roster, keeper)
        case wire.Genesis() | wire.Takeover():
            raise InvalidRecordError("A workspace is founded once, by its first record.")
        case wire.ReplaceRecovery(recovery):
            return _with_recovery(roster, recovery)
        case wire.Rename(target, name):
            return _renamed(roster, target, name)
        case _ as never:
            assert_never(never)


def with_member(roster: Roster, member: bytes, role: Role, name: Label) -> Roster:
    """The roster with one more person, who may have been in it earlier. Raises InvalidRecordError."""
    if member in roster.members:
        raise InvalidRecordError(f"The person {short(member)} is in the team already.")
    if member in roster.known:
        raise InvalidRecordError("A person cannot have the id of a computer.")
    check_label(name, roster.epoch)
    return replace(roster, members={**roster.members, member: Member(member, role, name)})


def join(roster: Roster, signed: SignedCard, name: Label, role: Role | None) -> Roster:
    """The roster with one more device, new in id and keys. Raises InvalidRecordError, or what reading a card raises."""
    card = Card.read(signed)
    if card.member is not None and card.member not in roster.members:
        raise InvalidRecordError(
            f"The person {short(card.member)}, whose computer this would be, is not here."
        )
    if (card.member is None) != (role is not None):
        raise InvalidRecordError(
            "A shared station has a role of its own, a person's computer that of the person."
        )
    if role == "owner":
        raise InvalidRecordError("A shared station cannot be an owner.")
    if card.device in roster.members:
        raise InvalidRecordError("A computer cannot have the id of a person.")
    if any(
        card.device == old.id or {card.sign, card.box} & {old.card.sign, old.card.box}
        for old in roster.known.values()
    ):
        raise InvalidRecordError(
            "A computer's id and keys serve once: it joins again with new ones."
        )
    if len(roster.known) >= NUMBERS:
        raise InvalidRecordError(
            f"The {NUMBERS} numbers for the computers of a workspace are used up."
        )
    check_label(name, roster.epoch)
    device = Device(card, name, len(roster.known), role)
    return replace(
        roster,
        devices={**roster.devices, device.id: device},
        known={**roster.known, device.id: device},
    )


def check_label(label: Label, epoch: int) -> None:
    """A name is sealed under the epoch in force (rule 41). Raises InvalidRecordError."""
    if label.epoch != epoch:
        raise InvalidRecordError(
            f"A name is sealed under epoch {label.epoch}, and epoch {epoch} is in force."
        )


def _with_role(roster: Roster, target: bytes, role: Role) -> Roster:
    member, device = roster.members.get(target), roster.devices.get(target)
    if member is not None:
        if member.role == role:
            raise InvalidRecordError(f"The person {short(target)} has that role already.")
        members = {**roster.members, target: replace(member, role=role)}
        _check_owners(members)
        return replace(roster, members=members)
    if device is None or device.role is None:
        raise InvalidRecordError(f"No person or station {short(target)} is in the team.")
    if device.role == role:
        raise InvalidRecordError(f"The station {short(target)} has that role already.")
    if role == "owner":
        raise InvalidRecordError("A shared station cannot be an owner.")
    changed = replace(device, role=role)
    return replace(
        roster,
        devices={**roster.devices, target: changed},
        known={**roster.known, target: changed},
    )


def _without_member(roster: Roster, member: bytes) -> Roster:
    _need(roster.members, member, "person")
    members = {id_: one for id_, one in roster.members.items() if id_ != member}
    _check_owners(members)
    theirs = frozenset(one.id for one in roster.devices.values() if one.card.member == member)
    return replace(_without(roster, theirs), members=members)


def _without(roster: Roster, gone: frozenset[bytes]) -> Roster:
    if roster.keeper in gone:
        raise InvalidRecordError(
            "The computer that keeps the team's list cannot go: hand the keeping on first."
        )
    devices = {id_: one for id_, one in roster.devices.items() if id_ not in gone}
    return replace(roster, devices=devices)


def _handed_to(roster: Roster, keeper: bytes) -> Roster:
    if keeper == roster.keeper:
        raise InvalidRecordError("That computer keeps the team's list already.")
    if roster.role_of(keeper) != "owner":
        raise InvalidRecordError("Only an owner's computer can keep the team's list.")
    return replace(roster, keeper=keeper)


def _taken_over(roster: Roster, keeper: bytes, joining: Joining | None) -> Roster:
    if joining is not None:
        member = Card.read(joining.card).member
        if member is None:
            raise InvalidRecordError("A shared station cannot take over.")
        if joining.member_name is not None:
            roster = with_member(roster, member, "owner", joining.member_name)
        roster = join(roster, joining.card, joining.name, None)
    if roster.role_of(keeper) != "owner":
        raise InvalidRecordError("Only an owner's computer can take over.")
    return replace(roster, keeper=keeper)


def _with_recovery(roster: Roster, recovery: Recovery) -> Roster:
    if recovery.sign == roster.recovery.sign or recovery.box == roster.recovery.box:
        raise InvalidRecordError("The new recovery key is the old one.")
    if not takes_seals(recovery.box):
        raise InvalidRecordError("Nothing can be sealed to the new recovery key.")
    return replace(roster, recovery=recovery)


def _renamed(roster: Roster, target: bytes, name: Label) -> Roster:
    check_label(name, roster.epoch)
    member, device = roster.members.get(target), roster.devices.get(target)
    if member is not None:
        members = {**roster.members, target: replace(member, name=name)}
        return replace(roster, members=members)
    if device is None:
        raise InvalidRecordError(f"No person or computer {short(target)} is in the team.")
    changed = replace(device, name=name)
    return replace(
        roster,
        devices={**roster.devices, target: changed},
        known={**roster.known, target: changed},
    )


def _need(there: Mapping[bytes, object], id_: bytes, what: str) -> None:
    if id_ not in there:
        raise InvalidRecordError(f"No {what} {short(id_)} is in the team.")


def _check_owners(members: Mapping[bytes, Member]) -> None:
    if not any(one.role == "owner" for one in members.values()):
        raise InvalidRecordError("The last owner cannot go: make somebody else an owner first.")
