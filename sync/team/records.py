"""Records, proposals and cards as values: read from bytes, with what is nested in them read too. Judges nothing.

Signatures are checked where the key is known: a card's by itself, the others against the state (`sync.team.fold`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sync.errors import ForgedRecordError, MalformedRecordError
from sync.team import wire
from sync.team.proof import CARD, signed_by, takes_seals
from sync.team.wire import Act, Body, Claim, Joining, SignedCard, SignedProposal, Takeover

End = tuple[bytes, int, bytes]  # feed, number and hash of a last change


@dataclass(frozen=True, slots=True)
class Card:
    """The keys of a device, bound together by its own signature."""

    device: bytes
    sign: bytes  # Ed25519
    box: bytes  # X25519
    curve: bytes  # of the transport
    member: bytes | None  # None: a station

    @classmethod
    def read(cls, signed: SignedCard) -> Card:
        """Read a card. Raises MalformedRecordError, NewerRecordError or ForgedRecordError."""
        body = wire.decode(wire.CardBody, signed.card, "card")
        if not signed_by(body.sign, CARD, signed.card, signed.signature):
            raise ForgedRecordError("the new device")
        if not takes_seals(body.box):
            raise MalformedRecordError("card", "nothing can be sealed to the key in it")
        return cls(body.device, body.sign, body.box, body.curve, body.member)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a device asks the keeper to append."""

    signed: SignedProposal
    body: wire.ProposalBody
    act: Act
    hash: bytes

    @classmethod
    def read(cls, signed: SignedProposal) -> Proposal:
        """Read what is inside. Raises MalformedRecordError or NewerRecordError."""
        body = wire.decode(wire.ProposalBody, signed.body, "proposal")
        act = wire.decode_act(body.act)
        if isinstance(act, wire.Genesis | Takeover):
            raise MalformedRecordError("proposal", "a genesis or a takeover is proposed to nobody")
        return cls(signed, body, act, wire.digest(wire.encode(signed)))

    @classmethod
    def parse(cls, raw: bytes) -> Proposal:
        """Read a proposal as it travels. Raises as `read` does."""
        check_size(raw, "proposal")
        return cls.read(wire.decode(SignedProposal, raw, "proposal"))

    @property
    def raw(self) -> bytes:
        """The proposal as it travels."""
        return wire.encode(self.signed)


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of the chain, as it came."""

    raw: bytes
    hash: bytes
    signed: bytes  # the bytes that the signature is over
    signature: bytes
    body: Body
    act: Act
    proposal: Proposal | None
    claim: Claim | None  # of a takeover

    @classmethod
    def parse(cls, raw: bytes) -> Record:
        """Read a record. Raises MalformedRecordError or NewerRecordError."""
        check_size(raw, "record")
        envelope = wire.decode(wire.Envelope, raw, "record")
        body = wire.decode(Body, envelope.body, "record")
        proposal = None
        if body.proposal is not None and body.act is None:
            proposal = Proposal.read(body.proposal)
            act = proposal.act
        elif body.act is not None and body.proposal is None:
            act = wire.decode_act(body.act)
        else:
            raise MalformedRecordError("record", "it has to hold either an act or a proposal")
        claim = wire.decode(Claim, act.claim, "takeover") if isinstance(act, Takeover) else None
        _check_order(body, act)
        return cls(
            raw,
            wire.digest(raw),
            envelope.body,
            envelope.signature,
            body,
            act,
            proposal,
            claim,
        )

    @property
    def author(self) -> bytes:
        """The device that signed the record."""
        return self.body.author

    @property
    def joining(self) -> Joining | None:
        """The device that comes in with a takeover."""
        return self.claim.joining if self.claim else None


def check_size(raw: bytes, what: str) -> None:
    """Raise MalformedRecordError for bytes that are longer than any record."""
    if len(raw) > wire.RECORD_BYTES:
        raise MalformedRecordError(what, f"it is longer than {wire.RECORD_BYTES >> 10} KiB")


def _check_order(body: Body, act: Act) -> None:
    """Lists are ascending and name nothing twice, so that one meaning has one form."""
    lists: list[Sequence[Any]] = [body.leaving, [one.device for one in body.fences]]
    lists += [_ends(one) for one in body.fences]
    if isinstance(act, wire.CloseFeeds):
        lists.append(_ends(act.ends))
    if isinstance(act, Takeover):
        lists.append([vote.device for vote in act.votes])
    if body.fresh:
        lists.append([one.device for one in body.fresh.devices])
    if any(earlier >= later for one in lists for earlier, later in pairwise(one)):
        raise MalformedRecordError(
            "record", "a list in it is out of order or names one thing twice"
        )


def _ends(fences: wire.Fences) -> list[End]:
    """The last changes in it; a feed that forked has several."""
    return [(one.feed, one.number, one.hash) for one in fences.feeds]
