"""The judge itself: it must see each kind of broken promise, and the disk it invents must keep to its rules."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage.mark import Mark
from tests.crash import damage
from tests.crash.power import Disk
from tests.crash.tracer import Call, Event
from tests.crash.trial import BrokenPromiseError, Life, Said, understood


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """A store that has not been made yet."""
    return Life(tmp_path / "store.db", "judge", None, global_ids=False)


def lived(life: Life, steps: int) -> Said:
    """What a writer says that took its steps in this very process."""
    said: list[bytes] = []
    life.write(said.append, steps)
    return understood(b"".join(said))


def test_a_store_that_kept_its_promises_passes(life: Life) -> None:
    life.judge(lived(life, 30))

    assert life.deaths == 1


def test_a_missing_record_is_seen(life: Life) -> None:
    said = lived(life, 30)
    with life.open() as store:
        table = next(table for table in map(store.table, store.tables()) if len(table))
        table.remove(doc_ids=[next(iter(table)).doc_id])

    with pytest.raises(BrokenPromiseError, match="found / expected"):
        life.judge(said)


def test_a_changed_field_is_seen(life: Life) -> None:
    said = lived(life, 30)
    with life.open() as store:
        table = next(table for table in map(store.table, store.tables()) if len(table))
        table.update({"n": -1}, doc_ids=[next(iter(table)).doc_id])

    with pytest.raises(BrokenPromiseError, match="found / expected"):
        life.judge(said)


def test_half_of_a_step_under_way_is_seen(life: Life) -> None:
    said = lived(life, 30)
    with life.open() as store:
        store.table("parts").insert({"t": life.plan().next_token + 100_000, "n": 1})
    said.begun = said.done + 1

    with pytest.raises(BrokenPromiseError, match="nor with the step under way"):
        life.judge(said)


def test_a_whole_step_under_way_is_accepted(life: Life) -> None:
    said = lived(life, 30)
    said.done -= 1
    said.commits.pop()

    life.judge(said)


def test_a_mark_ahead_of_the_store_is_seen(life: Life) -> None:
    said = lived(life, 5)
    mark = Mark(life.path.with_name("store.db-mark"))
    (kept,) = mark.read()
    mark.write(replace(kept, commits=kept.commits + 3))
    mark.close()

    with pytest.raises(BrokenPromiseError, match=r"losses|the mark says"):
        life.judge(said)


def test_fewer_commits_than_acknowledged_are_seen(life: Life) -> None:
    said = lived(life, 5)
    said.commits[-1] = (said.done, said.commits[-1][1] + 1)

    with pytest.raises(BrokenPromiseError, match="were acknowledged"):
        life.judge(said)


def test_a_writer_that_fails_by_itself_is_no_death(life: Life) -> None:
    with pytest.raises(BrokenPromiseError, match="failed by itself"):
        life.judge(understood(b"!Traceback"))


@pytest.fixture
def signed(tmp_path: Path) -> Iterator[Life]:
    """A store that has not been made yet, whose writes will be changes."""
    life = Life(tmp_path / "store.db", "judge", None, global_ids=False, changes=True)
    yield life
    life.forget()


def test_a_store_whose_changes_say_what_it_holds_passes(signed: Life) -> None:
    for _ in range(3):
        signed.judge(lived(signed, 30))

    assert signed.deaths == 3


def test_a_change_that_was_acknowledged_and_is_gone_is_seen(signed: Life) -> None:
    said = lived(signed, 30)
    said.changes += 1

    with pytest.raises(BrokenPromiseError, match="changes were acknowledged"):
        signed.judge(said)


def test_a_change_that_was_there_before_and_is_gone_is_seen(signed: Life) -> None:
    said = lived(signed, 30)
    signed.judge(said)
    with signed.open() as store:
        store._engine.db.writer.execute(
            "DELETE FROM change WHERE seq = (SELECT max(seq) FROM change)"
        )
    with signed.open() as store, pytest.raises(BrokenPromiseError, match="are left"):
        signed.judge_changes(store)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE engine SET v = x'00' WHERE k = 'digest'",
        "UPDATE r_1 SET doc = json_set(doc, '$.n', 1000) WHERE id = (SELECT max(id) FROM r_1)",
        "DELETE FROM r_1 WHERE id = (SELECT max(id) FROM r_1)",
        "UPDATE trash SET id = id + 1 << 20",
    ],
)
def test_records_that_are_not_what_the_changes_say_are_seen(signed: Life, sql: str) -> None:
    lived(signed, 60)
    with signed.open() as store:
        assert store._engine.db.writer.execute(sql).rowcount
    with signed.open() as store, pytest.raises(BrokenPromiseError, match="changes and records"):
        signed.judge_changes(store)


def test_what_was_synced_is_there_after_every_power_cut() -> None:
    disk = Disk({})
    disk.take(Event(Call.OPEN, "a"))
    disk.take(Event(Call.WRITE_AT, "a", 0, b"kept"))
    disk.take(Event(Call.SYNC, "a"))
    disk.take(Event(Call.SYNC, "."))
    disk.take(Event(Call.WRITE_AT, "a", 4, b"perhaps"))

    states = {disk.after_power_cut(random.Random(seed))["a"] for seed in range(200)}

    assert all(state.startswith(b"kept") for state in states)
    assert {b"kept", b"keptperhaps"} < states


def test_a_name_is_sure_only_when_its_folder_was_synced() -> None:
    disk = Disk({"old": b"x"})
    disk.take(Event(Call.OPEN, "new"))
    disk.take(Event(Call.REMOVE, "old"))

    states = {frozenset(disk.after_power_cut(random.Random(seed))) for seed in range(100)}

    assert states == {
        frozenset(),
        frozenset({"new"}),
        frozenset({"old"}),
        frozenset({"old", "new"}),
    }


@pytest.mark.parametrize("how", [*damage.TORN_END, *damage.TURNED], ids=lambda how: how.__name__)
def test_every_damage_does_damage(how, dice: random.Random) -> None:
    whole = dice.randbytes(3 * damage.PAGE)

    assert any(how(whole, dice) != whole for _ in range(20))
