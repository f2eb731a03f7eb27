"""A store of an older format is brought up to date step by step, and is never left in between."""

from __future__ import annotations

import os
import shutil
import signal
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from storage import NewerFormatError, Store, schema
from storage.errors import OlderFormatError, UpgradeError
from storage.migrations import STEPS as RELEASED
from storage.migrations import Step, upgrade
from storage.verify.report import CancelledError
from tests.crash import mounts
from tests.support.stores import TEST_KEY
from tests.support.upgrading import NEWEST, STEPS, after, as_of, fill

OLD = schema.FORMAT
FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be forked")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An encrypted store in today's format."""
    fill(tmp_path / "store.db", TEST_KEY)
    return tmp_path / "store.db"


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A program of a later format."""
    monkeypatch.setattr(schema, "FORMAT", NEWEST)
    monkeypatch.setattr("storage.migrations.run.STEPS", STEPS)
    return monkeypatch


def files(folder: Path) -> dict[str, bytes]:
    """What lies in a folder, by name."""
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def copy(path: Path, of: int = OLD) -> Path:
    """Where the copy of a store in an older format is looked for."""
    return path.with_name(f"store.db-format-{of}")


def test_the_released_steps_lead_to_the_present_format_one_by_one():
    assert [step.makes for step in RELEASED] == list(range(2, schema.FORMAT + 1))


@pytest.mark.parametrize("key", [TEST_KEY, None], ids=["encrypted", "plain"])
def test_opening_an_older_store_brings_it_up_to_date(key, tmp_path, newer):
    path = tmp_path / "store.db"
    with newer.context() as before:
        before.setattr(schema, "FORMAT", OLD)
        fill(path, key)

    assert as_of(path, key, NEWEST, newer) == after(2)

    with Store(path, key=key) as store:
        assert store.losses == ()
        assert store.verify().problems == ()


def test_a_copy_of_what_there_was_is_left_and_opens(path, newer):
    upgrade(path, TEST_KEY)

    assert [each.name for each in path.parent.glob("*format*")] == [copy(path).name]
    if os.name == "posix":
        assert stat.S_IMODE(copy(path).stat().st_mode) == 0o600
    assert b"xxxxxxxx" not in copy(path).read_bytes()
    assert as_of(copy(path), TEST_KEY, OLD, newer) == after(0)


def test_a_store_of_the_present_format_is_left_alone(path):
    before = files(path.parent)

    assert upgrade(path, TEST_KEY) is False

    assert files(path.parent) == before


def test_progress_only_grows_and_says_what_is_done(path, newer):
    told: list[tuple[str, float]] = []

    assert upgrade(path, TEST_KEY, lambda what, share: told.append((what, share))) is True

    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[-1], 0 <= shares[0] < 0.2) == (1.0, True)
    assert {step.says for step in STEPS} < {what for what, _ in told}


def test_a_step_that_fails_is_taken_back_and_those_before_it_stay(path, newer):
    def fail(connection, tell):
        connection.execute("DELETE FROM collection")
        raise ValueError("a text was not as expected")

    broken = (STEPS[0], Step(OLD + 2, "This goes wrong.", fail))

    with pytest.raises(UpgradeError) as caught:
        upgrade(path, TEST_KEY, steps=broken)

    assert "Everything in it is safe" in str(caught.value)
    assert "a text was not as expected" in str(caught.value)
    assert copy(path).name in str(caught.value)
    assert as_of(path, TEST_KEY, OLD + 1, newer) == after(1)
    assert as_of(path, TEST_KEY, NEWEST, newer) == after(2)
    assert [each.name for each in path.parent.glob("*format*")] == [copy(path).name]


def test_a_step_that_nobody_knows_is_refused(path, newer):
    before = path.read_bytes()

    with pytest.raises(Exception, match="nothing is known of format 1"):
        upgrade(path, TEST_KEY, steps=STEPS[1:])

    assert path.read_bytes() == before


def test_it_can_be_stopped_and_goes_on_later(path, newer):
    seen: list[str] = []

    with pytest.raises(CancelledError):
        upgrade(path, TEST_KEY, lambda what, _: seen.append(what), lambda: STEPS[1].says in seen)

    assert as_of(path, TEST_KEY, OLD + 1, newer) == after(1)
    assert as_of(path, TEST_KEY, NEWEST, newer) == after(2)


def test_a_store_that_may_only_be_read_is_refused_and_left_as_it_is(path, newer):
    before = files(path.parent)

    with pytest.raises(OlderFormatError, match="written by an older version"):
        Store(path, key=TEST_KEY, read_only=True)

    assert {**files(path.parent), **before} == files(path.parent)
    assert path.read_bytes() == before["store.db"]


def test_a_program_that_has_the_store_open_stops_writing_when_a_newer_one_was_there(path):
    with Store(path, key=TEST_KEY) as store, pytest.MonkeyPatch.context() as patched:
        patched.setattr(schema, "FORMAT", NEWEST)
        upgrade(path, TEST_KEY, steps=STEPS)
        patched.setattr(schema, "FORMAT", OLD)

        with pytest.raises(NewerFormatError, match="newer version of the program"):
            store.table("Stock").insert({"n": 1000})

    with pytest.MonkeyPatch.context() as patched:
        assert as_of(path, TEST_KEY, NEWEST, patched) == after(2)


def test_without_room_for_a_copy_nothing_is_begun(path, newer):
    before = files(path.parent)
    full = SimpleNamespace(free=1000)
    newer.setattr(shutil, "disk_usage", lambda _: full)

    with pytest.raises(UpgradeError, match=r"the disk is full: \d+ MB are needed"):
        upgrade(path, TEST_KEY)

    assert files(path.parent) == before


def test_a_disk_that_fills_up_in_the_middle_leaves_all_as_it_was(tmp_path, newer):
    with mounts.small_drive(tmp_path / "drive") as drive:
        path = drive / "store.db"
        with newer.context() as before:
            before.setattr(schema, "FORMAT", OLD)
            fill(path, TEST_KEY)
            with Store(path, key=TEST_KEY) as store:
                store.table("Stock").insert({"n": 0, "text": "y" * 500_000, "steps": []})
        was = files(drive)
        newer.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 40))

        with pytest.raises(UpgradeError, match="the disk is full"):
            upgrade(path, TEST_KEY)

        assert files(drive).keys() == was.keys()
        assert files(drive)["store.db"] == was["store.db"]
        assert as_of(path, TEST_KEY, OLD, newer)["records"] == after(0)["records"] + 1


def test_a_folder_that_takes_no_copy_is_named_and_nothing_is_left_in_it(path, newer):
    def refuse(_self: Path, _target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    before = files(path.parent)
    newer.setattr(Path, "replace", refuse)

    with pytest.raises(UpgradeError, match="its folder cannot be written to"):
        upgrade(path, TEST_KEY)

    assert files(path.parent) == before


def test_a_damaged_store_is_not_touched(path, newer):
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)

    with pytest.raises(UpgradeError, match="it is damaged"):
        upgrade(path, TEST_KEY)

    assert path.read_bytes() == damaged
    assert not copy(path).exists()


@FORKS
def test_killed_at_any_moment_it_goes_on_where_it_was(tmp_path, newer):
    with newer.context() as before:
        before.setattr(schema, "FORMAT", OLD)
        (tmp_path / "first").mkdir()
        fill(tmp_path / "first" / "store.db", TEST_KEY)
    moments = 0
    while True:
        folder = tmp_path / str(moments)
        shutil.copytree(tmp_path / "first", folder)
        path = folder / "store.db"
        if not killed_at(moments, path):
            break
        assert as_of(path, TEST_KEY, NEWEST, newer) == after(2), f"killed at moment {moments}"
        left = {each.name for each in folder.iterdir()}
        assert left == {"store.db", "store.db-mark", copy(path).name}, f"killed at moment {moments}"
        moments += 1
    assert moments > 15


def killed_at(moment: int, path: Path) -> bool:
    """Upgrade in a process that kills itself when it has told of its progress so often; false if it came to its end."""
    process = os.fork()
    if not process:
        left = moment

        def tell(_what: str, _share: float) -> None:
            nonlocal left
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

        try:
            upgrade(path, TEST_KEY, tell)
        finally:
            os._exit(0)
    _, status = os.waitpid(process, 0)
    return os.WIFSIGNALED(status)
