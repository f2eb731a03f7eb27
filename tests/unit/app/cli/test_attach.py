"""Files in and out on the command line, whatever the file is and wherever it is to go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.attaching import _Content
from app.errors import BadInputError
from tests.support.commands import Commands

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
def record(here: Commands) -> str:
    """A record with fields for files."""
    here.json("collection", "create", "S", "--fields", "a:text,f:attachment,p:image")
    here.json("field", "add", "S", "fs", "attachment", "--several")
    return str(here.json("record", "add", "S", "a=x")["ids"][0])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file to attach."""
    path = tmp_path / "report.bin"
    path.write_bytes(bytes(range(256)) * 1000)
    return path


def test_a_file_goes_in_and_comes_out(
    here: Commands, record: str, file: Path, tmp_path: Path
) -> None:
    done = here.json("record", "attach", record, "f", str(file))
    assert done == {"ids": [record], "field": "f", "file": {"name": "report.bin", "size": 256_000}}
    out = tmp_path / "out.bin"
    done = here.json("record", "file", record, "f", str(out))
    assert done == {"path": str(out), "name": "report.bin", "size": 256_000}
    assert out.read_bytes() == file.read_bytes()
    assert out.stat().st_mode & 0o077 == 0
    assert sorted(each.name for each in tmp_path.glob(".*")) == []


def test_people_are_told_in_words(here: Commands, record: str, file: Path, tmp_path: Path) -> None:
    assert here.run("record", "attach", record, "f", str(file)).out == f"{record}\n"
    done = here.run("record", "file", record, "f", str(tmp_path / "out"))
    assert done.out == f"report.bin (256.0 kB) is in {tmp_path / 'out'} now.\n"
    assert "report.bin (256.0 kB)" in here.run("record", "get", record).out


def test_undo_takes_it_back_and_redo_brings_it_again(
    here: Commands, record: str, file: Path, tmp_path: Path
) -> None:
    here.json("record", "attach", record, "f", str(file))
    here.json("undo")
    assert "f" not in here.json("record", "get", record)["fields"]
    here.json("redo")
    here.json("record", "file", record, "f", str(tmp_path / "out"))
    assert (tmp_path / "out").read_bytes() == file.read_bytes()


def test_one_file_takes_the_place_of_another_and_several_stand_side_by_side(
    here: Commands, record: str, file: Path, tmp_path: Path
) -> None:
    second = tmp_path / "second.txt"
    second.write_bytes(b"2")
    for each in (file, second):
        here.json("record", "attach", record, "f", str(each))
        here.json("record", "attach", record, "fs", str(each))
    fields = here.json("record", "get", record)["fields"]
    assert fields["f"]["name"] == "second.txt"
    assert [each["name"] for each in fields["fs"]] == ["report.bin", "second.txt"]
    refused = here.run("--json", "record", "file", record, "fs", str(tmp_path / "out"))
    assert refused.code == 2
    assert "--which N: 1 report.bin (256.0 kB); 2 second.txt (1 B)" in refused.error["message"]
    here.json("record", "file", record, "fs", str(tmp_path / "out"), "--which", "2")
    assert (tmp_path / "out").read_bytes() == b"2"
    assert here.run("record", "file", record, "fs", str(tmp_path / "o"), "--which", "3").code == 2


def test_a_file_comes_out_of_a_trashed_record_and_goes_into_none(
    here: Commands, record: str, file: Path, tmp_path: Path
) -> None:
    here.json("record", "attach", record, "f", str(file))
    here.json("record", "trash", record)
    here.json("record", "file", record, "f", str(tmp_path / "out"))
    refused = here.run("--json", "record", "attach", record, "f", str(file))
    assert refused.code == 1
    assert "restore" in refused.error["hint"]


@pytest.mark.parametrize(
    ("field", "name", "code"),
    [("a", "bad_input", 1), ("nothing", "no_such_field", 1), ("p", "field_value", 1)],
)
def test_a_field_that_holds_no_such_file_is_refused(
    here: Commands, record: str, file: Path, field: str, name: str, code: int
) -> None:
    refused = here.run("--json", "record", "attach", record, field, str(file))
    assert (refused.code, refused.error["code"]) == (code, name)


def test_a_picture_goes_into_an_image_field(here: Commands, record: str, tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(PNG)
    here.json("record", "attach", record, "p", str(tmp_path / "p.png"))


def test_odd_files_are_taken_as_they_are(here: Commands, record: str, tmp_path: Path) -> None:
    empty, long, link = tmp_path / "empty", tmp_path / ("é" * 120 + ".pdf"), tmp_path / "link.txt"
    empty.write_bytes(b"")
    long.write_bytes(b"long")
    link.symlink_to(long)
    for path, name, size in (
        (empty, "empty", 0),
        (long, "é" * 98 + ".pdf", 4),
        (link, "link.txt", 4),
    ):
        done = here.json("record", "attach", record, "f", str(path))
        assert done["file"] == {"name": name, "size": size}
        out = tmp_path / f"out{size}{path.is_symlink()}"
        here.json("record", "file", record, "f", str(out))
        assert out.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("missing", "There is no file"),
        ("folder", "is a folder"),
        ("pipe", "is no ordinary file"),
        ("/dev/null", "is no ordinary file"),
        ("dangling", "There is no file"),
        ("n" * 300, "cannot be read"),
        ("nul\0", "cannot be read"),
        ("loop", "cannot be read"),
    ],
)
def test_what_is_no_readable_file_is_refused(
    here: Commands, record: str, tmp_path: Path, what: str, said: str
) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    refused = here.run("--json", "record", "attach", record, "f", str(tmp_path / what))
    assert refused.code == 1
    assert said in refused.error["message"]
    assert "Nothing was attached" in refused.error["message"]
    assert "f" not in here.json("record", "get", record)["fields"]


@pytest.mark.skipif(os.geteuid() == 0, reason="rights that bind nobody")
def test_a_file_that_may_not_be_read_is_refused(here: Commands, record: str, file: Path) -> None:
    file.chmod(0)
    refused = here.run("--json", "record", "attach", record, "f", str(file))
    assert "cannot be read" in refused.error["message"]


@pytest.mark.parametrize("change", ["longer", "shorter", "other bytes"])
def test_a_file_that_changes_while_it_is_read_is_refused(file: Path, change: str) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        reading = _Content(file, descriptor)
        reading.read(100_000)
        match change:
            case "longer":
                with file.open("ab") as more:
                    more.write(b"more")
            case "shorter":
                os.truncate(file, 100_000)
            case _:
                os.utime(file, ns=(1, 1))
        with pytest.raises(BadInputError, match="changed while it was read"):
            list(iter(lambda: reading.read(100_000), b""))
    finally:
        os.close(descriptor)


def test_a_file_that_is_removed_while_it_is_read_is_taken_whole(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        reading, got = _Content(file, descriptor), b""
        file.unlink()
        while part := reading.read(100_000):
            got += part
        assert len(got) == 256_000
    finally:
        os.close(descriptor)


def test_no_file_is_written_over_unless_that_is_asked_for(
    here: Commands, record: str, file: Path, tmp_path: Path
) -> None:
    here.json("record", "attach", record, "f", str(file))
    out = tmp_path / "out"
    out.write_text("mine")
    refused = here.run("--json", "record", "file", record, "f", str(out))
    assert (refused.code, refused.error["code"]) == (1, "bad_input")
    assert "--force" in refused.error["hint"]
    assert out.read_text() == "mine"
    here.json("record", "file", record, "f", str(out), "--force")
    assert out.read_bytes() == file.read_bytes()


def test_through_a_link_the_file_that_it_names_is_replaced_when_forced(
    here: Commands, record: str, file: Path, tmp_path: Path
) -> None:
    here.json("record", "attach", record, "f", str(file))
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    assert here.run("record", "file", record, "f", str(link)).code == 1
    here.json("record", "file", record, "f", str(link), "--force")
    assert link.is_symlink()
    assert target.read_bytes() == file.read_bytes()


@pytest.mark.parametrize("out", [".", "missing/out", "report.bin/out", "/dev/null", "n" * 300])
def test_a_place_where_nothing_can_be_written_is_told(
    here: Commands, record: str, file: Path, tmp_path: Path, out: str
) -> None:
    here.json("record", "attach", record, "f", str(file))
    for force in ((), ("--force",)):
        refused = here.run("--json", "record", "file", record, "f", str(tmp_path / out), *force)
        assert (refused.code, refused.error["code"]) == (1, "bad_input")
    assert Path(os.devnull).is_char_device()
    assert not list(tmp_path.glob(".commonhold*"))


def test_a_damaged_file_comes_out_not_even_in_part(
    here: Commands, record: str, file: Path, tmp_path: Path
) -> None:
    here.json("record", "attach", record, "f", str(file))
    (blob,) = here.home.glob("workspaces/*/blobs/*")
    sealed = bytearray(blob.read_bytes())
    sealed[-200] ^= 1
    blob.write_bytes(sealed)
    refused = here.run("--json", "record", "file", record, "f", str(tmp_path / "out"))
    assert (refused.code, refused.error["code"]) == (5, "damaged_blob")
    assert not (tmp_path / "out").exists()
    found = here.run("--json", "verify")
    assert found.code == 5
    assert [each["kind"] for each in found.json["problems"]] == ["damaged_blob"]
    blob.unlink()
    refused = here.run("--json", "record", "file", record, "f", str(tmp_path / "out"))
    assert (refused.code, refused.error["code"]) == (5, "missing_blob")


def test_an_empty_field_gives_nothing(here: Commands, record: str, tmp_path: Path) -> None:
    refused = here.run("--json", "record", "file", record, "f", str(tmp_path / "out"))
    assert (refused.code, refused.error["code"]) == (1, "bad_input")


def test_what_is_attached_counts_in_the_workspace_s_size(
    here: Commands, record: str, tmp_path: Path
) -> None:
    before = here.json("status")["workspaces"][0]["bytes"]
    (tmp_path / "big").write_bytes(os.urandom(500_000))
    here.json("record", "attach", record, "f", str(tmp_path / "big"))
    assert here.json("status")["workspaces"][0]["bytes"] - before > 400_000
