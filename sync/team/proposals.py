"""What was proposed to the keeper and how each proposal stands; one that became void stays listed (rule 38)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from sync.errors import BacklogError, ForeignRecordError, ForgedRecordError, TeamLogError
from sync.team import rights
from sync.team.proof import PROPOSAL, signed_by
from sync.team.records import Proposal
from sync.team.roster import after
from sync.team.state import State

LISTED: Final = 64  # of one device


@dataclass(frozen=True, slots=True)
class Standing:
    """How a proposal stands at one head."""

    proposal: Proposal
    now: Literal["open", "done", "void"]
    why: str  # why it is void


def check_doable(state: State, proposal: Proposal) -> None:
    """Raise TeamLogError if the keeper could not append the proposal at this head."""
    rights.check_proposal(state, proposal)
    after(state, proposal.act, state.keeper, None)


def standing(state: State, proposal: Proposal) -> Standing:
    """Whether the proposal is done, can be done, or is void and why."""
    if proposal.hash in state.done:
        return Standing(proposal, "done", "")
    try:
        check_doable(state, proposal)
    except TeamLogError as problem:
        return Standing(proposal, "void", str(problem))
    return Standing(proposal, "open", "")


class Proposals:
    """The proposals a device knows: those of devices that are or were in the team, a bounded number of each."""

    def __init__(self) -> None:
        self._known: dict[bytes, Proposal] = {}

    def add(self, raw: bytes, state: State) -> Proposal:
        """Take a proposal as it travels; one that is listed already stays. Raises TeamLogError."""
        proposal = Proposal.parse(raw)
        body = proposal.body
        if body.workspace != state.workspace:
            raise ForeignRecordError
        device = state.known.get(body.device)
        if device is None or not signed_by(
            device.card.sign, PROPOSAL, proposal.signed.body, proposal.signed.signature
        ):
            raise ForgedRecordError("the one who is said to propose it")
        theirs = sum(1 for one in self._known.values() if one.body.device == body.device)
        if proposal.hash not in self._known and theirs >= LISTED:
            raise BacklogError(theirs)
        return self._known.setdefault(proposal.hash, proposal)

    def drop(self, proposal: bytes) -> None:
        """Take a proposal off the list, by its hash: its author repeated it or gave it up."""
        self._known.pop(proposal, None)

    def at(self, state: State) -> tuple[Standing, ...]:
        """How each proposal stands, in the order they came."""
        return tuple(standing(state, one) for one in self._known.values())
