"""Files that are whole or not there, and one writer at a time."""

from __future__ import annotations

import stat
import subprocess
import sys

import pytest

from sync.durable import alone, make_private_folder, write_durably
from tests.support.project import ROOT


def test_the_new_content_replaces_the_old_as_a_whole(tmp_path):
    path = tmp_path / "file"
    write_durably(path, b"one")
    write_durably(path, b"two")
    assert path.read_bytes() == b"two"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_content_is_synced_before_it_is_renamed_and_its_folder_after(tmp_path, monkeypatch):
    steps = []
    monkeypatch.setattr("os.fsync", lambda _: steps.append("sync"))
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: steps.append("rename"))
    write_durably(tmp_path / "file", b"data")
    assert steps == (["sync", "rename"] if sys.platform == "win32" else ["sync", "rename", "sync"])


def test_a_failed_write_keeps_the_old_content_and_leaves_nothing_behind(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_durably(path, b"old")

    def gone(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("pathlib.Path.replace", gone)
    with pytest.raises(OSError, match="Input/output"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_a_private_folder_is_its_owners(tmp_path):
    before = stat.S_IMODE(tmp_path.stat().st_mode)
    make_private_folder(tmp_path / "a" / "b")
    for made in ("a", "a/b"):
        assert stat.S_IMODE((tmp_path / made).stat().st_mode) == 0o700
    assert stat.S_IMODE(tmp_path.stat().st_mode) == before


def test_another_process_waits_for_the_lock(tmp_path):
    lock, note = tmp_path / "lock", tmp_path / "note"
    code = (
        "import sys, pathlib; from sync.durable import alone\n"
        "print('asking', flush=True)\n"
        "with alone(pathlib.Path(sys.argv[1])): pathlib.Path(sys.argv[2]).write_text('mine')\n"
    )
    with alone(lock):
        other = subprocess.Popen(
            [sys.executable, "-c", code, str(lock), str(note)], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(timeout=0.3)
        assert not note.exists()
    assert other.wait(timeout=30) == 0
    other.stdout.close()
    assert note.read_text() == "mine"
