"""Who may do what: the keeper, others through it by proposals, and who takes over from it (rules 34, 35)."""

from __future__ import annotations

from sync.errors import ForgedRecordError, InvalidRecordError
from sync.team import wire
from sync.team.proof import CLAIM, PROPOSAL, signed_by
from sync.team.records import Card, Proposal, Record
from sync.team.state import State, TakenOver, short
from sync.team.wire import Act, Takeover, Vote


def check_ordinary(state: State, record: Record) -> None:
    """The keeper appends in its term; what another asked for, that one may ask for. Raises InvalidRecordError."""
    if record.body.term != state.term:
        raise InvalidRecordError(
            f"It belongs to term {record.body.term}, and the team is in term {state.term}."
        )
    if record.author != state.keeper:
        raise InvalidRecordError(
            f"Only {short(state.keeper)} keeps the team's list; {short(record.author)} does not."
        )
    if record.proposal is not None:
        check_proposal(state, record.proposal)


def check_proposal(state: State, proposal: Proposal) -> None:
    """Whether the keeper may append it now. Raises ForgedRecordError or InvalidRecordError."""
    body = proposal.body
    if body.workspace != state.workspace:
        raise InvalidRecordError("The proposal was made for another workspace.")
    if body.term != state.term:
        raise InvalidRecordError("The keeping was taken over since this was proposed.")
    if proposal.hash in state.done:
        raise InvalidRecordError("This proposal was carried out already.")
    device = state.devices.get(body.device)
    if device is None:
        raise InvalidRecordError("Who proposed this is not in the team any more.")
    if not signed_by(device.card.sign, PROPOSAL, proposal.signed.body, proposal.signed.signature):
        raise ForgedRecordError("the one who is said to propose it")
    if not _may_propose(state, body.device, proposal.act):
        raise InvalidRecordError("Only an owner may propose this.")


def _may_propose(state: State, device: bytes, act: Act) -> bool:
    """Owners may propose everything; everybody may leave, give up a computer of theirs, and choose their names."""
    if state.role_of(device) == "owner":
        return True
    member = state.devices[device].card.member
    own = {device, *(state.devices_of(member) if member else ())}
    match act:
        case wire.RemoveMember(who):
            return who == member
        case wire.RemoveDevice(which):
            return which in own
        case wire.Rename(whose, _):
            return whose in own or whose == member
        case _:
            return False


def check_takeover(state: State, record: Record, act: Takeover) -> TakenOver:
    """By the recovery key in force or by more than half of the owners. Raises ForgedRecordError, InvalidRecordError."""
    claim, body = record.claim, record.body
    if claim is None or (
        claim.workspace,
        claim.place,
        claim.previous,
        claim.term,
        claim.keeper,
    ) != (
        body.workspace,
        body.place,
        body.previous,
        body.term,
        body.author,
    ):
        raise InvalidRecordError("What was signed for the takeover is about another one.")
    if body.term != state.term + 1:
        raise InvalidRecordError(f"A takeover of term {state.term} begins term {state.term + 1}.")
    if act.recovery is not None and not act.votes:
        if not signed_by(state.recovery.sign, CLAIM, act.claim, act.recovery):
            raise ForgedRecordError("the recovery key in force")
        return TakenOver(record.hash, body.place, state.recovery.sign, ())
    if act.recovery is not None or claim.joining is not None:
        raise InvalidRecordError(
            "Owners who take over choose one of their computers; only the recovery key brings in a new one."
        )
    voters = tuple(_voter(state, act.claim, vote) for vote in act.votes)
    if not carried(state, voters):
        raise InvalidRecordError("More than half of the owners have to sign a takeover.")
    return TakenOver(record.hash, body.place, None, voters)


def _voter(state: State, claim: bytes, vote: Vote) -> tuple[bytes, bytes]:
    device = state.devices.get(vote.device)
    if device is None or state.role_of(vote.device) != "owner":
        raise InvalidRecordError("Only owners in the team can vote for a takeover.")
    if not signed_by(device.card.sign, CLAIM, claim, vote.signature):
        raise ForgedRecordError("an owner who is said to have voted")
    return vote.device, device.card.sign


def carried(state: State, voters: tuple[tuple[bytes, bytes], ...]) -> bool:
    """Whether more than half of a state's owners are among the voters: members, one voice each, the same keys."""
    voices = {
        device.card.member
        for id_, sign in voters
        if (device := state.devices.get(id_)) and device.card.sign == sign
    }
    return 2 * len(voices & state.owners) > len(state.owners)


def author_card(state: State, record: Record) -> Card:
    """The card whose key signs the record. Raises InvalidRecordError, or what reading a card raises."""
    if record.joining is not None:
        card = Card.read(record.joining.card)
        if card.device != record.author:
            raise InvalidRecordError("The computer that takes over is not the one whose card came.")
        return card
    device = state.devices.get(record.author)
    if device is None:
        raise InvalidRecordError(f"The computer {short(record.author)} is not in the team.")
    return device.card
