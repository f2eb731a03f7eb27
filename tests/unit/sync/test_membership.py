"""The face of the team log: what storage is told, and when a keeper may append (rule 40)."""

from __future__ import annotations

import pytest

from storage.changes.team import Team
from sync import membership
from sync.errors import UnsureKeeperError
from sync.keys import Keyring
from sync.membership import HandOver, RemoveMember, Rotate, SetRole, TeamLog
from sync.vault.recovery import RecoveryCode
from tests.support.teams import (
    ANN,
    SHEET,
    Chance,
    Machine,
    World,
    ends_of,
    hash_of,
    id_of,
    take_over,
)


@pytest.fixture
def world():
    return World()


def keyring_of(world, machine):
    opened = membership.open_as_device(world.state, machine.device, machine.keys)
    ring = Keyring(
        world.state.workspace,
        machine.device,
        machine.member,
        machine.keys,
        opened.keys[membership.GENESIS],
    )
    membership.learn(ring, world.state, opened)
    return ring


def test_one_device_founds_and_writes(world):
    ring = keyring_of(world, ANN)
    team: Team = world.log.team
    assert team.head == (0, ring.workspace)
    assert team.may_write(0, ring.device)
    epoch = team.epoch_at(0)
    sealed = ring.seal_all(epoch, bytes(24), [b"a part"])
    assert ring.open_all(epoch, bytes(24), sealed) == (b"a part",)


def test_devices_of_a_team_read_and_verify_each_other(world):
    bob = world.add("Bob")
    world.do(Rotate())
    anns, bobs = keyring_of(world, ANN), keyring_of(world, bob)
    assert anns.digest_key() == bobs.digest_key()
    assert bobs.verify(ANN.device, b"clear", anns.sign(b"clear"))
    sealed = anns.seal_all(2, bytes(24), [b"a part"])
    assert bobs.open_all(2, bytes(24), sealed) == (b"a part",)


def test_what_a_removed_device_signed_still_verifies(world):
    bob = world.add("Bob")
    signature = keyring_of(world, bob).sign(b"clear")
    world.do(RemoveMember(bob.member))
    assert keyring_of(world, ANN).verify(bob.device, b"clear", signature)


def test_acceptance_is_told_of_places_roles_and_epochs(world):
    bob = world.add("Bob")
    world.do(SetRole(bob.member, "viewer"), ends_of(bob, f=1))
    world.do(Rotate())
    team: Team = world.log.team
    assert [team.may_write(place, bob.device) for place in range(4)] == [False, True, False, False]
    assert [team.epoch_at(place) for place in range(4)] == [1, 1, 1, 2]
    assert [team.place_of(hash_) for hash_ in (world.state.workspace, world.state.head)] == [0, 3]
    assert team.place_of(hash_of("x")) is None
    assert not team.may_write(3, id_of("nobody"))
    with pytest.raises(KeyError):
        team.device_number(id_of("nobody"))


def test_fences_of_a_feed_ascend(world):
    bob = world.add("Bob")
    world.do(world.keeper.closing(bob.device, {id_of("f"): [(9, hash_of("f/9"))]}))
    world.do(SetRole(bob.member, "viewer"), ends_of(bob, f=7))
    world.do(SetRole(bob.member, "editor"))
    world.do(RemoveMember(bob.member))
    fences = world.log.team.fences(bob.device, id_of("f"))
    assert [(fence.place, fence.number) for fence in fences] == [(2, 9), (3, 7), (5, 0)]


def test_rule_40_a_keeper_set_back_appends_only_after_hearing_the_head(world):
    early = World()
    world.do(Rotate())
    with pytest.raises(UnsureKeeperError, match="another computer"):
        membership.check_sure(early.log, doubtful=True, heard=None)
    with pytest.raises(UnsureKeeperError):
        membership.check_sure(early.log, doubtful=True, heard=world.state.head)
    early.log.receive(world.log.records[-1])
    membership.check_sure(early.log, doubtful=True, heard=world.state.head)
    membership.check_sure(early.log, doubtful=False, heard=None)


def test_rule_40_a_head_on_a_branch_that_is_left_makes_nobody_sure(world):
    start = world.state
    world.do(Rotate())
    left = world.state.head
    world.take(take_over(start, ANN, Chance("t"), sheet=SHEET))
    with pytest.raises(UnsureKeeperError):
        membership.check_sure(world.log, doubtful=True, heard=left)


def test_the_keeper_can_go_once_another_keeps(world):
    otto = world.add("Otto", role="owner")
    world.do(HandOver(otto.device))
    world.do(RemoveMember(ANN.member), ends_of(ANN, f=5))
    team: Team = world.log.team
    assert not team.may_write(team.head[0], ANN.device)
    assert team.fences(ANN.device, id_of("f"))[-1].number == 5


def test_a_sheet_and_any_replica_make_one_an_owner_again():
    code = RecoveryCode(hash_of("code")[:18])
    public = code.public(hash_of("chance"))
    founded = membership.found(
        ANN.keys,
        ANN.card,
        ("Ann", "Desk"),
        membership.Recovery(public.sign, public.box),
        Chance("sheet"),
        genesis_chance=public.chance,
    )
    replica = TeamLog(founded.raw)
    sheet = RecoveryCode.parse(code.text).keys(replica.state.chance)
    opened = membership.open_by_recovery(replica.state, sheet)
    assert opened.keys == founded.keys
    new = Machine.of("Ann", "new desk")
    pen = membership.Pen(replica.state, new.device, new.keys, opened.keys, Chance("new"))
    joining = membership.Joining(new.card, pen.name("New desk", new.device), None)
    claim = membership.claim_of(replica.state, new.device, joining)
    replica.receive(pen.take_over(claim, recovery=sheet))
    assert replica.state.keeper == new.device
    assert replica.state.role_of(new.device) == "owner"
