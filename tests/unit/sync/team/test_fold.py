"""Each rule of the chain by name: what a record may do in the state just before, and what it leaves."""

from __future__ import annotations

import msgspec
import pytest

from sync import membership
from sync.errors import (
    EpochKeyError,
    ForeignRecordError,
    ForgedRecordError,
    InvalidRecordError,
)
from sync.membership import (
    HandOver,
    Pen,
    Record,
    RemoveDevice,
    RemoveMember,
    Rename,
    Rotate,
    SetRole,
)
from sync.team import wire
from sync.team.fold import begin, follow
from tests.support.refusals import not_made, refused
from tests.support.teams import (
    ANN,
    SHEET,
    Chance,
    Machine,
    World,
    body_of,
    ends_of,
    fresh_of,
    hash_of,
    id_of,
    recovery,
    twisted,
)

# -- rule 32: the genesis ------------------------------------------------------------------------


def test_rule_32_the_workspace_is_named_by_the_hash_of_its_genesis(world):
    genesis = Record.parse(world.founded.raw)
    assert world.state.workspace == genesis.hash == world.state.head
    assert world.state.place == 0
    assert World(1).state.workspace != world.state.workspace


def test_rule_32_the_random_part_of_the_genesis_stays_known(world):
    world.do(Rotate())
    assert world.state.chance == hash_of("genesis 0")


def test_rule_32_the_founder_owns_keeps_and_is_number_0(world):
    state = world.state
    assert state.keeper == ANN.device
    assert state.owners == {ANN.member}
    assert state.devices[ANN.device].number == 0
    assert state.epoch == 1


def test_rule_32_the_genesis_secret_is_committed_to_and_opens_for_founder_and_sheet(world):
    secret = world.founded.keys[membership.GENESIS]
    for opened in (
        membership.open_as_device(world.state, ANN.device, ANN.keys),
        membership.open_by_recovery(world.state, SHEET),
    ):
        assert opened.keys[membership.GENESIS] == secret
        assert not opened.problems


@pytest.mark.parametrize(
    "changes",
    [
        {"workspace": bytes([1]) * 32},
        {"place": 1},
        {"previous": bytes([1]) * 32},
        {"term": 1},
        {"author": bytes(16)},
        {"leaving": (bytes(16),)},
        {"fences": (wire.Fences(ANN.device, ()),)},
        {"fresh": None},
        {"welcome": bytes(80)},
    ],
)
def test_rule_32_a_genesis_with_anything_else_in_it_is_none(world, changes):
    with pytest.raises(InvalidRecordError):
        begin(Record.parse(twisted(ANN, world.founded.raw, **changes)))


def test_rule_32_a_genesis_signs_for_itself(world):
    eve = Machine.of("Eve", "desk")
    with pytest.raises(ForgedRecordError):
        begin(Record.parse(twisted(eve, world.founded.raw)))


def test_rule_32_a_station_founds_nothing(world):
    station = Machine.of(None, "till")
    with pytest.raises(InvalidRecordError):
        membership.found(
            station.keys,
            station.card,
            ("A", "B"),
            recovery("r"),
            Chance(),
            genesis_chance=bytes(32),
        )
    act = msgspec.structs.replace(Record.parse(world.founded.raw).act, card=station.card)
    raw = twisted(station, world.founded.raw, act=wire.encode(act), author=station.device)
    with pytest.raises(InvalidRecordError):
        begin(Record.parse(raw))


def test_rule_32_the_first_key_is_sealed_to_exactly_the_founder(world):
    fresh = fresh_of(world.founded.raw)
    sealed = wire.SealedTo(id_of("somebody"), fresh.devices[0].sealed)
    for devices in ((), (sealed,)):
        bent = msgspec.structs.replace(fresh, devices=devices)
        with pytest.raises(InvalidRecordError):
            begin(Record.parse(twisted(ANN, world.founded.raw, fresh=bent)))


def test_rule_32_a_recovery_key_that_takes_no_seals_is_refused(world):
    act = Record.parse(world.founded.raw).act
    bent = msgspec.structs.replace(act, recovery=wire.Recovery(act.recovery.sign, bytes(32)))
    with pytest.raises(InvalidRecordError):
        begin(Record.parse(twisted(ANN, world.founded.raw, act=wire.encode(bent))))


def test_rule_32_a_log_begins_with_a_genesis_and_holds_no_second_one(world):
    rotate = world.keeper.append(Rotate())
    with pytest.raises(InvalidRecordError):
        begin(Record.parse(rotate))
    act = body_of(world.founded.raw).act
    refused(world, twisted(ANN, rotate, act=act), "once")


# -- rule 33: validity in the state just before --------------------------------------------------


def test_rule_33_a_record_continues_the_record_before_it(world):
    raw = world.keeper.append(Rotate())
    refused(world, twisted(ANN, raw, place=2), "does not continue")
    with pytest.raises(InvalidRecordError, match="does not continue"):
        follow(world.state, Record.parse(twisted(ANN, raw, previous=hash_of("x"))))


def test_rule_33_a_record_of_another_workspace_is_refused(world):
    other = World("other")
    refused(world, other.keeper.append(Rotate()), error=ForeignRecordError)
    raw = twisted(ANN, world.keeper.append(Rotate()), workspace=other.state.workspace)
    refused(world, raw, error=ForeignRecordError)
    with pytest.raises(ForeignRecordError):
        follow(world.state, Record.parse(raw))


def test_rule_33_a_signature_by_another_key_is_refused(world):
    eve = Machine.of("Eve", "desk")
    refused(world, twisted(eve, world.keeper.append(Rotate())), error=ForgedRecordError)


def test_rule_33_a_bent_body_no_longer_fits_its_signature(world):
    raw = world.keeper.append(Rotate())
    envelope = wire.decode(wire.Envelope, raw, "record")
    body = msgspec.structs.replace(body_of(raw), fresh=None)
    bent = wire.encode(wire.Envelope(wire.encode(body), envelope.signature))
    refused(world, bent, error=ForgedRecordError)


def test_rule_33_a_record_counts_once(world):
    raw = world.keeper.append(Rotate())
    world.take(raw)
    assert world.log.receive(raw).standing == "known"
    assert world.state.epoch == 2


def test_rule_33_the_fold_of_a_path_is_a_value(world):
    bob = world.add("Bob")
    world.do(SetRole(bob.member, "viewer"), ends_of(bob, f=2))
    world.do(RemoveMember(bob.member))
    records = [Record.parse(raw) for raw in world.log.records]
    state = begin(records[0])
    for record in records[1:]:
        state = follow(state, record)
    assert state == world.state


# -- rule 34: one keeper -------------------------------------------------------------------------


def test_rule_34_nobody_but_the_keeper_appends(world):
    bob = world.add("Bob", role="owner")
    second = world.add("Ann", "laptop")
    raw = world.keeper.append(Rotate())
    for machine in (bob, second):
        refused(world, twisted(machine, raw, author=machine.device), "keeps the team's list")
    refused(world, twisted(bob, raw), error=ForgedRecordError)


def test_rule_34_the_keeper_appends_in_its_own_term(world):
    raw = world.keeper.append(Rotate())
    refused(world, twisted(ANN, raw, term=1), "belongs to term 1")


def test_rule_34_the_keeper_hands_on_to_another_owner_and_appends_no_more(world):
    otto = world.add("Otto", role="owner")
    mine = world.keeper
    world.do(HandOver(otto.device))
    assert world.state.keeper == otto.device
    raw = twisted(
        ANN, mine.append(Rotate()), place=world.state.place + 1, previous=world.state.head
    )
    refused(world, raw, "keeps the team's list")
    world.do(Rotate())
    assert world.state.epoch == 2


def test_rule_34_only_an_owners_computer_keeps(world):
    bob, station = world.add("Bob"), world.station("till")
    for device in (bob.device, station.device, id_of("nobody")):
        not_made(world, HandOver(device), "Only an owner's computer")
    not_made(world, HandOver(ANN.device), "already")


def test_rule_34_the_keeper_appends_what_another_owner_proposed_under_that_ones_name(world):
    otto, bob = world.add("Otto", role="owner"), world.add("Bob")
    asked = otto.pen(world.state, world.chance).propose(SetRole(bob.member, "viewer"))
    record = world.take(world.keeper.append_proposal(asked, ends_of(bob, f=1)))
    assert record.author == ANN.device
    assert record.proposal.body.device == otto.device
    assert not world.state.may_write(bob.device)


def test_rule_34_a_proposal_is_carried_out_once(world):
    otto, bob = world.add("Otto", role="owner"), world.add("Bob")
    asked = otto.pen(world.state, world.chance).propose(SetRole(bob.member, "viewer"))
    world.take(world.keeper.append_proposal(asked))
    world.do(SetRole(bob.member, "editor"))
    with pytest.raises(InvalidRecordError, match="carried out already"):
        world.keeper.append_proposal(asked)


def test_rule_34_a_proposal_by_who_is_no_owner_is_refused(world):
    bob, viv = world.add("Bob"), world.add("Viv", role="viewer")
    pen = bob.pen(world.state, world.chance)
    for act in (
        Rotate(),
        SetRole(viv.member, "editor"),
        RemoveMember(viv.member),
        HandOver(bob.device),
    ):
        with pytest.raises(InvalidRecordError, match="Only an owner"):
            pen.propose(act)


def test_rule_34_a_forged_proposal_is_refused(world):
    otto, bob = world.add("Otto", role="owner"), world.add("Bob")
    asked = otto.pen(world.state, world.chance).propose(Rotate())
    forged = bob.pen(world.state, world.chance).keys.sign(b"?" + asked)
    signed_by_bob = msgspec.structs.replace(
        wire.decode(wire.SignedProposal, asked, "proposal"), signature=forged
    )
    with pytest.raises(ForgedRecordError):
        world.keeper.append_proposal(wire.encode(signed_by_bob))


def test_rule_34_a_proposal_of_another_workspace_is_refused(world):
    other = World("other")
    asked = ANN.pen(other.state, other.chance).propose(Rotate())
    with pytest.raises(InvalidRecordError, match="another workspace"):
        world.keeper.append_proposal(asked)


def test_anybody_may_ask_to_leave_to_give_up_a_computer_and_for_other_names(world):
    bob, laptop, station = world.add("Bob"), world.add("Bob", "laptop"), world.station("till")
    viv = world.add("Viv", role="viewer")
    pen = bob.pen(world.state, world.chance)
    for act in (
        Rename(bob.member, pen.name("Robert", bob.member)),
        Rename(laptop.device, pen.name("Old laptop", laptop.device)),
        RemoveDevice(laptop.device),
        RemoveMember(bob.member),
    ):
        world.take(world.keeper.append_proposal(bob.pen(world.state, world.chance).propose(act)))
    assert bob.member not in world.state.members
    world.take(
        world.keeper.append_proposal(
            station.pen(world.state, world.chance).propose(RemoveDevice(station.device))
        )
    )
    with pytest.raises(InvalidRecordError, match="Only an owner"):
        viv.pen(world.state, world.chance).propose(RemoveDevice(ANN.device))


# -- making --------------------------------------------------------------------------------------


def test_nothing_invalid_is_ever_made(world):
    otto = world.add("Otto", role="owner")
    pen = otto.pen(world.state, world.chance)
    with pytest.raises(InvalidRecordError, match="keeps the team's list"):
        pen.append(Rotate())
    as_keeper = Pen(world.state, ANN.device, otto.keys, pen.epochs, world.chance)
    with pytest.raises(ForgedRecordError):
        as_keeper.append(Rotate())


def test_a_pen_without_the_epochs_key_seals_nothing(world):
    pen = Pen(world.state, ANN.device, ANN.keys, {}, world.chance)
    with pytest.raises(EpochKeyError):
        pen.append(Rotate())


def test_the_same_chance_makes_the_same_bytes():
    def grown():
        world = World("seed")
        bob = world.add("Bob")
        world.do(RemoveMember(bob.member))
        return world.log.records

    assert grown() == grown()
