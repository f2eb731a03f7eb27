"""Keys of epochs: who opens which, walking back, and a keeper that hands out a wrong one (rule 37)."""

from __future__ import annotations

import msgspec

from sync import membership
from sync.keys import SharedKey
from sync.membership import Record, RemoveMember, Rotate, TeamLog
from sync.team import wire
from tests.support.teams import ANN, SHEET, fresh_of, hash_of, keys_of, twisted


def opened_by(world, machine, state=None):
    return membership.open_as_device(state or world.state, machine.device, machine.keys)


def test_a_newcomer_reads_back_to_the_genesis_secret(world):
    world.do(Rotate())
    world.do(Rotate())
    bob = world.add("Bob")
    opened = opened_by(world, bob)
    assert set(opened.keys) == {0, 1, 2, 3}
    assert not opened.problems
    assert opened.keys[0] == world.founded.keys[0]


def test_a_device_that_missed_three_rotations_opens_the_last_by_itself(world):
    bob = world.add("Bob")
    for _ in range(3):
        world.do(Rotate())
    assert opened_by(world, bob).keys == opened_by(world, ANN).keys


def test_a_stranger_opens_nothing(world):
    world.add("Bob")
    eve = membership.open_as_device(world.state, hash_of("eve")[:16], keys_of("eve"))
    assert (dict(eve.keys), eve.problems) == ({}, ())
    wrong = membership.open_as_device(world.state, ANN.device, keys_of("eve"))
    assert not wrong.keys
    assert [problem.epoch for problem in wrong.problems] == [1]


def test_all_hold_one_key_and_a_wrong_one_is_told(world):
    """The keeper seals another key to Bob than it committed to."""
    bob = world.add("Bob")
    raw = world.keeper.append(Rotate())
    fresh = fresh_of(raw)
    other = SharedKey(hash_of("other")).seal_to(bob.keys.public.box, hash_of("seed"))
    devices = tuple(
        wire.SealedTo(bob.device, other) if one.device == bob.device else one
        for one in fresh.devices
    )
    world.take(twisted(ANN, raw, fresh=msgspec.structs.replace(fresh, devices=devices)))
    opened = opened_by(world, bob)
    assert set(opened.keys) == {0, 1}
    (problem,) = opened.problems
    assert problem.epoch == 2
    assert "epoch 2" in str(problem)
    assert not opened_by(world, ANN).problems
    world.do(Rotate())
    assert set(opened_by(world, bob).keys) == {0, 1, 2, 3}


def test_a_broken_wrapping_costs_only_what_no_seal_of_ones_own_opens(world):
    bob = world.add("Bob")
    raw = world.keeper.append(Rotate())
    fresh = msgspec.structs.replace(fresh_of(raw), older=bytes(48))
    world.take(twisted(ANN, raw, fresh=fresh))
    viv = world.add("Viv")
    assert set(opened_by(world, bob).keys) == {0, 1, 2}
    opened = opened_by(world, viv)
    assert set(opened.keys) == {2}
    assert [problem.epoch for problem in opened.problems] == [1, 0]


def test_the_recovery_key_opens_all(world):
    bob = world.add("Bob")
    world.do(RemoveMember(bob.member))
    world.do(Rotate())
    opened = membership.open_by_recovery(world.state, SHEET)
    assert opened.keys == opened_by(world, ANN).keys
    assert not opened.problems
    assert not membership.open_by_recovery(world.state, keys_of("guess")).keys


def test_the_chain_with_the_sheet_is_enough_on_a_new_machine(world):
    world.add("Bob")
    world.do(Rotate())
    log = TeamLog(world.log.records[0], workspace=world.state.workspace)
    for raw in world.log.records[1:]:
        log.receive(raw)
    opened = membership.open_by_recovery(log.state, SHEET)
    assert (
        membership.open_name(log.state.members[ANN.member].name, ANN.member, opened.keys) == "Ann"
    )


def test_a_name_that_is_no_text_does_not_open(world):
    salt = hash_of("salt")[:24]
    from sync.team.proof import NAME

    sealed = world.keys[1].seal_text(b"\xff\xfe", NAME + ANN.member, salt)
    label = membership.Label(1, salt, sealed)
    assert membership.open_name(label, ANN.member, world.keys) is None


def test_no_secret_stands_in_the_chain(world):
    bob = world.add("Bob")
    world.do(RemoveMember(bob.member))
    bytes_ = b"".join(world.log.records)
    keys = world.keys
    assert set(keys) == {0, 1, 2}
    assert not any(key._key in bytes_ for key in keys.values())
    assert Record.parse(world.log.records[-1]).body.leaving == (bob.device,)
