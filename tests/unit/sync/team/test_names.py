"""Names of people and computers are sealed in the chain (rule 41)."""

from __future__ import annotations

import msgspec
import pytest

from sync import membership
from sync.errors import (
    InvalidRecordError,
)
from sync.membership import (
    Rename,
    Rotate,
)
from tests.support.refusals import not_made
from tests.support.teams import (
    ANN,
)

# -- rule 41: names ------------------------------------------------------------------------------


def test_rule_41_no_name_stands_in_the_chain(world):
    world.add("Bartholomew", "Till-at-the-door")
    world.do(Rename(ANN.member, world.keeper.name("Annabella", ANN.member)))
    bytes_ = b"".join(world.log.records)
    for name in (b"Bartholomew", b"Till-at-the-door", b"Annabella", b"Ann", b"Desk"):
        assert name not in bytes_


def test_rule_41_names_open_with_the_epochs_key_and_for_whom_they_are(world):
    bob = world.add("Bob")
    member = world.state.members[bob.member]
    assert membership.open_name(member.name, bob.member, world.keys) == "Bob"
    assert membership.open_name(member.name, ANN.member, world.keys) is None
    assert membership.open_name(member.name, bob.member, {}) is None
    assert (
        membership.open_name(world.state.devices[bob.device].name, bob.device, world.keys) == "desk"
    )


def test_rule_41_a_name_is_sealed_under_the_epoch_in_force(world):
    old = world.keeper.name("Annie", ANN.member)
    world.do(Rotate())
    not_made(world, Rename(ANN.member, old), "epoch 2 is in force")
    label = msgspec.structs.replace(old, epoch=9)
    not_made(world, Rename(ANN.device, label), "epoch 2 is in force")


def test_a_renamed_computer_or_person_keeps_all_else(world):
    bob = world.add("Bob")
    before = world.state.devices[bob.device]
    world.do(Rename(bob.device, world.keeper.name("Door", bob.device)))
    after = world.state.devices[bob.device]
    assert (after.card, after.number, after.role) == (before.card, before.number, before.role)
    assert world.state.known[bob.device] == after
    assert membership.open_name(after.name, bob.device, world.keys) == "Door"


@pytest.mark.parametrize("name", ["", "x" * 497, "half \ud83d"])
def test_a_name_that_cannot_be_kept_is_refused(world, name):
    with pytest.raises(InvalidRecordError):
        world.keeper.name(name, ANN.member)
