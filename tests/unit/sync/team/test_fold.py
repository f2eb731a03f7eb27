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
    ReplaceRecovery,
    Rotate,
    SetRole,
)
from sync.team import wire
from sync.team.fold import begin, follow
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
    keys_of,
    recovery,
    twisted,
)


@pytest.fixture
def world():
    return World()


def refused(world, raw, match=None, error=InvalidRecordError):
    """The record is refused in words, and the team is as it was."""
    before = world.state
    with pytest.raises(error, match=match) as caught:
        world.log.receive(raw)
    assert str(caught.value).strip()[-1] == "."
    assert caught.value.hint
    assert world.state is before


def not_made(world, act, match, ends=None):
    with pytest.raises(InvalidRecordError, match=match):
        world.keeper.append(act, ends or {})


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


# -- joining -------------------------------------------------------------------------------------


def test_a_person_joins_with_a_role_a_key_and_the_next_number(world):
    bob = world.add("Bob", role="viewer")
    assert world.state.members[bob.member].role == "viewer"
    assert world.state.devices[bob.device].number == 1
    opened = membership.open_as_device(world.state, bob.device, bob.keys)
    assert opened.keys[1] == world.founded.keys[1]


def test_a_second_computer_has_the_role_of_its_person(world):
    bob, laptop = world.add("Bob"), world.add("Bob", "laptop")
    world.do(SetRole(bob.member, "viewer"))
    assert not world.state.may_write(bob.device)
    assert not world.state.may_write(laptop.device)


def test_a_station_has_a_role_of_its_own_and_is_never_an_owner(world):
    station = world.station("till", "viewer")
    assert world.state.role_of(station.device) == "viewer"
    world.do(SetRole(station.device, "editor"))
    assert world.state.may_write(station.device)
    not_made(world, SetRole(station.device, "owner"), "cannot be an owner")
    other = Machine.of(None, "bench")
    not_made(world, world.keeper.adding_device(other.card, "Bench", "owner"), "cannot be an owner")


def test_a_station_needs_a_role_and_a_persons_computer_has_none(world):
    bob, till = world.add("Bob"), Machine.of(None, "till")
    not_made(world, world.keeper.adding_device(till.card, "Till"), "a role of its own")
    laptop = Machine.of("Bob", "laptop")
    assert laptop.member == bob.member
    not_made(
        world, world.keeper.adding_device(laptop.card, "Laptop", "editor"), "a role of its own"
    )


def test_a_computer_joins_nobody_who_is_not_there(world):
    not_made(world, world.keeper.adding_device(Machine.of("Zoe", "a").card, "A"), "is not here")


def test_a_persons_first_computer_names_the_person(world):
    till = Machine.of(None, "till")
    with pytest.raises(InvalidRecordError, match="name the person"):
        world.keeper.adding_member("editor", "Bob", till.card, "Till")
    pen = world.keeper
    act = wire.AddMember("editor", pen.name("B", id_of("b")), till.card, pen.name("T", till.device))
    not_made(world, act, "name the person")


def test_a_person_is_added_once(world):
    world.add("Bob")
    not_made(
        world,
        world.keeper.adding_member("editor", "Bob", Machine.of("Bob", "x").card, "X"),
        "in the team already",
    )


def test_an_id_or_a_key_of_a_computer_never_serves_twice(world):
    bob = world.add("Bob")
    world.do(RemoveMember(bob.member))
    again = world.keeper.adding_member("editor", "Bob", bob.card, "desk")
    not_made(world, again, "serve once")
    renamed = Machine(id_of("new"), bob.member, bob.keys)
    not_made(world, world.keeper.adding_member("editor", "Bob", renamed.card, "desk"), "serve once")
    rekeyed = Machine(bob.device, bob.member, keys_of("other"))
    not_made(world, world.keeper.adding_member("editor", "Bob", rekeyed.card, "desk"), "serve once")


def test_ids_of_people_and_computers_are_never_the_same(world):
    bob = world.add("Bob")
    machine = Machine(bob.member, bob.member, keys_of("m"))
    not_made(world, world.keeper.adding_device(machine.card, "M"), "id of a person")
    person = Machine(id_of("p"), bob.device, keys_of("p"))
    not_made(world, world.keeper.adding_member("editor", "P", person.card, "P"), "id of a computer")


def test_numbers_of_computers_are_not_used_again(world):
    bob = world.add("Bob")
    world.do(RemoveMember(bob.member))
    viv = world.add("Viv")
    assert world.log.team.device_number(bob.device) == 1
    assert world.log.team.device_number(viv.device) == 2


def test_a_removed_person_comes_back_with_a_new_computer(world):
    bob = world.add("Bob")
    world.do(RemoveMember(bob.member))
    back = Machine.of("Bob", "new desk")
    world.do(world.keeper.adding_member("editor", "Bob", back.card, "New desk"))
    assert world.state.may_write(back.device)
    assert not world.state.may_write(bob.device)


def test_who_joins_gets_a_key_and_nobody_else_does(world):
    bob = Machine.of("Bob", "a")
    raw = world.keeper.append(world.keeper.adding_member("editor", "Bob", bob.card, "A"))
    refused(world, twisted(ANN, raw, welcome=None), "brings no key")
    rotate = world.keeper.append(Rotate())
    refused(world, twisted(ANN, rotate, welcome=body_of(raw).welcome), "does not join")


def test_a_team_has_a_bounded_number_of_computers(world, monkeypatch):
    monkeypatch.setattr(wire, "DEVICES", 2)
    world.add("Bob")
    act = world.keeper.adding_member("editor", "Viv", Machine.of("Viv", "a").card, "A")
    not_made(world, act, "at most 2 computers")


def test_the_numbers_of_computers_can_run_out(world, monkeypatch):
    monkeypatch.setattr("sync.team.roster.NUMBERS", 1)
    act = world.keeper.adding_member("editor", "Viv", Machine.of("Viv", "a").card, "A")
    not_made(world, act, "used up")


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
