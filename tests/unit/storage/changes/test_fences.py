"""Fences: what they reject, now and later, what is computed anew, whom they let go on (rules 20, 23-27, 29, 31)."""

from __future__ import annotations

import msgspec
import pytest

from storage.changes import envelope
from storage.changes.absorb import Standing
from storage.changes.accept import Verdict
from storage.changes.errors import MayNotWriteError
from storage.changes.header import Dependency
from storage.changes.log import Why
from storage.changes.rules import ChangeRules
from storage.crdt.dots import Dot, Ref
from tests.support.changes import Chain, Device, forge, head, meet, one_part, standings


def hashes(raw: list[bytes]) -> list[bytes]:
    return [envelope.decode(each).hash for each in raw]


def fenced(team: Chain, device: Device, raw: list[bytes], number: int) -> Chain:
    """The chain with the device removed behind one of its changes."""
    last = hashes(raw)[number - 1] if number else bytes(32)
    feed = envelope.decode(raw[0]).clear.feed
    return team.then(remove=[device.name], fences=[(device.name, feed, number, last)])


TEAM = Chain.of("ann", "bob", "cid")


def bob_writes(bob: Device, many: int = 4) -> tuple[list[bytes], Dot]:
    raw, record = bob.create(n=0)
    for n in range(1, many):
        raw = [*raw, *bob.set(record, n=n)]
    return raw, record


def test_what_lies_behind_a_fence_leaves_the_state_and_is_kept():
    ann, bob, cid = meet("ann", "bob", "cid")
    raw, record = bob_writes(bob)
    ann.take(*raw)
    team = fenced(TEAM, bob, raw, 2)
    ann.absorber.extend(team)
    assert list(ann.absorber.set_aside()) == [
        (Ref(0, 3), Verdict.FENCED),
        (Ref(0, 4), Verdict.FENCED),
    ]
    assert ann.book.recomputed == [{record}]
    assert ann.log.raw(0, 4) == raw[3]
    assert ann.absorber.settling.open(Ref(0, 4), aside=True).parts[0].record == record
    cid.absorber.extend(team)
    outcomes = cid.take(*raw)
    assert standings(outcomes) == [Standing.ACCEPTED] * 2 + [Standing.REJECTED] * 2
    assert cid.book.recomputed == []
    assert cid.state() == ann.state()
    assert cid.absorber.clipped() == ann.absorber.clipped()
    assert [position.number for position in cid.absorber.positions().values()] == [4]


def test_what_comes_at_last_is_enough_though_a_fence_names_a_later_change():
    """That later change may itself build on who waits."""
    ann, bob, cid = meet("ann", "bob", "cid")
    before, record = bob_writes(bob, 2)
    ann.take(*before)
    waiting, _ = ann.create(n=1)
    bob.take(*waiting)
    after = bob.set(record, n=2)
    cid.absorber.extend(fenced(TEAM, bob, [*before, *after], 3))
    assert standings(cid.take(*waiting)) == [Standing.HELD]
    cid.take(*before, *after)
    told = [cid.absorber.standing(one).standing for one in hashes([*before, *waiting, *after])]
    assert told == [Standing.ACCEPTED] * 4


def test_what_is_rejected_behind_a_change_that_waits_is_shown_already():
    ann, bob, _ = meet("ann", "bob", "cid")
    ann.keys._epochs.clear()  # they come later
    raw, _ = bob_writes(bob, 2)
    assert standings(ann.take(*raw)) == [Standing.HELD] * 2
    ann.absorber.extend(fenced(TEAM, bob, raw, 1))
    assert [ann.absorber.standing(one).standing for one in hashes(raw)] == [
        Standing.HELD,
        Standing.REJECTED,
    ]
    assert list(ann.absorber.set_aside()) == [(Ref(0, 2), Verdict.FENCED)]


def test_a_feed_that_a_removal_does_not_list_does_not_count_at_all():
    ann, bob, cid = meet("ann", "bob", "cid")
    raw, _ = bob_writes(bob)
    ann.take(*raw)
    team = TEAM.then(remove=["bob"])
    ann.absorber.extend(team)
    cid.absorber.extend(team)
    assert set(standings(cid.take(*raw))) == {Standing.REJECTED}
    assert ann.state() == cid.state() == {}


def test_a_back_dated_change_is_rejected_for_ever():
    ann, bob = meet("ann", "bob")
    raw, record = bob_writes(bob)
    team = fenced(Chain.of("ann", "bob"), bob, raw, 4)
    ann.take(*raw)
    ann.absorber.extend(team)
    late = bob.set(record, n="made under the old head, after the removal")
    (outcome,) = ann.take(*late)
    assert (outcome.standing, outcome.why) == (Standing.REJECTED, Verdict.FENCED)
    bob.author.feed = None
    (outcome,) = ann.take(*bob.create(n="in a new feed")[0])
    assert outcome.standing is Standing.REJECTED


def test_a_change_made_under_the_removal_has_no_role():
    ann, bob = meet("ann", "bob")
    team = Chain.of("ann", "bob").then(remove=["bob"])
    ann.absorber.extend(team)
    bob.absorber.extend(team)
    with pytest.raises(MayNotWriteError, match="nothing was saved"):
        bob.create(n=1)
    bob.absorber.settling.team = Lenient(team)
    raw, _ = bob.create(n=1)
    (outcome,) = ann.take(*raw)
    assert outcome.why is Verdict.NO_ROLE


class Lenient:
    """The chain as a device sees it that gives itself a role."""

    def __init__(self, team):
        self._team = team

    def __getattr__(self, name):
        return getattr(self._team, name)

    def may_write(self, place, device):
        return True


def test_access_that_is_given_back_counts_from_there_on():
    ann, bob, cid = meet("ann", "bob", "cid")
    raw, record = bob_writes(bob)
    away = fenced(TEAM, bob, raw, 4)
    back = away.then(add=["bob"])
    for device in (bob, ann):
        device.absorber.extend(away)
        device.absorber.extend(back)
    more = bob.set(record, n="again")
    ann.take(*raw, *more)
    assert len(ann.state()) == 5
    cid.take(*raw, *more)
    cid.absorber.extend(back)
    assert cid.state() == ann.state()


def test_a_feed_with_rejected_changes_takes_nothing_more():
    ann, bob = meet("ann", "bob")
    raw, record = bob_writes(bob)
    old = bob.author.feed
    away = fenced(Chain.of("ann", "bob"), bob, raw, 2)
    bob.absorber.extend(away)
    bob.absorber.extend(away.then(add=["bob"]))
    more = bob.set(record, n="again")
    assert bob.author.feed != old
    assert envelope.decode(more[0]).clear.number == 1
    ann.absorber.extend(away.then(add=["bob"]))
    assert standings(ann.take(*raw, *more))[-1] is Standing.ACCEPTED


@pytest.mark.parametrize("number", [2, 3])
def test_a_fence_that_cuts_a_group_counts_as_its_beginning(number):
    ann, bob, cid = meet("ann", "bob", "cid")
    first, record = bob.create(n=0)
    group = bob.set(record, text="x" * 150_000)
    assert len(group) == 3
    raw = [*first, *group]
    team = fenced(TEAM, bob, raw, number)
    ann.take(*raw)
    ann.absorber.extend(team)
    cid.absorber.extend(team)
    cid.take(*raw)
    late = Device("dan", TEAM).knows(ann, bob, cid)
    late.take(*raw[:3])
    late.absorber.extend(team)
    late.take(*raw[3:])
    for device in (ann, cid, late):
        assert list(device.state()) == hashes(first)
        assert len(list(device.absorber.set_aside())) == 3


def test_a_group_that_a_fence_cuts_is_decided_on_without_its_end():
    ann, bob, cid = meet("ann", "bob", "cid")
    first, record = bob.create(n=0)
    raw = [*first, *bob.set(record, text="x" * 150_000)]
    ann.take(*raw)
    answer = ann.set(Dot(0, 1, record.at), n="saw it")
    cid.absorber.extend(fenced(TEAM, bob, raw, 2))
    cid.take(*raw[:2], *answer)
    assert set(cid.state()) == set(hashes([*first, *answer]))


def test_a_fence_at_the_end_of_a_group_keeps_it():
    ann, bob = meet("ann", "bob")
    first, record = bob.create(n=0)
    raw = [*first, *bob.set(record, text="x" * 150_000)]
    ann.take(*raw)
    ann.absorber.extend(fenced(Chain.of("ann", "bob"), bob, raw, 4))
    assert len(ann.state()) == 4


def test_nobody_waits_for_a_change_beyond_a_fence():
    ann, bob, cid = meet("ann", "bob", "cid")
    raw, record = bob_writes(bob)
    ann.take(*raw)
    answer = ann.set(Dot(0, 1, record.at), n="after all of bob's")
    team = fenced(TEAM, bob, raw, 2)
    cid.absorber.extend(team)
    (outcome,) = cid.take(*answer)
    assert (outcome.standing, outcome.why) == (Standing.HELD, Why.DEPENDENCY)
    cid.take(*raw[:2])
    assert cid.absorber.standing(hashes(answer)[0]).standing is Standing.ACCEPTED
    ann.absorber.extend(team)
    assert cid.state() == ann.state()
    assert cid.absorber.clipped() == ann.absorber.clipped()


def test_a_fence_that_comes_later_lets_those_go_on_that_waited():
    ann, bob, cid = meet("ann", "bob", "cid")
    raw, record = bob_writes(bob)
    ann.take(*raw)
    answer = ann.set(Dot(0, 1, record.at), n="x")
    cid.take(*raw[:2], *answer)
    assert len(cid.state()) == 2
    team = fenced(TEAM, bob, raw, 2)
    cid.absorber.extend(team)
    ann.absorber.extend(team)
    assert cid.state() == ann.state()


def test_a_feed_that_never_came_here_is_not_awaited_when_its_device_is_fenced():
    ann, bob, cid = meet("ann", "bob", "cid")
    raw, _ = bob_writes(bob)
    ann.take(*raw)
    answer, _ = ann.create(n=1)
    more, _ = ann.create(n=2)
    cid.absorber.extend(TEAM.then(remove=["bob"]))
    assert standings(cid.take(*answer, *more)) == [Standing.ACCEPTED] * 2


def given_back(bob: Device, *others: Device) -> tuple[list[bytes], Dot, list[bytes], Chain]:
    """Bob writes, may only read for a while, writes again in the same feed: what he wrote, before and after."""
    raw, record = bob_writes(bob)
    away = fenced(TEAM, bob, raw, 4)
    back = away.then(add=["bob"])
    for device in (bob, *others):
        device.absorber.extend(away)
        device.absorber.extend(back)
    return raw, record, bob.set(record, n="again"), back


def test_a_change_made_after_access_was_given_back_is_waited_for():
    ann, bob, cid = meet("ann", "bob", "cid")
    raw, record, more, _ = given_back(bob, ann, cid)
    ann.take(*raw, *more)
    answer = ann.set(Dot(0, 1, record.at), n="saw it")
    outcome = cid.take(*raw, *answer)[-1]
    assert (outcome.standing, outcome.why) == (Standing.HELD, Why.DEPENDENCY)
    cid.take(*more)
    assert cid.book.cleared == 0
    assert cid.state() == ann.state()


@pytest.mark.parametrize(
    "wrong", [{"place": 0}, {"number": 4}, {"feed": b"?" * 16}, {"device": b"?" * 16}]
)
def test_a_word_about_another_change_that_is_not_so_makes_the_change_count_nowhere(wrong):
    ann, bob, cid = meet("ann", "bob", "cid")
    raw, _, more, back = given_back(bob, ann, cid)
    last = envelope.decode(more[0])
    told = Dependency(last.clear.feed, bob.id, 5, last.hash, 2)
    lie = forge(
        ann,
        head(dependencies=(msgspec.structs.replace(told, **wrong),)),
        one_part([1, 5], record=None),
        place=2,
        head=ann.absorber.team.head[1],
        epoch=1,
    )
    for order in ([*raw, *more, lie], [lie, *raw, *more], [*raw, lie, *more]):
        device = Device("dan", back).knows(ann, bob)
        device.take(*order)
        assert len(device.state()) == 5
        standing = device.absorber.standing(envelope.decode(lie).hash)
        assert standing.standing in {Standing.REJECTED, Standing.HELD}


def test_what_is_rejected_under_an_authors_head_was_not_seen_by_it():
    ann, bob, _ = meet("ann", "bob", "cid")
    raw, record = bob_writes(bob)
    ann.take(*raw)
    before = ann.set(Dot(0, 1, record.at), n="before the fence")
    ann.absorber.extend(fenced(TEAM, bob, raw, 2))
    after = ann.set(Dot(0, 1, record.at), n="after it")
    lane = ann.log.find(hashes(raw)[0]).lane
    saw = {change.cause.hash: change.cause.seen.get(lane) for change in ann.book.applied}
    assert saw[hashes(before)[0]] == 4
    assert saw[hashes(after)[0]] == 2


def test_another_branch_of_the_chain_decides_anew():
    ann, bob = meet("ann", "bob")
    team = Chain.of("ann", "bob")
    raw, _ = bob_writes(bob)
    ann.take(*raw)
    ann.absorber.extend(fenced(team, bob, raw, 1))
    assert len(ann.state()) == 1
    taken_over = team.then(branch="taken over")
    ann.absorber.extend(taken_over)
    assert ann.book.cleared == 1
    assert len(ann.state()) == 4
    assert list(ann.absorber.set_aside()) == []
    bob.absorber.extend(team.then())
    lost = bob.create(n=1)[0]
    (outcome,) = ann.take(*lost)
    assert (outcome.standing, outcome.why) == (Standing.HELD, Why.HEAD)


def test_what_was_made_on_an_abandoned_branch_of_the_chain_is_set_aside():
    ann, bob = meet("ann", "bob")
    team = Chain.of("ann", "bob")
    bob.absorber.extend(team.then())
    ann.absorber.extend(team.then())
    raw, _ = bob.create(n=1)
    ann.take(*raw)
    ann.absorber.extend(team.then(branch="taken over").then(branch="taken over"))
    assert [verdict for _, verdict in ann.absorber.set_aside()] == [Verdict.OFF_CHAIN]


# ------------------------------------------------------------- what each rule is there for


def test_without_rule_23_a_removed_device_stops_everybody():
    off = ChangeRules(fenced_not_awaited=False)
    ann, bob, cid = meet("ann", "bob", "cid", rules=off)
    raw, record = bob_writes(bob)
    ann.take(*raw)
    answer = ann.set(Dot(0, 1, record.at), n="x")
    cid.absorber.extend(fenced(TEAM, bob, raw, 2))
    assert standings(cid.take(*raw[:2], *answer))[-1] is Standing.HELD


def test_without_rule_26_what_was_cut_off_stays_in_the_state():
    off = ChangeRules(fences_recompute=False)
    ann, bob, _ = meet("ann", "bob", "cid", rules=off)
    raw, _ = bob_writes(bob)
    ann.take(*raw)
    ann.absorber.extend(fenced(TEAM, bob, raw, 2))
    assert ann.book.recomputed == []


def test_without_rule_4_a_rejected_change_counts_as_seen():
    off = ChangeRules(rejected_is_unseen=False)
    ann, bob, _ = meet("ann", "bob", "cid", rules=off)
    raw, record = bob_writes(bob)
    ann.take(*raw)
    ann.set(Dot(0, 1, record.at), n=1)
    ann.absorber.extend(fenced(TEAM, bob, raw, 2))
    ann.set(Dot(0, 1, record.at), n=2)
    assert ann.book.applied[-1].cause.seen == {0: 4}


def test_without_rule_18_what_an_author_saw_is_lost_with_a_rejected_change_between():
    def story(rules: ChangeRules) -> bool:
        ann, bob, cid = meet("ann", "bob", "cid", rules=rules)
        first, record = ann.create(n=0)
        bob.take(*first)
        middle = bob.set(Dot(0, 1, record.at), n=1)
        cid.take(*first, *middle)
        last = cid.set(Dot(cid.log.find(hashes(first)[0]).lane, 1, record.at), n=2)
        team = TEAM.then(remove=["bob"])
        late = Device("dan", TEAM, rules=rules).knows(ann, bob, cid)
        late.absorber.extend(team)
        late.take(*first, *last)
        seen = late.state().get(hashes(last)[0])
        return seen is not None and hashes(first)[0] in seen

    assert story(ChangeRules())
    assert not story(ChangeRules(all_advances_named=False))
