"""Who joins a team: a person, another computer, a station; and what each gets."""

from __future__ import annotations

import pytest

from sync import membership
from sync.errors import (
    InvalidRecordError,
)
from sync.membership import (
    RemoveMember,
    Rotate,
    SetRole,
)
from sync.team import wire
from tests.support.refusals import not_made, refused
from tests.support.teams import (
    ANN,
    Machine,
    body_of,
    id_of,
    keys_of,
    twisted,
)

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
