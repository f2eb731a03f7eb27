"""What a device follows when records come in any order, twice, or two for one place (rules 35, 36, 39, 42)."""

from __future__ import annotations

import itertools

import pytest

from sync import membership
from sync.errors import (
    BacklogError,
    ForeignRecordError,
    ForgedRecordError,
    InvalidRecordError,
    MalformedRecordError,
    NotJoinedError,
)
from sync.membership import (
    HandOver,
    Record,
    RemoveMember,
    ReplaceRecovery,
    Rotate,
    SetRole,
    TeamLog,
)
from sync.team import log as log_module
from sync.team import wire
from sync.team.proof import CLAIM
from tests.support.teams import (
    ANN,
    SHEET,
    Chance,
    Machine,
    World,
    hash_of,
    keys_of,
    take_over,
    twisted,
)


@pytest.fixture
def world():
    return World()


def log_of(*raws):
    """A log that heard these, the genesis first."""
    log = TeamLog(raws[0])
    for raw in raws[1:]:
        log.receive(raw)
    return log


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
    assert log.evidence == ()
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


# -- rule 35: takeover by the recovery key -------------------------------------------------------


def test_rule_35_the_recovery_key_takes_over_from_an_earlier_head(world):
    bob = world.add("Bob", role="owner")
    kept = world.state
    world.do(HandOver(bob.device))  # a keeper that nobody wants
    world.do(RemoveMember(ANN.member))
    heard = world.log.receive(take_over(kept, ANN, world.chance, sheet=SHEET))
    assert heard.switched
    assert world.state.keeper == ANN.device
    assert world.state.term == 1
    assert ANN.member in world.state.members


def test_rule_35_a_new_machine_takes_over_with_the_sheet_alone(world):
    bob = world.add("Bob")
    opened = membership.open_by_recovery(world.state, SHEET)
    new = Machine.of("Ann again", "new")
    pen = membership.Pen(world.state, new.device, new.keys, opened.keys, world.chance)
    joining = membership.Joining(new.card, pen.name("New", new.device), pen.name("Ann", new.member))
    raw = pen.take_over(membership.claim_of(world.state, new.device, joining), recovery=SHEET)
    world.machines[new.device] = new
    world.take(raw)
    assert world.state.keeper == new.device
    assert new.member in world.state.owners
    assert world.log.team.device_number(new.device) == 2
    world.do(RemoveMember(ANN.member))
    assert set(membership.open_as_device(world.state, new.device, new.keys).keys) == {0, 1, 2}
    assert set(membership.open_as_device(world.state, bob.device, bob.keys).keys) == {0, 1, 2}


def test_rule_35_with_the_sheet_a_new_machine_may_join_an_owner_but_nobody_else(world):
    bob = world.add("Bob")
    opened = membership.open_by_recovery(world.state, SHEET)

    def raw(new):
        pen = membership.Pen(world.state, new.device, new.keys, opened.keys, world.chance)
        joining = membership.Joining(new.card, pen.name("New", new.device), None)
        return pen.take_over(membership.claim_of(world.state, new.device, joining), recovery=SHEET)

    assert bob.member != ANN.member
    for other in (Machine.of("Bob", "new"), Machine.of("Zoe", "new"), Machine.of(None, "new")):
        with pytest.raises(InvalidRecordError):
            raw(other)
    world.take(raw(Machine.of("Ann", "new")))
    assert world.state.owners == {ANN.member}


def test_rule_35_another_key_takes_nothing_over(world):
    with pytest.raises(ForgedRecordError, match="recovery key"):
        take_over(world.state, ANN, world.chance, sheet=keys_of("guess"))


def test_rule_35_only_an_owners_computer_takes_over(world):
    bob = world.add("Bob")
    with pytest.raises(InvalidRecordError, match="Only an owner's computer"):
        take_over(world.state, bob, world.chance, sheet=SHEET)


def test_rule_35_of_as_many_recovery_takeovers_the_smaller_hash_is_followed_by_all(world):
    bases = [world.state]
    world.do(Rotate())
    bases.append(world.state)
    raws = [take_over(base, ANN, Chance(i), sheet=SHEET) for i, base in enumerate(bases)]
    best = min(Record.parse(raw).hash for raw in raws)
    for order in itertools.permutations([*raws, *world.log.records[1:]]):
        log = log_of(world.founded.raw, *order)
        assert log.state.head == best


def test_rule_35_more_recovery_takeovers_win_over_a_smaller_hash(world):
    start = world.state
    ones = [take_over(start, ANN, Chance(i), sheet=SHEET) for i in range(4)]
    ones.sort(key=lambda raw: Record.parse(raw).hash)
    largest = log_of(world.founded.raw, ones[-1])
    again = take_over(largest.state, ANN, world.chance, sheet=SHEET)
    for order in itertools.permutations([ones[0], ones[-1], again]):
        log = log_of(world.founded.raw, *order)
        assert log.state.head == Record.parse(again).hash
        assert log.state.term == 2


def test_rule_35_an_old_sheet_moves_nobody_who_follows_the_new_one(world):
    old = world.state
    new_sheet = keys_of("new sheet")
    world.do(ReplaceRecovery(membership.recovery_of(new_sheet)))
    followed = world.state
    stolen = take_over(old, ANN, world.chance, sheet=SHEET)
    assert not world.log.receive(stolen).switched
    assert world.state == followed
    assert len(world.log.evidence) == 1
    with pytest.raises(ForgedRecordError):
        take_over(followed, ANN, world.chance, sheet=SHEET)
    world.take(take_over(followed, ANN, world.chance, sheet=new_sheet))
    assert world.state.term == 1


# -- rule 35: takeover by the owners -------------------------------------------------------------


@pytest.fixture
def owners(world):
    """Three owners, Ann's computer keeps."""
    return world, world.add("Otto", role="owner"), world.add("Olga", role="owner")


def test_rule_35_more_than_half_of_the_owners_take_over(owners):
    world, otto, olga = owners
    world.take(take_over(world.state, otto, world.chance, voters=(otto, olga)))
    assert (world.state.keeper, world.state.term) == (otto.device, 1)


def test_rule_35_half_of_the_owners_is_not_enough(owners):
    world, otto, olga = owners
    with pytest.raises(InvalidRecordError, match="More than half"):
        take_over(world.state, otto, world.chance, voters=(otto,))
    world.do(world.keeper.adding_member("owner", "Oz", Machine.of("Oz", "a").card, "A"))
    with pytest.raises(InvalidRecordError, match="More than half"):
        take_over(world.state, otto, world.chance, voters=(otto, olga))


def test_rule_35_an_owner_has_one_voice_however_many_computers(owners):
    world, otto, _ = owners
    laptop = world.add("Otto", "laptop")
    with pytest.raises(InvalidRecordError, match="More than half"):
        take_over(world.state, otto, world.chance, voters=(otto, laptop))


def test_rule_35_only_owners_vote_and_only_with_their_own_key(owners):
    world, otto, olga = owners
    bob = world.add("Bob")
    with pytest.raises(InvalidRecordError, match="Only owners"):
        take_over(world.state, otto, world.chance, voters=(otto, olga, bob))
    claim = membership.claim_of(world.state, otto.device)
    forged = membership.Vote(olga.device, otto.keys.sign(CLAIM + claim))
    votes = (membership.vote_for(claim, world.state, otto.device, otto.keys), forged)
    with pytest.raises(ForgedRecordError):
        otto.pen(world.state, world.chance).take_over(claim, votes=votes)


def test_rule_35_a_vote_is_for_one_head_one_keeper_one_term(owners):
    world, otto, olga = owners
    claim = membership.claim_of(world.state, otto.device)
    votes = tuple(
        membership.vote_for(claim, world.state, one.device, one.keys) for one in (otto, olga)
    )
    act = wire.Takeover(claim, None, tuple(sorted(votes, key=lambda vote: vote.device)))
    raw = otto.pen(world.state, world.chance).take_over(claim, votes=votes)
    world.do(Rotate())
    moved = twisted(
        otto, raw, place=world.state.place + 1, previous=world.state.head, act=wire.encode(act)
    )
    with pytest.raises(InvalidRecordError, match="about another"):
        world.log.receive(moved)
    with pytest.raises(InvalidRecordError, match="about another"):
        world.log.receive(twisted(olga, raw, author=olga.device))
    with pytest.raises(InvalidRecordError, match="does not continue"):
        membership.vote_for(claim, world.state, olga.device, olga.keys)


def test_rule_35_a_takeover_raises_the_term_by_one(owners):
    world, otto, olga = owners
    for term in (0, 2):
        claim = wire.Claim(
            1,
            world.state.workspace,
            world.state.place + 1,
            world.state.head,
            term,
            otto.device,
            None,
        )
        data = wire.encode(claim)
        votes = tuple(
            sorted(
                (membership.Vote(one.device, one.keys.sign(CLAIM + data)) for one in (otto, olga)),
                key=lambda vote: vote.device,
            )
        )
        with pytest.raises(InvalidRecordError, match="begins term 1"):
            otto.pen(world.state, world.chance).take_over(data, votes=votes)


def test_rule_35_owners_bring_in_no_new_computer_and_sign_no_recovery(owners):
    world, otto, olga = owners
    new = Machine.of("Otto", "new")
    pen = otto.pen(world.state, world.chance)
    joining = membership.Joining(new.card, pen.name("New", new.device), None)
    claim = membership.claim_of(world.state, new.device, joining)
    votes = tuple(membership.Vote(one.device, one.keys.sign(CLAIM + claim)) for one in (otto, olga))
    newcomer = membership.Pen(world.state, new.device, new.keys, pen.epochs, world.chance)
    with pytest.raises(InvalidRecordError, match="only the recovery key brings in"):
        newcomer.take_over(claim, votes=votes)
    claim = membership.claim_of(world.state, otto.device)
    votes = tuple(
        membership.vote_for(claim, world.state, one.device, one.keys) for one in (otto, olga)
    )
    with pytest.raises(InvalidRecordError, match="choose one of their computers"):
        pen.take_over(claim, recovery=SHEET, votes=votes)


def test_rule_35_a_takeover_by_those_whom_the_followed_branch_removed_moves_nobody(owners):
    world, otto, olga = owners
    before = world.state
    world.do(RemoveMember(olga.member))
    raw = take_over(before, otto, world.chance, voters=(otto, olga))
    assert not world.log.receive(raw).switched
    assert world.state.term == 0
    assert world.log.evidence[0].takeover


def test_rule_35_a_higher_term_by_owners_of_the_followed_branch_moves(owners):
    world, otto, olga = owners
    before = world.state
    world.do(Rotate())
    heard = world.log.receive(take_over(before, otto, world.chance, voters=(otto, olga)))
    assert heard.switched
    assert world.state.keeper == otto.device


def test_rule_35_of_equal_terms_the_smaller_hash_is_followed_by_all(owners):
    world, otto, olga = owners
    start = world.log.records
    raws = [
        take_over(world.state, keeper, world.chance, voters=(otto, olga)) for keeper in (otto, olga)
    ]
    best = min(Record.parse(raw).hash for raw in raws)
    for order in itertools.permutations(raws):
        assert log_of(*start, *order).state.head == best


def test_rule_35_what_the_followed_branch_comes_to_authorise_moves_it_then(owners):
    world, otto, olga = owners
    before = world.state
    world.add("Oz", role="owner")
    taken = take_over(before, otto, world.chance, voters=(otto, olga))
    assert not world.log.receive(taken).switched  # two of four
    kept = world.state
    after = otto.pen(world.log.state_at(Record.parse(taken).hash), world.chance).append(Rotate())
    assert not world.log.receive(after).switched
    assert world.state is kept
    assert world.log.receive(ANN.pen(kept, world.chance).append(RemoveMember(olga.member)))
    assert world.state.term == 0  # Otto alone of three
    world.log.receive(
        world.keeper.append(world.keeper.adding_member("owner", "Olga", again(olga), "a"))
    )
    assert world.state.term == 0  # the voter's computer is another one
    log = log_of(
        world.founded.raw, *[raw for raw in world.log.records[1:] if raw not in {taken, after}][:3]
    )
    log.receive(taken)
    log.receive(after)
    assert log.state.term == 0
    oz = Machine.of("Oz", "desk")
    heard = log.receive(ANN.pen(log.state, world.chance).append(SetRole(oz.member, "editor")))
    assert heard.switched  # two of three again, and what came after it on its branch
    assert log.state.head == Record.parse(after).hash


def again(machine):
    return Machine.of("Olga", "another computer").card


def test_a_takeover_is_signed_by_the_computer_that_takes_over(owners):
    world, otto, olga = owners
    raw = take_over(world.state, otto, world.chance, voters=(otto, olga))
    with pytest.raises(ForgedRecordError):
        world.log.receive(twisted(olga, raw))
    stranger = Machine.of("Zoe", "desk")
    claim = membership.claim_of(world.state, stranger.device)
    act = wire.Takeover(claim, SHEET.sign(CLAIM + claim), ())
    with pytest.raises(InvalidRecordError, match="is not in the team"):
        world.log.receive(twisted(stranger, raw, author=stranger.device, act=wire.encode(act)))


def test_a_takeover_that_brings_in_one_computer_is_not_signed_by_another(world):
    opened = membership.open_by_recovery(world.state, SHEET)
    new, other = Machine.of("Ann", "new"), Machine.of("Ann", "other")
    pen = membership.Pen(world.state, other.device, other.keys, opened.keys, world.chance)
    joining = membership.Joining(new.card, pen.name("New", new.device), None)
    claim = membership.claim_of(world.state, other.device, joining)
    with pytest.raises(InvalidRecordError, match="Only an owner's computer"):
        pen.take_over(claim, recovery=SHEET)
    mine = membership.Joining(other.card, pen.name("Other", other.device), None)
    raw = pen.take_over(membership.claim_of(world.state, other.device, mine), recovery=SHEET)
    bent = wire.Takeover(claim, SHEET.sign(CLAIM + claim), ())
    with pytest.raises(InvalidRecordError, match="not the one whose card came"):
        world.log.receive(twisted(other, raw, act=wire.encode(bent)))


def test_rule_35_a_recovery_takeover_wins_over_any_term(owners):
    world, otto, olga = owners
    start = world.state
    world.take(take_over(world.state, otto, world.chance, voters=(otto, olga)))
    world.take(take_over(world.state, olga, world.chance, voters=(otto, olga)))
    assert world.state.term == 2
    world.take(take_over(start, ANN, world.chance, sheet=SHEET))
    assert (world.state.term, world.state.keeper) == (1, ANN.device)


def test_rule_35_an_owner_with_the_same_id_and_another_key_has_no_voice(world):
    """A keeper cannot make a majority of the followed branch by giving its owners' ids to keys of its own."""
    otto = world.add("Otto", role="owner")
    olga = world.add("Olga", role="owner")
    fake = World()  # the same genesis, kept by the same Ann, who signs another branch
    assert fake.state.workspace == world.state.workspace
    for name, real in (("Otto", otto), ("Olga", olga)):
        forged = Machine(real.device, real.member, keys_of(f"fake {name}"))
        fake.do(fake.keeper.adding_member("owner", name, forged.card, "desk"))
        fake.machines[real.device] = forged
    mine = tuple(fake.machines[one.device] for one in (otto, olga))
    fake.take(take_over(fake.state, mine[0], fake.chance, voters=mine))
    for raw in fake.log.records[1:]:
        assert not world.log.receive(raw).switched
    assert world.state.term == 0


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
