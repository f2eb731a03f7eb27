"""Who takes a team over, and whose branch a device then follows (rule 35)."""

from __future__ import annotations

import itertools

import pytest

from sync import membership
from sync.errors import (
    ForgedRecordError,
    InvalidRecordError,
)
from sync.membership import (
    HandOver,
    Record,
    RemoveMember,
    ReplaceRecovery,
    Rotate,
    SetRole,
)
from sync.team import wire
from sync.team.proof import CLAIM
from tests.support.teams import (
    ANN,
    SHEET,
    Chance,
    Machine,
    World,
    keys_of,
    log_of,
    take_over,
    twisted,
)

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
