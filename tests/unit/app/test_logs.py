"""The log: rotating, private, and never in the way."""

from __future__ import annotations

import logging
import stat
import sys

import pytest

from app import logs


@pytest.fixture
def folder(tmp_path):
    yield tmp_path / "logs"
    for name in logs._OURS:
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
            handler.close()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)


def test_what_is_logged_is_found_at_the_end(folder):
    logs.configure(folder, "info")
    for number in range(5):
        logging.getLogger("app.somewhere").info("step %d", number)
    assert [line[-6:] for line in logs.tail(folder, 2)] == ["step 3", "step 4"]
    assert logs.tail(folder, 0) == []


def test_less_than_the_level_is_left_out(folder):
    logs.configure(folder, "warning")
    logging.getLogger("storage.engine").info("not this")
    logging.getLogger("sync.vault").warning("but this")
    assert [line[-8:] for line in logs.tail(folder, 9)] == ["but this"]


def test_configuring_twice_writes_each_line_once(folder):
    for _ in range(2):
        logs.configure(folder, "info")
    logging.getLogger("app").info("once")
    assert len(logs.tail(folder, 9)) == 1


def test_a_log_that_is_full_starts_anew_and_keeps_some_old_ones(folder):
    logs.configure(folder, "info")
    for _ in range(90):
        logging.getLogger("app").info("%s", "x" * 100_000)
    files = sorted(each.name for each in folder.iterdir())
    assert files == ["commonhold.log", *(f"commonhold.log.{number}" for number in range(1, 5))]
    assert all(each.stat().st_size <= 1 << 20 for each in folder.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_only_its_owner_may_read_it(folder):
    logs.configure(folder, "info")
    logging.getLogger("app").info("here")
    assert stat.S_IMODE((folder / "commonhold.log").stat().st_mode) == 0o600


def test_no_log_is_no_obstacle(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    logs.configure(tmp_path / "file", "info")
    logging.getLogger("app").error("nowhere to go")
    assert logs.tail(tmp_path / "none", 5) == []
    assert capsys.readouterr() == ("", "")


def test_a_disk_that_fails_while_logging_says_nothing(folder, capsys, monkeypatch):
    logs.configure(folder, "info")

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("logging.StreamHandler.flush", full)
        logging.getLogger("app").error("lost")
    assert capsys.readouterr() == ("", "")


def test_half_of_a_sign_does_not_stop_the_log(folder):
    logs.configure(folder, "info")
    logging.getLogger("app").info("name \ud800")
    assert logs.tail(folder, 1)[0].endswith(r"name \ud800")


def test_an_error_is_told_by_its_kind_and_place_and_without_what_it_says(folder):
    logs.configure(folder, "info")
    try:
        try:
            int("what somebody typed")
        except ValueError as error:
            raise KeyError("and typed again") from error
    except KeyError:
        logging.getLogger("app").exception("a fault")
    said = (folder / logs.FILE_NAME).read_text()
    assert (
        said.index("a fault") < said.index("builtins.ValueError") < said.index("builtins.KeyError")
    )
    assert "test_logs.py" in said
    # The line of the source stands there, the message of the error does not.
    assert "invalid literal" not in said
    assert said.count("and typed again") == 1
