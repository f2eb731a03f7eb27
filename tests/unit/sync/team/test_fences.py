"""Where write access ends: fences for every feed of the devices that lose it (rule 27)."""

from __future__ import annotations

from sync.membership import (
    RemoveMember,
    SetRole,
)
from sync.team import wire
from tests.support.refusals import not_made, refused
from tests.support.teams import (
    ANN,
    body_of,
    ends_of,
    hash_of,
    id_of,
    twisted,
)

# -- rule 27: fences -----------------------------------------------------------------------------


def test_rule_27_a_loss_of_write_access_carries_fences_and_unlisted_feeds_have_0(world):
    bob = world.add("Bob")
    record = world.do(SetRole(bob.member, "viewer"), ends_of(bob, f=7))
    place, team = record.body.place, world.log.team
    assert team.fences(bob.device, id_of("f")) == ((place, 7, hash_of("f/7")),)
    assert team.fences(bob.device, id_of("unknown")) == ((place, 0, bytes(32)),)
    assert team.fences(ANN.device, id_of("f")) == ()
    assert team.fenced_after(place - 1) == {bob.device}
    assert team.fenced_after(place) == set()


def test_rule_27_fences_stand_for_exactly_the_devices_that_may_not_write_any_more(world):
    bob, laptop, viv = world.add("Bob"), world.add("Bob", "laptop"), world.add("Viv")
    raw = world.keeper.append(SetRole(bob.member, "viewer"))
    fences = {one.device: one for one in body_of(raw).fences}
    assert set(fences) == {bob.device, laptop.device}
    other = wire.Fences(viv.device, ())
    for some in ((), (fences[bob.device],), (*fences.values(), other)):
        bent = tuple(sorted(some, key=lambda one: one.device))
        refused(world, twisted(ANN, raw, fences=bent), "may not write any more")


def test_rule_27_nothing_is_fenced_where_no_write_access_ends(world):
    bob = world.add("Bob", role="viewer")
    for act in (SetRole(bob.member, "editor"), SetRole(bob.member, "owner")):
        raw = world.keeper.append(act)
        assert body_of(raw).fences == ()
        refused(world, twisted(ANN, raw, fences=(wire.Fences(bob.device, ()),)), "write any more")
        world.take(raw)
    world.do(SetRole(bob.member, "editor"))
    assert world.log.team.fences(bob.device, id_of("f")) == ()


def test_rule_27_removing_a_viewer_leaves_the_fences_of_the_demotion(world):
    bob = world.add("Bob")
    demoted = world.do(SetRole(bob.member, "viewer"), ends_of(bob, f=7)).body.place
    world.do(RemoveMember(bob.member))
    assert world.log.team.fences(bob.device, id_of("f")) == ((demoted, 7, hash_of("f/7")),)


def test_rule_27_regained_access_starts_at_its_place(world):
    bob = world.add("Bob")
    joined = world.state.place
    lost = world.do(SetRole(bob.member, "viewer")).body.place
    back = world.do(SetRole(bob.member, "editor")).body.place
    team = world.log.team
    may = [place for place in range(back + 1) if team.may_write(place, bob.device)]
    assert may == [*range(joined, lost), back]


def test_rule_27_a_closed_feed_has_its_last_change_and_other_feeds_go_on(world):
    bob = world.add("Bob")
    record = world.do(world.keeper.closing(bob.device, {id_of("f"): [(3, hash_of("f/3"))]}))
    team = world.log.team
    assert team.fences(bob.device, id_of("f")) == ((record.body.place, 3, hash_of("f/3")),)
    assert team.fences(bob.device, id_of("g")) == ()
    assert team.may_write(record.body.place, bob.device)
    assert team.fenced_after(0) == {bob.device}


def test_a_feed_that_forked_has_a_last_change_on_each_branch(world):
    bob = world.add("Bob")
    branches = [(3, hash_of("one")), (5, hash_of("other"))]
    lost = world.do(SetRole(bob.member, "viewer"), {bob.device: {id_of("f"): branches}}).body.place
    fences = tuple((lost, number, hash_) for number, hash_ in branches)
    assert world.log.team.fences(bob.device, id_of("f")) == fences


def test_closing_no_feed_or_one_of_nobody_is_refused(world):
    not_made(world, world.keeper.closing(ANN.device, {}), "closes no feed")
    not_made(
        world, world.keeper.closing(id_of("x"), {id_of("f"): [(1, hash_of("f"))]}), "No computer"
    )


def test_a_record_fences_a_bounded_number_of_feeds(world, monkeypatch):
    bob = world.add("Bob")
    monkeypatch.setattr(wire, "FEEDS", 1)
    not_made(world, RemoveMember(bob.member), "more than 1 feeds", ends_of(bob, f=1, g=1))
