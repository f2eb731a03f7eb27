"""The team log as a fold: the genesis begins a state, each valid record makes the next one of the state before it.

1. A state is a function of its path alone (rule 33): nothing here knows time, chance, files or who sent what.
2. A record that is refused leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from storage.changes.team import Fence
from sync.errors import ForeignRecordError, ForgedRecordError, InvalidRecordError
from sync.team import additions, rights, wire
from sync.team.additions import Additions
from sync.team.proof import RECORD, signed_by, takes_seals
from sync.team.records import Card, Record
from sync.team.roster import Roster, after, join, roster_of, with_member
from sync.team.state import Epoch, State, TakenOver
from sync.team.wire import ZERO, Fences, FreshKey, Genesis, Takeover

FIRST_EPOCH = 1


def begin(record: Record) -> State:
    """The state after the genesis (rule 32). Raises TeamLogError."""
    body, act = record.body, record.act
    if not isinstance(act, Genesis) or record.proposal is not None:
        raise InvalidRecordError("A team log begins with the record that founds the workspace.")
    if (body.workspace, body.place, body.previous, body.term) != (ZERO, 0, ZERO, 0):
        raise InvalidRecordError("The record that founds a workspace comes before all others.")
    card = Card.read(act.card)
    if card.device != body.author or card.member is None:
        raise InvalidRecordError(
            "A workspace is founded by a person's computer, which signs for itself."
        )
    _check_signature(record, card)
    if not takes_seals(act.recovery.box):
        raise InvalidRecordError("Nothing can be sealed to the recovery key.")
    empty = Roster({}, {}, {}, card.device, act.recovery, FIRST_EPOCH)
    peopled = with_member(empty, card.member, "owner", act.member_name)
    roster = join(peopled, act.card, act.device_name, None)
    first = _first_key(record, roster)
    return State(
        workspace=record.hash,
        chance=act.chance,
        place=0,
        head=record.hash,
        term=0,
        keeper=card.device,
        recovery=act.recovery,
        members=roster.members,
        devices=roster.devices,
        known=roster.known,
        epochs=(Epoch(0, 0, act.digest_commitment, {}, b"", b"", b""), first),
        takeovers=(),
        done=frozenset(),
        writing={card.device: ((0, True),)},
        ended={},
        fences={},
    )


def _first_key(record: Record, roster: Roster) -> Epoch:
    body = record.body
    if body.leaving or body.fences or body.welcome is not None or body.fresh is None:
        raise InvalidRecordError(
            "The record that founds a workspace brings its first key, and nothing else."
        )
    if body.fresh.epoch != FIRST_EPOCH or {one.device for one in body.fresh.devices} != set(
        roster.devices
    ):
        raise InvalidRecordError("The first key is for the founder and the recovery key.")
    return _epoch(body.fresh, 0, roster)


def follow(state: State, record: Record) -> State:
    """The state after one more record. Raises TeamLogError; the state stays as it was."""
    body, act = record.body, record.act
    if body.workspace != state.workspace:
        raise ForeignRecordError
    if (body.place, body.previous) != (state.place + 1, state.head):
        raise InvalidRecordError("It does not continue the record that it should come after.")
    takeover = None
    if isinstance(act, Takeover):
        takeover = rights.check_takeover(state, record, act)
    else:
        rights.check_ordinary(state, record)
    _check_signature(record, rights.author_card(state, record))
    before, roster = roster_of(state), after(state, act, record.author, record.joining)
    needs = additions.needed(before, roster, act)
    additions.check(body, needs, roster)
    return _next(state, record, roster, needs, takeover)


def _check_signature(record: Record, card: Card) -> None:
    if not signed_by(card.sign, RECORD, record.signed, record.signature):
        raise ForgedRecordError("its author")


def _next(
    state: State, record: Record, roster: Roster, needs: Additions, takeover: TakenOver | None
) -> State:
    body = record.body
    fences = _listed(state.fences, body.place, _ends(record))
    return State(
        workspace=state.workspace,
        chance=state.chance,
        place=body.place,
        head=record.hash,
        term=body.term,
        keeper=roster.keeper,
        recovery=roster.recovery,
        members=roster.members,
        devices=roster.devices,
        known=roster.known,
        epochs=_epochs(state, record, roster, needs),
        takeovers=(*state.takeovers, takeover) if takeover else state.takeovers,
        done=state.done | {record.proposal.hash} if record.proposal else state.done,
        writing=_writing(state, body.place, roster),
        ended=_ended(state.ended, body.place, needs.fenced),
        fences=fences,
    )


def _ends(record: Record) -> tuple[Fences, ...]:
    """What the record says about last changes: where write access ends, or by closing feeds."""
    if isinstance(record.act, wire.CloseFeeds):
        return (record.act.ends,)
    return record.body.fences


def _listed(
    fences: Mapping[tuple[bytes, bytes], tuple[Fence, ...]], place: int, ends: tuple[Fences, ...]
) -> Mapping[tuple[bytes, bytes], tuple[Fence, ...]]:
    listed: dict[tuple[bytes, bytes], tuple[Fence, ...]] = {}
    for one in ends:
        for feed in one.feeds:
            key = one.device, feed.feed
            before = listed.get(key, fences.get(key, ()))
            listed[key] = (*before, Fence(place, feed.number, feed.hash))
    return {**fences, **listed} if listed else fences


def _ended(
    ended: Mapping[bytes, tuple[int, ...]], place: int, devices: frozenset[bytes]
) -> Mapping[bytes, tuple[int, ...]]:
    if not devices:
        return ended
    return {**ended, **{device: (*ended.get(device, ()), place) for device in devices}}


def _writing(
    state: State, place: int, roster: Roster
) -> Mapping[bytes, tuple[tuple[int, bool], ...]]:
    """From which place on each device may write, or not any more."""
    if roster.devices is state.devices and roster.members is state.members:
        return state.writing
    now = additions.writers(roster)
    changed = {
        device: (*past, (place, device in now))
        for device in roster.known
        if ((past := state.writing.get(device, ())) and past[-1][1]) != (device in now)
    }
    return {**state.writing, **changed} if changed else state.writing


def _epochs(state: State, record: Record, roster: Roster, needs: Additions) -> tuple[Epoch, ...]:
    body = record.body
    if body.fresh is not None:
        return (*state.epochs, _epoch(body.fresh, body.place, roster))
    if needs.joining is None or body.welcome is None:
        return state.epochs
    *older, last = state.epochs
    return (*older, replace(last, sealed={**last.sealed, needs.joining: body.welcome}))


def _epoch(fresh: FreshKey, place: int, roster: Roster) -> Epoch:
    return Epoch(
        fresh.epoch,
        place,
        fresh.commitment,
        {one.device: one.sealed for one in fresh.devices},
        fresh.recovery,
        roster.recovery.box,
        fresh.older,
    )
