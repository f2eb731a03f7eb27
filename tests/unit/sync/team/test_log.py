"""What a device follows when records come in any order, twice, or two for one place (rules 36, 39, 42)."""

from __future__ import annotations

import itertools

import pytest

from sync.errors import (
    BacklogError,
    ForeignRecordError,
    ForgedRecordError,
    MalformedRecordError,
    NotJoinedError,
)
from sync.membership import (
    Record,
    RemoveMember,
    Rotate,
    SetRole,
    TeamLog,
)
from sync.team import log as log_module
from tests.support.teams import (
    ANN,
    SHEET,
    Chance,
    Machine,
    World,
    hash_of,
    log_of,
    take_over,
    twisted,
)


def second(world, state=None, act=None):
    """Another record that the keeper signed for a place."""
    return ANN.pen(state or world.state, Chance("second")).append(act or Rotate())


# -- rule 36: first seen, evidence ---------------------------------------------------------------


def test_rule_36_the_first_record_seen_for_a_place_is_followed(world):
    one, two = second(world), world.keeper.append(Rotate())
    genesis = world.founded.raw
    assert log_of(genesis, one, two).state.head == Record.parse(one).hash
    assert log_of(genesis, two, one).state.head == Record.parse(two).hash


def test_rule_36_extensions_of_the_other_branch_move_nobody(world):
    genesis, one = world.founded.raw, second(world)
    for _ in range(5):
        world.do(Rotate())
    log = log_of(genesis, one)
    for raw in world.log.records[1:]:
        assert not log.receive(raw).switched
    assert log.state.place == 1
    assert len(log.records) == 7


def test_rule_36_a_second_record_for_a_place_is_kept_and_shown_with_its_author(world):
    one, two = world.keeper.append(Rotate()), second(world)
    log = log_of(world.founded.raw, one)
    assert not log.evidence
    log.receive(two)
    (shown,) = log.evidence
    assert (shown.place, shown.author, shown.takeover) == (1, ANN.device, False)
    assert (shown.first, shown.other) == (Record.parse(one).hash, Record.parse(two).hash)
    assert shown.raw == two


def test_rule_36_a_second_record_stops_no_administration(world):
    one, two = world.keeper.append(Rotate()), second(world)
    log = log_of(world.founded.raw, one, two)
    log.receive(ANN.pen(log.state, world.chance).append(Rotate()))
    assert log.state.place == 2


def test_a_takeover_is_shown_as_what_it_is(world):
    before = world.state
    world.do(Rotate())
    world.take(take_over(before, ANN, world.chance, sheet=SHEET))
    (shown,) = world.log.evidence
    assert not shown.takeover  # what the takeover left behind is the other record now
    log = log_of(*[world.founded.raw, *world.log.records[2:], *world.log.records[1:2]])
    assert log.state == world.state


# -- order, duplicates, quota --------------------------------------------------------------------


def test_records_may_come_in_any_order_and_any_number_of_times(world):
    for name in ("Bob", "Viv", "Zoe"):
        world.add(name)
    genesis, *rest = world.log.records
    for order in itertools.permutations(rest):
        log = TeamLog(genesis)
        for raw in (*order, *order):
            log.receive(raw)
        assert log.state == world.state
        assert log.waiting == 0
        assert log.team.place_of(world.state.head) == 3


def test_it_is_told_which_records_are_kept_from_now_on(world):
    for name in ("Bob", "Viv", "Zoe"):
        world.add(name)
    genesis, one, two, three = world.log.records
    log = TeamLog(genesis)
    assert log.receive(three).added == ()
    assert log.receive(two).added == ()
    assert log.receive(one).added == (one, two, three)
    assert log.receive(one).added == ()
    assert log.records == (genesis, one, two, three)


def test_what_came_too_early_is_refused_in_words_once_it_can_be_judged(world):
    first = world.keeper.append(Rotate())
    world.take(first)
    eve = Machine.of("Eve", "a")
    forged = twisted(eve, world.keeper.append(Rotate()))
    log = TeamLog(world.founded.raw)
    assert log.receive(forged).standing == "waiting"
    (problem,) = log.receive(first).refused
    assert isinstance(problem, ForgedRecordError)
    assert log.state.place == 1


def test_what_waits_is_bounded_and_can_be_forgotten(world, monkeypatch):
    raw = world.keeper.append(Rotate())
    monkeypatch.setattr(log_module, "WAITING", 3)
    early = [twisted(ANN, raw, previous=hash_of(str(i))) for i in range(4)]
    for one in early[:3]:
        assert world.log.receive(one).standing == "waiting"
    assert world.log.receive(early[0]).standing == "waiting"
    with pytest.raises(BacklogError, match="3 records"):
        world.log.receive(early[3])
    assert world.log.receive(raw).standing == "new"
    assert world.log.forget_waiting() == 3
    assert world.log.receive(early[3]).standing == "waiting"


def test_what_waits_is_bounded_in_bytes(world, monkeypatch):
    raw = twisted(ANN, world.keeper.append(Rotate()), previous=hash_of("x"))
    monkeypatch.setattr(log_module, "WAITING_BYTES", len(raw) - 1)
    with pytest.raises(BacklogError):
        world.log.receive(raw)


def test_a_log_is_rebuilt_from_its_records_in_their_order(world):
    start = world.state
    world.do(Rotate())
    world.log.receive(second(world, start))
    world.take(take_over(start, ANN, world.chance, sheet=SHEET))
    world.do(Rotate())
    again = log_of(*world.log.records)
    assert again.state == world.state
    assert again.records == world.log.records
    assert {one.raw for one in again.evidence} == {one.raw for one in world.log.evidence}


def test_a_team_is_a_value_that_later_records_do_not_change(world):
    world.do(Rotate())
    team, head = world.log.team, world.state.head
    world.add("Bob")
    assert team.head == (1, head)
    assert team.place_of(world.state.head) is None
    assert world.log.team.place_of(head) == 1
    assert not team.may_write(5, Machine.of("Bob", "desk").device)
    world.take(take_over(world.log.state_at(world.state.workspace), ANN, world.chance, sheet=SHEET))
    assert team.place_of(head) == 1
    assert world.log.team.place_of(head) is None


def test_a_log_of_another_workspace_is_not_begun(world):
    with pytest.raises(ForeignRecordError):
        TeamLog(world.founded.raw, workspace=hash_of("another"))
    other = World("other")
    with pytest.raises(ForeignRecordError):
        world.log.receive(other.founded.raw)
    with pytest.raises(MalformedRecordError):
        TeamLog(b"")


# -- rule 39: the inviter's head -----------------------------------------------------------------


def test_rule_39_a_joiner_accepts_no_chain_without_the_inviters_head(world):
    other = second(world)
    world.do(Rotate())
    anchor = world.state.head
    world.do(Rotate())
    log = TeamLog(world.founded.raw, anchor=anchor)
    log.receive(other)  # a carrier shows another branch first
    for ask in (lambda: log.state, lambda: log.team):
        with pytest.raises(NotJoinedError):
            ask()
    assert log.after(world.state.workspace) == ()
    for raw in world.log.records[:0:-1]:
        log.receive(raw)
    assert log.joined
    assert log.state == world.state
    assert len(log.evidence) == 1


def test_rule_39_a_joiner_that_got_all_may_go_on_to_a_better_branch(world):
    start = world.state
    world.do(Rotate())
    log = TeamLog(world.founded.raw, anchor=world.state.head)
    taken = take_over(start, ANN, world.chance, sheet=SHEET)
    log.receive(taken)
    assert not log.joined
    log.receive(world.log.records[1])
    assert log.state.term == 1


def test_rule_39_the_genesis_can_be_the_inviters_head(world):
    assert TeamLog(world.founded.raw, anchor=world.state.workspace).joined


# -- rule 42: who asks for records ---------------------------------------------------------------


def test_rule_42_who_names_a_head_gets_what_extends_it(world):
    for name in ("Bob", "Viv", "Zoe"):
        world.add(name)
    records = world.log.records
    for place, raw in enumerate(records):
        assert world.log.after(Record.parse(raw).hash) == records[place + 1 :]


def test_rule_42_who_names_no_head_gets_nothing(world):
    world.do(Rotate())
    assert world.log.after(hash_of("guess")) == ()


def test_rule_42_who_follows_another_branch_gets_what_leads_to_ours(world):
    start = world.state
    world.do(Rotate())
    stale = world.state.head
    taken = take_over(start, ANN, world.chance, sheet=SHEET)
    world.take(taken)
    assert world.log.after(stale) == (taken,)


def test_rule_42_a_removed_device_gets_the_record_that_removed_it_and_no_more(world):
    bob = world.add("Bob")
    known = world.state.head
    world.do(SetRole(bob.member, "viewer"))
    removed = world.do(RemoveMember(bob.member))
    world.do(Rotate())
    got = world.log.after(known, bob.device)
    assert got[-1] == removed.raw
    assert len(got) == 2
    assert world.log.after(removed.hash, bob.device) == ()
    assert len(world.log.after(known, ANN.device)) == 3


def test_rule_42_one_answer_is_bounded(world, monkeypatch):
    for _ in range(5):
        world.do(Rotate())
    monkeypatch.setattr(log_module, "SENT", 2)
    assert world.log.after(world.state.workspace) == world.log.records[1:3]
    size = len(world.log.records[1])
    monkeypatch.setattr(log_module, "SENT", 64)
    monkeypatch.setattr(log_module, "SENT_BYTES", 3 * size)
    assert world.log.after(world.state.workspace) == world.log.records[1:4]


def test_the_head_of_any_branch_is_known_with_its_state(world):
    other = second(world)
    world.do(Rotate())
    world.log.receive(other)
    head = Record.parse(other).hash
    assert head in world.log
    assert world.log.state_at(head).epoch == 2
    assert hash_of("x") not in world.log
