"""What was proposed to the keeper, and how it stands (rules 34, 38)."""

from __future__ import annotations

import pytest

from sync.errors import (
    BacklogError,
    ForeignRecordError,
    ForgedRecordError,
    InvalidRecordError,
    MalformedRecordError,
)
from sync.membership import Proposals, RemoveMember, Rotate, SetRole
from sync.team import proposals as module
from sync.team import wire
from tests.support.teams import SHEET, World, take_over


@pytest.fixture
def otto(world):
    return world.add("Otto", role="owner")


def propose(world, machine, act):
    return machine.pen(world.state, world.chance).propose(act)


def how(listed, world):
    return [one.now for one in listed.at(world.state)]


def test_a_proposal_is_open_until_the_keeper_appends_it(world, otto):
    listed = Proposals()
    raw = propose(world, otto, Rotate())
    listed.add(raw, world.state)
    assert how(listed, world) == ["open"]
    world.take(world.keeper.append_proposal(raw))
    assert how(listed, world) == ["done"]


def test_rule_38_a_proposal_void_by_a_removal_stays_listed_and_says_why(world, otto):
    bob = world.add("Bob")
    listed = Proposals()
    listed.add(propose(world, otto, SetRole(bob.member, "viewer")), world.state)
    listed.add(propose(world, otto, Rotate()), world.state)
    world.do(RemoveMember(bob.member))
    assert how(listed, world) == ["void", "open"]
    world.do(RemoveMember(otto.member))
    assert how(listed, world) == ["void", "void"]
    assert all("not in the team" in one.why for one in listed.at(world.state))


def test_rule_38_a_proposal_void_by_a_takeover_stays_listed_and_says_why(world, otto):
    listed = Proposals()
    raw = propose(world, otto, Rotate())
    listed.add(raw, world.state)
    world.take(take_over(world.state, otto, world.chance, sheet=SHEET))
    (standing,) = listed.at(world.state)
    assert standing.now == "void"
    assert "taken over" in standing.why
    with pytest.raises(InvalidRecordError, match="taken over"):
        world.keeper.append_proposal(raw)


def test_a_proposal_leaves_the_list_when_its_author_is_done_with_it(world, otto):
    listed = Proposals()
    proposal = listed.add(propose(world, otto, Rotate()), world.state)
    listed.drop(proposal.hash)
    listed.drop(proposal.hash)
    assert listed.at(world.state) == ()


def test_a_proposal_is_listed_once(world, otto):
    listed = Proposals()
    raw = propose(world, otto, Rotate())
    assert listed.add(raw, world.state) is listed.add(raw, world.state)
    assert how(listed, world) == ["open"]


def test_nothing_of_strangers_is_listed(world, otto):
    listed = Proposals()
    other = World("other")
    with pytest.raises(ForeignRecordError):
        listed.add(propose(other, other.add("Otto", role="owner"), Rotate()), world.state)
    signed = wire.decode(wire.SignedProposal, propose(world, otto, Rotate()), "proposal")
    for forged in (wire.SignedProposal(signed.body, bytes(64)),):
        with pytest.raises(ForgedRecordError):
            listed.add(wire.encode(forged), world.state)
    for bent in (b"", b"\x92", bytes(200_000)):
        with pytest.raises(MalformedRecordError):
            listed.add(bent, world.state)
    assert listed.at(world.state) == ()


def test_the_proposals_of_one_device_are_bounded(world, otto, monkeypatch):
    monkeypatch.setattr(module, "LISTED", 2)
    listed = Proposals()
    raws = [propose(world, otto, Rotate()) for _ in range(3)]
    for raw in raws[:2]:
        listed.add(raw, world.state)
    with pytest.raises(BacklogError):
        listed.add(raws[2], world.state)
    listed.add(raws[0], world.state)
    olga = world.add("Olga", role="owner")
    listed.add(propose(world, olga, Rotate()), world.state)
    assert len(listed.at(world.state)) == 3
