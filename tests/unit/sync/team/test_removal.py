"""Who leaves a team, the fresh key for those who stay (rule 37), and another recovery key."""

from __future__ import annotations

import msgspec

from sync import membership
from sync.membership import (
    HandOver,
    RemoveDevice,
    RemoveMember,
    Rename,
    ReplaceRecovery,
    Rotate,
    SetRole,
)
from sync.team import wire
from tests.support.refusals import not_made, refused
from tests.support.teams import (
    ANN,
    SHEET,
    body_of,
    ends_of,
    fresh_of,
    hash_of,
    id_of,
    keys_of,
    twisted,
)

# -- rule 37: removal ----------------------------------------------------------------------------


def test_rule_37_a_removal_lists_all_devices_of_the_member(world):
    bob, laptop = world.add("Bob"), world.add("Bob", "laptop")
    raw = world.keeper.append(RemoveMember(bob.member))
    assert body_of(raw).leaving == tuple(sorted((bob.device, laptop.device)))
    for some in ((), (bob.device,)):
        refused(world, twisted(ANN, raw, leaving=some), "exactly the computers that leave")
    world.take(raw)
    assert set(world.state.devices) == {ANN.device}
    assert set(world.state.known) == {ANN.device, bob.device, laptop.device}


def test_rule_37_the_fresh_key_is_sealed_to_exactly_those_left(world):
    bob, viv = world.add("Bob"), world.add("Viv", role="viewer")
    raw = world.keeper.append(RemoveMember(bob.member))
    fresh = fresh_of(raw)
    assert {one.device for one in fresh.devices} == {ANN.device, viv.device}
    also_bob = sorted(
        (*fresh.devices, wire.SealedTo(bob.device, fresh.recovery)), key=lambda one: one.device
    )
    for devices in (tuple(also_bob), fresh.devices[:1], ()):
        bent = msgspec.structs.replace(fresh, devices=devices)
        refused(world, twisted(ANN, raw, fresh=bent), "not sealed to exactly")


def test_rule_37_a_removal_without_a_fresh_key_is_refused(world):
    bob = world.add("Bob")
    refused(
        world, twisted(ANN, world.keeper.append(RemoveMember(bob.member)), fresh=None), "fresh key"
    )


def test_rule_37_epochs_follow_one_another(world):
    raw = world.keeper.append(Rotate())
    fresh = fresh_of(raw)
    for epoch in (0, 1, 3):
        bent = msgspec.structs.replace(fresh, epoch=epoch)
        refused(world, twisted(ANN, raw, fresh=bent), "Epoch 2 is next")


def test_a_key_that_nothing_asks_for_is_refused(world):
    bob = world.add("Bob")
    fresh = fresh_of(world.keeper.append(Rotate()))
    raw = world.keeper.append(SetRole(bob.member, "viewer"))
    refused(world, twisted(ANN, raw, fresh=fresh), "nothing asks for")


def test_rule_37_who_was_removed_reads_nothing_new_and_who_is_left_does(world):
    bob, viv = world.add("Bob"), world.add("Viv", role="viewer")
    world.do(RemoveMember(bob.member))
    assert set(membership.open_as_device(world.state, bob.device, bob.keys).keys) == {0, 1}
    assert set(membership.open_as_device(world.state, viv.device, viv.keys).keys) == {0, 1, 2}


def test_rule_37_one_computer_goes_and_its_person_stays(world):
    bob, laptop = world.add("Bob"), world.add("Bob", "laptop")
    world.do(RemoveDevice(laptop.device), ends_of(laptop, f=2))
    assert world.state.devices_of(bob.member) == (bob.device,)
    world.do(RemoveDevice(bob.device))
    assert bob.member in world.state.members
    world.do(RemoveMember(bob.member))
    assert bob.member not in world.state.members


def test_rule_37_the_last_owner_cannot_go(world):
    world.add("Bob")
    for act in (
        RemoveMember(ANN.member),
        SetRole(ANN.member, "editor"),
        SetRole(ANN.member, "viewer"),
    ):
        not_made(world, act, "last owner")


def test_rule_37_the_keeper_hands_on_before_it_goes(world):
    otto = world.add("Otto", role="owner")
    world.add("Ann", "laptop")
    for act in (RemoveMember(ANN.member), RemoveDevice(ANN.device), SetRole(ANN.member, "editor")):
        not_made(world, act, "hand the keeping on first")
    world.do(HandOver(otto.device))
    world.do(RemoveMember(ANN.member))
    assert world.state.owners == {otto.member}


def test_who_is_not_there_is_neither_changed_nor_removed(world):
    nobody = id_of("nobody")
    label = world.keeper.name("N", nobody)
    for act in (
        SetRole(nobody, "viewer"),
        RemoveMember(nobody),
        RemoveDevice(nobody),
        Rename(nobody, label),
    ):
        not_made(world, act, "No (person|computer)")
    bob = world.add("Bob")
    not_made(world, SetRole(bob.device, "viewer"), "No person or station")


def test_a_role_that_is_there_already_is_not_given_again(world):
    bob, till = world.add("Bob"), world.station("till")
    not_made(world, SetRole(bob.member, "editor"), "already")
    not_made(world, SetRole(till.device, "editor"), "already")


# -- the recovery key ----------------------------------------------------------------------------


def test_a_new_recovery_key_opens_all_and_the_old_sheet_nothing_newer(world):
    new = keys_of("new sheet")
    world.do(ReplaceRecovery(membership.recovery_of(new)))
    world.do(Rotate())
    assert set(membership.open_by_recovery(world.state, new).keys) == {0, 1, 2, 3}
    assert set(membership.open_by_recovery(world.state, SHEET).keys) == {0, 1}


def test_a_recovery_key_is_replaced_by_another_that_takes_seals(world):
    old = membership.recovery_of(SHEET)
    not_made(world, ReplaceRecovery(old), "the old one")
    not_made(
        world, ReplaceRecovery(wire.Recovery(hash_of("k"), bytes(32))), "sealed to the new recovery"
    )
