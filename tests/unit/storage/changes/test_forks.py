"""Forks of a feed: both branches count, whatever came first, and each has one name for all (rule 31)."""

from __future__ import annotations

import itertools

import pytest

from storage.changes import envelope
from storage.changes.absorb import Position, Standing
from storage.changes.accept import Verdict
from storage.changes.lanes import at, branch_id, mark, name_of, path, resolve, shared
from storage.changes.rules import ChangeRules
from storage.crdt.dots import Dot, Ref
from tests.support.changes import Chain, Device, forge, head, meet, one_part, standings

TEAM = Chain.of("ann", "bob", "cid")


def hashes(raw: list[bytes]) -> list[bytes]:
    return [envelope.decode(each).hash for each in raw]


def place_name(device: Device, there: Ref | None) -> bytes:
    assert there is not None
    return name_of(device.log, *there)


class Forked:
    """Bob's feed: two changes that both of his machines have, then two on each."""

    def __init__(self, rules: ChangeRules | None = None) -> None:
        self.ann, self.bob, self.cid = meet("ann", "bob", "cid", rules=rules or ChangeRules())
        raw, self.record = self.bob.create(n=0)
        self.common = [*raw, *self.bob.set(self.record, n=1)]
        self.clone = Device("bob", TEAM).knows(self.ann, self.bob, self.cid)
        self.clone.take(*self.common)
        self.clone.author.feed, self.clone._count = self.bob.author.feed, 500
        self.feed = self.bob.author.feed or b""
        self.one = [*self.bob.set(self.record, n=2), *self.bob.set(self.record, n=3)]
        self.two = [*self.clone.set(self.record, n=4), *self.clone.set(self.record, n=5)]

    def names(self, device: Device) -> dict[bytes, int]:
        return {name: position.number for name, position in device.absorber.clipped().items()}


def test_both_branches_count_and_have_one_name_everywhere():
    story = Forked()
    story.ann.take(*story.common, *story.one, *story.two)
    story.cid.take(*story.common, *story.two, *story.one)
    assert story.ann.state() == story.cid.state()
    assert len(story.ann.state()) == 6
    expected = {
        branch_id(story.feed, hashes(story.one)[0]): 4,
        branch_id(story.feed, hashes(story.two)[0]): 4,
    }
    assert story.names(story.ann) == story.names(story.cid) == expected
    assert story.ann.absorber.clipped() == story.cid.absorber.clipped()
    for device in (story.ann, story.cid):
        there = device.log.find(hashes(story.common)[1])
        assert place_name(device, there) == story.feed
        for branch in (story.one, story.two):
            there = device.log.find(hashes(branch)[1])
            assert place_name(device, there) == branch_id(story.feed, hashes(branch)[0])


def test_one_branch_alone_goes_by_the_name_of_the_feed():
    story = Forked()
    story.ann.take(*story.common, *story.two)
    assert story.names(story.ann) == {story.feed: 4}


def test_neither_branch_has_seen_the_other():
    story = Forked()
    story.ann.take(*story.common, *story.one, *story.two)
    state = story.ann.state()
    one, two = hashes(story.one), hashes(story.two)
    assert not state[one[1]] & set(two)
    assert not state[two[1]] & set(one)
    assert state[two[1]] >= set(hashes(story.common))
    seen = story.ann.absorber.settling.vectors.sees
    lanes = [story.ann.log.find(branch[0]).lane for branch in (one, two)]
    first, other = Dot(lanes[0], 3, 1 << 16), Dot(lanes[1], 3, 1 << 16)
    assert not seen(first, other)
    assert not seen(other, first)
    assert seen(other, Dot(lanes[0], 2, 1 << 16))
    assert seen(other, Dot(lanes[1], 3, 5)) != seen(Dot(lanes[1], 3, 5), other)


def test_what_is_written_after_seeing_both_names_each():
    story = Forked()
    story.ann.take(*story.common, *story.one, *story.two)
    record = Dot(0, 1, story.record.at)
    answer = story.ann.set(record, n="saw both")
    assert len(story.ann.book.applied[-1].header.dependencies) == 2
    for order in (
        [*story.common, *story.one, *story.two, *answer],
        [*answer, *story.two, *story.one, *story.common],
    ):
        late = Device("dan", TEAM).knows(story.ann, story.bob, story.cid)
        for raw in order:
            late.take(raw)
        assert late.state() == story.ann.state()
        assert late.state()[hashes(answer)[0]] >= {*hashes(story.one), *hashes(story.two)}


@pytest.mark.parametrize("branch", ["one", "two"])
def test_a_dot_beyond_the_fork_means_the_same_record_everywhere(branch):
    story = Forked()
    made, record = (story.bob if branch == "one" else story.clone).create(name="on a branch")
    story.ann.take(*story.common, *story.one, *story.two, *made)
    mine = story.ann.log.find(hashes(made)[0])
    answer = story.ann.set(Dot(mine.lane, mine.number, record.at), name="seen")
    story.cid.take(*story.common, *story.two, *story.one, *made, *answer)
    theirs = story.cid.log.find(hashes(made)[0])
    (part,) = story.cid.book.applied[-1].parts
    assert part.record == Dot(theirs.lane, theirs.number, record.at)


def test_the_device_itself_leaves_a_feed_once_it_knows_that_it_forked():
    story = Forked()
    story.bob.take(*story.two)
    raw = story.bob.set(story.record, n="in a new feed")
    assert envelope.decode(raw[0]).clear.number == 1
    assert story.bob.author.feed != story.feed
    story.ann.take(*story.common, *story.one, *story.two, *raw)
    assert story.ann.state()[hashes(raw)[0]] >= {*hashes(story.one), *hashes(story.two)}


def test_a_branch_that_contradicts_a_fence_does_not_count():
    story = Forked()
    team = TEAM.then(remove=["bob"], fences=[("bob", story.feed, 4, hashes(story.one)[1])])
    mail = [*story.common, *story.one, *story.two]
    for order in itertools.permutations(range(3)):
        groups = [story.common, story.one, story.two]
        device = Device("dan", TEAM).knows(story.ann, story.bob, story.cid)
        device.take(*groups[order[0]])
        device.absorber.extend(team)
        device.take(*groups[order[1]], *groups[order[2]])
        assert set(device.state()) == set(hashes([*story.common, *story.one]))
        assert len(list(device.absorber.set_aside())) == 2
    story.ann.take(*mail)
    story.ann.absorber.extend(team)
    assert set(story.ann.state()) == set(hashes([*story.common, *story.one]))


def test_a_fence_may_list_both_branches():
    story = Forked()
    one, two = hashes(story.one), hashes(story.two)
    fences = [("bob", story.feed, 3, one[0]), ("bob", story.feed, 4, two[1])]
    team = TEAM.then(remove=["bob"], fences=fences)
    story.ann.take(*story.common, *story.one, *story.two)
    story.ann.absorber.extend(team)
    story.cid.absorber.extend(team)
    story.cid.take(*story.common, *story.two)
    assert set(story.cid.state()) == {*hashes(story.common), *two}
    story.cid.take(*story.one)
    for device in (story.ann, story.cid):
        assert set(device.state()) == {*hashes(story.common), one[0], *two}


def test_a_feed_may_fork_at_its_very_beginning():
    ann, bob, cid = meet("ann", "bob", "cid")
    one = forge(bob, head(), one_part([1, 5], record=None))
    two = forge(bob, head(stamp=2), one_part([1, 6], record=None))
    ann.take(one, two)
    cid.take(two, one)
    assert ann.state() == cid.state()
    assert len(ann.state()) == 2
    assert ann.absorber.clipped() == cid.absorber.clipped()
    assert len(ann.absorber.clipped()) == 2
    assert shared(ann.log, Ref(0, 1), Ref(1, 1)) == 0


def test_a_feed_that_goes_on_in_two_ways_from_inside_a_group_loses_the_group():
    ann, bob, cid = meet("ann", "bob", "cid")
    first, record = bob.create(n=0)
    group = bob.set(record, text="x" * 70_000)
    inside = envelope.decode(group[0])
    other = forge(
        bob,
        head(),
        one_part([2, {"a": 1}]),
        feed=inside.clear.feed,
        number=inside.clear.number + 1,
        previous=inside.hash,
        device=None,
    )
    ann.take(*first, *group, other)
    cid.take(*first, group[0], other, *group[1:])
    assert list(ann.state()) == list(cid.state()) == hashes(first)
    assert {verdict for _, verdict in ann.absorber.set_aside()} == {Verdict.SPLIT_GROUP}
    assert ann.book.recomputed
    assert all(record in touched for touched in ann.book.recomputed)
    ann.absorber.settling.rebuild()
    assert list(ann.state()) == hashes(first)


def test_a_fork_that_becomes_known_has_its_records_told_by_their_new_names():
    story = Forked()
    story.ann.take(*story.common, *story.one)
    assert story.ann.book.recomputed == []
    story.ann.take(*story.two)
    assert story.ann.book.recomputed[0] == {Dot(0, 1, story.record.at)}


def test_branches_of_branches_have_names_of_their_own():
    story = Forked()
    third = Device("bob", TEAM).knows(story.ann, story.bob, story.cid)
    third.take(*story.common, story.one[0])
    third.author.feed, third._count = story.feed, 900
    deep = third.set(story.record, n="deep")
    mail = [*story.common, *story.one, *story.two, *deep]
    results = []
    for order in ([0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 6, 3, 4, 5], [6, 5, 4, 3, 2, 1, 0]):
        device = Device("dan", TEAM).knows(story.ann, story.bob, story.cid)
        for each in order:
            device.take(mail[each])
        results.append((device.state(), device.absorber.clipped()))
        names = {
            hashes([raw])[0]: place_name(device, device.log.find(hashes([raw])[0])) for raw in mail
        }
        assert names[hashes(deep)[0]] == branch_id(story.feed, hashes(deep)[0])
        assert names[hashes(story.one)[0]] == branch_id(story.feed, hashes(story.one)[0])
        assert names[hashes(story.one)[1]] == branch_id(story.feed, hashes(story.one)[1])
    assert results[0] == results[1] == results[2]


def test_what_fences_a_device_names_the_last_change_of_each_branch():
    story = Forked()
    raw, _ = story.bob.create(n=9)
    story.ann.take(*story.common, *story.one)
    assert story.ann.absorber.ends(story.bob.id) == {
        story.feed: [Position(4, hashes(story.one)[1])]
    }
    story.ann.take(*story.two, *raw)
    ends = story.ann.absorber.ends(story.bob.id)
    assert {end.hash for end in ends[story.feed]} == {hashes(raw)[0], hashes(story.two)[1]}
    assert story.ann.absorber.ends(story.ann.id) == {}
    fences = [("bob", story.feed, end.number, end.hash) for end in ends[story.feed]]
    before = story.ann.state()
    story.ann.absorber.extend(TEAM.then(remove=["bob"], fences=fences))
    assert story.ann.state() == before


def test_a_name_that_fits_two_branches_or_none_means_nothing():
    story = Forked()
    story.ann.take(*story.common, *story.one, *story.two)
    log = story.ann.log
    one, two = (log.find(hashes(branch)[1]) for branch in (story.one, story.two))
    assert one is not None
    assert two is not None

    def all_of_it(lane: int) -> int:
        return log.lane(lane).extent

    first = hashes(story.two)[0]
    assert resolve(log, story.feed, 2, all_of_it) == one.lane
    assert resolve(log, story.feed, 4, all_of_it) is None
    assert resolve(log, first, 4, all_of_it) == two.lane
    assert resolve(log, first, 2, all_of_it) is None
    assert resolve(log, first, 9, all_of_it) is None
    assert resolve(log, b"?" * 32, 4, all_of_it) is None
    assert resolve(log, b"?" * 16, 4, all_of_it) is None
    only_two = {one.lane: 2, two.lane: 4}
    assert resolve(log, story.feed, 4, lambda lane: only_two[lane]) == two.lane
    assert mark(log, two.lane, 4, lambda lane: only_two[lane]) == story.feed
    assert mark(log, two.lane, 4, all_of_it) == first
    assert at(log, two.lane, 1) == Ref(one.lane, 1)
    assert [ref.lane for ref in path(log, two)] == [two.lane, one.lane]
    assert shared(log, one, two) == 2


def test_what_is_remembered_of_the_log_can_be_dropped():
    story = Forked()
    story.ann.take(*story.common, *story.one, *story.two)
    before = story.ann.state()
    story.ann.absorber.settling.vectors.forget()
    story.ann.set(Dot(0, 1, story.record.at), n="after")
    assert story.ann.state().items() >= before.items()
    with pytest.raises(KeyError):
        story.ann.absorber.settling.vectors.cause(Ref(0, 99))


def test_without_rule_31_work_is_lost_and_replicas_differ():
    story = Forked(ChangeRules(branches_count=False))
    outcomes = story.ann.take(*story.common, *story.one, *story.two)
    assert standings(outcomes)[-2:] == [Standing.REFUSED] * 2
    story.cid.take(*story.common, *story.two, *story.one)
    assert story.ann.state() != story.cid.state()
    bob, cid = story.bob, story.cid
    one = forge(bob, head(), one_part([1, 5], record=None))
    two = forge(bob, head(stamp=2), one_part([1, 6], record=None))
    assert standings(cid.take(one, two)) == [Standing.ACCEPTED, Standing.REFUSED]
