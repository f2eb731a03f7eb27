"""Whatever a team did: states do not depend on how records came, and timelines say what the states said."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from storage.changes.team import Team
from sync import membership
from sync.membership import Record, TeamLog
from sync.team.fold import begin, follow
from tests.support.histories import FEEDS, STEPS, History, histories
from tests.support.teams import id_of


def path_of(history: History) -> list[Record]:
    """The followed branch, from the genesis on."""
    return [Record.parse(raw) for raw in history.log.records]


@given(histories(), st.randoms(use_true_random=False))
def test_a_state_does_not_depend_on_the_way_its_records_came(history, dice):
    genesis, *rest = history.log.records
    log = TeamLog(genesis)
    deliveries = [*rest, *rest]
    dice.shuffle(deliveries)
    for raw in deliveries:
        log.receive(raw)
    assert log.state == history.state
    assert log.waiting == 0
    assert log.evidence == ()


@given(histories())
def test_a_state_is_the_fold_of_its_path_alone(history):
    first, *rest = path_of(history)
    state = begin(first)
    for record in rest:
        assert history.log.state_at(record.body.previous) == state
        state = follow(state, record)
    assert state == history.state


@given(histories())
def test_a_team_says_of_each_place_what_the_state_there_was(history):
    team: Team = history.log.team
    for record in path_of(history):
        state = history.log.state_at(record.hash)
        assert team.place_of(record.hash) == state.place
        assert team.epoch_at(state.place) == state.epoch
        for device in history.machines:
            assert team.may_write(state.place, device) == state.may_write(device)


@given(histories())
def test_every_end_of_write_access_fences_every_feed(history):
    team: Team = history.log.team
    states = [history.log.state_at(record.hash) for record in path_of(history)]
    for before, after in pairwise(states):
        for device in history.machines:
            if before.may_write(device) and not after.may_write(device):
                for feed in (*FEEDS, "never heard of"):
                    places = [fence.place for fence in team.fences(device, id_of(feed))]
                    assert after.place in places
                    assert places == sorted(places)
                assert device in team.fenced_after(before.place)


@given(histories())
def test_a_team_always_has_an_owner_who_keeps_and_numbers_that_are_never_shared(history):
    for record in path_of(history):
        state = history.log.state_at(record.hash)
        assert state.role_of(state.keeper) == "owner"
        assert state.term == len(state.takeovers)
        assert [epoch.number for epoch in state.epochs] == list(range(state.epoch + 1))
        numbers = sorted(device.number for device in state.known.values())
        assert numbers == list(range(len(state.known)))
        assert set(state.devices) <= set(state.known)


@given(histories())
def test_who_is_in_the_team_opens_every_key_and_who_left_none_that_came_later(history):
    state = history.state
    every = set(range(state.epoch + 1))
    for device in state.known:
        machine = history.machines[device]
        opened = membership.open_as_device(state, device, machine.keys)
        assert not opened.problems
        if device in state.devices:
            assert set(opened.keys) == every
        else:
            left = next(record for record in path_of(history) if device in record.body.leaving)
            assert max(opened.keys) == history.log.state_at(left.body.previous).epoch
    sheet = history.sheets[state.recovery.sign]
    assert set(membership.open_by_recovery(state, sheet).keys) == every


@given(STEPS, st.integers(0, 2**32))
def test_the_same_steps_and_chance_make_the_same_log(steps, seed):
    assert History(seed).grow(steps).log.records == History(seed).grow(steps).log.records
