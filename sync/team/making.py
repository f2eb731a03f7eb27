"""Making chain records: what the keeper appends, what others propose, takeovers, the genesis.

Randomness is handed in. Whatever is made is folded before it is handed out, so that nothing invalid leaves here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sync.errors import EpochKeyError, InvalidRecordError
from sync.keys import DeviceKeys, SharedKey
from sync.team import additions, wire
from sync.team.fold import FIRST_EPOCH, begin, follow
from sync.team.opening import GENESIS, seal_name
from sync.team.proof import CARD, CLAIM, PROPOSAL, RECORD
from sync.team.proposals import check_doable
from sync.team.records import Card, Proposal, Record
from sync.team.roster import Roster, after, roster_of
from sync.team.state import State
from sync.team.wire import (
    VERSION,
    ZERO,
    Act,
    Body,
    Claim,
    Envelope,
    FeedEnd,
    Fences,
    FreshKey,
    Joining,
    Label,
    ProposalBody,
    Recovery,
    Role,
    SealedTo,
    SignedCard,
    SignedProposal,
    Takeover,
    Vote,
)

NAME_BYTES: Final = wire.LABEL_BYTES - 16  # of a name in UTF-8

Chance = Callable[[int], bytes]  # so many random bytes
# Of each device and feed the last change that counts, by number and hash; of a feed that forked that of each branch.
FeedEnds = Mapping[bytes, Sequence[tuple[int, bytes]]]
Ends = Mapping[bytes, FeedEnds]
NO_ENDS: Final[Ends] = {}


def card_of(keys: DeviceKeys, device: bytes, member: bytes | None) -> SignedCard:
    """The card of a device, signed by itself; without a member it is a station's."""
    public = keys.public
    card = wire.encode(
        wire.CardBody(VERSION, device, public.sign, public.box, public.curve, member)
    )
    return SignedCard(card, keys.sign(CARD + card))


def recovery_of(keys: DeviceKeys) -> Recovery:
    """The public halves of a recovery key."""
    return Recovery(keys.public.sign, keys.public.box)


@dataclass(frozen=True, slots=True)
class Founded:
    """A new workspace: its genesis, the state after it, the key of epoch 1 and, as epoch 0, the genesis secret."""

    raw: bytes
    state: State
    keys: Mapping[int, SharedKey]


def found(
    keys: DeviceKeys,
    card: SignedCard,
    names: tuple[str, str],
    recovery: Recovery,
    chance: Chance,
    *,
    genesis_chance: bytes,
) -> Founded:
    """Found a workspace; `names` are the person's and the computer's.

    `genesis_chance` is 32 random bytes that no other workspace has; the recovery sheet's key comes from its code and
    them, and they stand in the genesis. Raises TeamLogError.
    """
    me = Card.read(card)
    if me.member is None:
        raise InvalidRecordError("A workspace is founded by a person's computer.")
    secret, key = SharedKey(chance(32)), SharedKey(chance(32))
    person = _name(names[0], me.member, FIRST_EPOCH, key, chance)
    computer = _name(names[1], me.device, FIRST_EPOCH, key, chance)
    act = wire.Genesis(genesis_chance, card, person, computer, recovery, secret.commitment(GENESIS))
    seed = chance(32)
    fresh = FreshKey(
        FIRST_EPOCH,
        key.commitment(FIRST_EPOCH),
        (SealedTo(me.device, key.seal_to(me.box, seed)),),
        key.seal_to(recovery.box, seed),
        key.wrap(secret, FIRST_EPOCH),
    )
    raw = _signed(
        keys,
        Body(VERSION, ZERO, 0, ZERO, 0, me.device, wire.encode(act), None, (), (), fresh, None),
    )
    return Founded(raw, begin(Record.parse(raw)), {GENESIS: secret, FIRST_EPOCH: key})


@dataclass(frozen=True, slots=True)
class Pen:
    """What one device writes with at one head; each record it makes is for the place after that head."""

    state: State
    device: bytes
    keys: DeviceKeys
    epochs: Mapping[int, SharedKey]  # as opened; the one in force is needed for most
    chance: Chance

    # -- acts, to append or to propose ---------------------------------------------------------

    def name(self, name: str, whose: bytes) -> Label:
        """A name, sealed under the epoch in force. Raises InvalidRecordError, EpochKeyError."""
        return _name(name, whose, self.state.epoch, self._key(), self.chance)

    def adding_member(
        self, role: Role, name: str, card: SignedCard, device_name: str
    ) -> wire.AddMember:
        """A person with a first computer. Raises TeamLogError."""
        read = Card.read(card)
        if read.member is None:
            raise InvalidRecordError("A person's first computer has to name the person.")
        return wire.AddMember(
            role, self.name(name, read.member), card, self.name(device_name, read.device)
        )

    def adding_device(
        self, card: SignedCard, name: str, role: Role | None = None
    ) -> wire.AddDevice:
        """Another computer of a person, or with a role a shared station. Raises TeamLogError."""
        return wire.AddDevice(card, self.name(name, Card.read(card).device), role)

    def closing(self, device: bytes, feeds: FeedEnds) -> wire.CloseFeeds:
        """The end of feeds of one device, each with its last change, or those of its branches."""
        return wire.CloseFeeds(_fences(device, feeds))

    # -- records -------------------------------------------------------------------------------

    def append(self, act: Act, ends: Ends = NO_ENDS) -> bytes:
        """The keeper's next record. `ends` has every known feed of the devices that may not write any more.

        Raises TeamLogError.
        """
        return self._record(act, None, ends, self.device, self.state.term, None)

    def append_proposal(self, proposal: bytes, ends: Ends = NO_ENDS) -> bytes:
        """The keeper's next record, doing what another device proposed. Raises TeamLogError."""
        asked = Proposal.parse(proposal)
        return self._record(asked.act, asked.signed, ends, self.device, self.state.term, None)

    def propose(self, act: Act) -> bytes:
        """What this device asks the keeper to append. Raises TeamLogError if it could not be appended now."""
        body = wire.encode(
            ProposalBody(
                VERSION,
                self.state.workspace,
                self.state.term,
                self.device,
                self.chance(16),
                wire.encode(act),
            )
        )
        signed = SignedProposal(body, self.keys.sign(PROPOSAL + body))
        made = Proposal.read(signed)
        check_doable(self.state, made)
        return made.raw

    def take_over(
        self, claim: bytes, *, recovery: DeviceKeys | None = None, votes: tuple[Vote, ...] = ()
    ) -> bytes:
        """The record by which this device becomes the keeper: signed by the recovery key, or with the owners' votes.

        Raises TeamLogError.
        """
        by_key = recovery.sign(CLAIM + claim) if recovery else None
        act = Takeover(claim, by_key, tuple(sorted(votes, key=lambda vote: vote.device)))
        read = wire.decode(Claim, claim, "takeover")
        return self._record(act, None, NO_ENDS, read.keeper, read.term, read.joining)

    def _record(
        self,
        act: Act,
        proposal: SignedProposal | None,
        ends: Ends,
        author: bytes,
        term: int,
        joining: Joining | None,
    ) -> bytes:
        state = self.state
        before, roster = roster_of(state), after(state, act, author, joining)
        needs = additions.needed(before, roster, act)
        body = Body(
            version=VERSION,
            workspace=state.workspace,
            place=state.place + 1,
            previous=state.head,
            term=term,
            author=author,
            act=None if proposal else wire.encode(act),
            proposal=proposal,
            leaving=tuple(sorted(needs.leaving)),
            fences=tuple(_fences(one, ends.get(one, {})) for one in sorted(needs.fenced)),
            fresh=self._fresh(roster) if needs.fresh else None,
            welcome=self._welcome(roster, needs.joining) if needs.joining else None,
        )
        raw = _signed(self.keys, body)
        follow(state, Record.parse(raw))
        return raw

    def _fresh(self, roster: Roster) -> FreshKey:
        key, seed = SharedKey(self.chance(32)), self.chance(32)
        epoch = self.state.epoch + 1
        sealed = tuple(
            SealedTo(id_, key.seal_to(roster.devices[id_].card.box, seed))
            for id_ in sorted(roster.devices)
        )
        return FreshKey(
            epoch,
            key.commitment(epoch),
            sealed,
            key.seal_to(roster.recovery.box, seed),
            key.wrap(self._key(), epoch),
        )

    def _welcome(self, roster: Roster, joining: bytes) -> bytes:
        return self._key().seal_to(roster.devices[joining].card.box, self.chance(32))

    def _key(self) -> SharedKey:
        try:
            return self.epochs[self.state.epoch]
        except KeyError:
            raise EpochKeyError(self.state.epoch) from None


def claim_of(state: State, keeper: bytes, joining: Joining | None = None) -> bytes:
    """What the recovery key or the owners sign: that `keeper` goes on from this head, in the next term."""
    return wire.encode(
        Claim(
            VERSION, state.workspace, state.place + 1, state.head, state.term + 1, keeper, joining
        )
    )


def vote_for(claim: bytes, state: State, device: bytes, keys: DeviceKeys) -> Vote:
    """An owner's vote for a takeover that continues the head of this state. Raises TeamLogError for another one."""
    read = wire.decode(Claim, claim, "takeover")
    if claim != claim_of(state, read.keeper):
        raise InvalidRecordError("This takeover does not continue the team's list as it is here.")
    return Vote(device, keys.sign(CLAIM + claim))


def _name(name: str, whose: bytes, epoch: int, key: SharedKey, chance: Chance) -> Label:
    try:
        size = len(name.encode())
    except UnicodeEncodeError as problem:
        raise InvalidRecordError("The name holds half of a character.") from problem
    if not 0 < size <= NAME_BYTES:
        raise InvalidRecordError(f"A name has 1 to {NAME_BYTES} bytes, and this one has {size}.")
    return seal_name(name, whose, epoch, key, chance(24))


def _fences(device: bytes, feeds: FeedEnds) -> Fences:
    ends = sorted(
        (feed, number, hash_)
        for feed, branches in feeds.items()
        for number, hash_ in branches
        if number
    )
    return Fences(device, tuple(FeedEnd(*end) for end in ends))


def _signed(keys: DeviceKeys, body: Body) -> bytes:
    data = wire.encode(body)
    return wire.encode(Envelope(data, keys.sign(RECORD + data)))
