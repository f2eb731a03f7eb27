"""The one place where a run begins and ends: whatever happens in between, it ends in words."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

import app.cli.main
from app.cli.failures import code_of, failure
from app.errors import NoSuchRecordError
from storage import DamagedStoreError, DiskFullError, WrongKeyError
from sync.errors import WrongPassphraseError
from tests.support.commands import Inside


@pytest.fixture
def here(tmp_path):
    made = Inside(tmp_path / "home")
    made.json("init", "--name", "Ann", "--device", "Laptop", "--unprotected")
    return made


@pytest.fixture
def failing(here, monkeypatch):
    """Makes the next look at what is here fail with an error."""

    def fail(error):
        def look(*_args, **_more):
            raise error

        monkeypatch.setattr("app.workspace.Workspace.collections", look)
        return here

    return fail


def test_an_error_that_nobody_foresaw_is_owned_up_to_and_logged_without_contents(failing):
    here = failing(ZeroDivisionError("Ann's secret"))
    done = here.run("--json", "collection", "list")
    assert (done.code, done.error["code"]) == (1, "internal")
    assert "ZeroDivisionError" in done.error["message"]
    logged = (here.home / "logs" / "commonhold.log").read_text()
    assert "ZeroDivisionError at app.cli.main:run:" in logged
    assert "secret" not in logged + done.out + done.err


def test_before_there_is_a_log_nothing_of_it_reaches_the_terminal(tmp_path, monkeypatch):
    def broken(*_args, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr("app.home.Home.open", broken)
    done = Inside(tmp_path / "home").run("status")
    assert done.code == 1
    assert "app.home" not in done.err


@pytest.mark.parametrize("key", [KeyboardInterrupt, EOFError])
def test_a_person_who_stops_it_gets_a_word_and_the_code_of_that(failing, key):
    done = failing(key()).run("collection", "list")
    assert (done.code, done.out) == (130, "")
    assert done.err == "Stopped. What was not finished was not kept.\n"


def test_the_systems_errors_are_put_in_words(failing):
    done = failing(OSError(errno.EIO, "Input/output error", "/x")).run(
        "--json", "collection", "list"
    )
    assert (done.code, done.error["code"]) == (1, "system")
    assert done.error["message"] == "Input/output error: /x"


@pytest.mark.parametrize(
    ("error", "code", "exit_code"),
    [
        (DiskFullError("/x"), "disk_full", 1),
        (DamagedStoreError("/x"), "damaged_store", 5),
        (WrongKeyError("/x"), "wrong_key", 5),
        (WrongPassphraseError(Path("/x")), "wrong_passphrase", 3),
        (NoSuchRecordError("x"), "no_such_record", 1),
    ],
    ids=lambda part: type(part).__name__,
)
def test_errors_of_every_layer_have_a_name_and_an_exit_code(error, code, exit_code):
    found = failure(error)
    assert (found.code, found.exit, code_of(error)) == (code, exit_code, code)
    assert found.message


@pytest.mark.parametrize(
    ("given", "ordered"),
    [
        (["status", "--json"], ["--json", "status"]),
        (["a", "--home", "x", "b"], ["--home", "x", "a", "b"]),
        (["a", "--home=x"], ["--home=x", "a"]),
        (["a", "--", "--json"], ["a", "--", "--json"]),
        (["a", "--home"], ["a", "--home"]),
        ([], []),
    ],
)
def test_options_for_every_command_are_found_wherever_they_stand(given, ordered):
    assert app.cli.main._options_first(given) == ordered


def test_a_home_without_a_name_is_refused_and_a_file_is_none(here, tmp_path):
    init = ["init", "--name", "Ann", "--device", "Laptop", "--unprotected"]
    unset = here.run("--json", *init, "--home", "")
    assert (unset.code, unset.error["code"]) == (2, "usage")
    (tmp_path / "file").write_text("mine")
    file = ["--home", str(tmp_path / "file")]
    assert here.run("--json", "status", *file).error["code"] == "no_home"
    assert here.run("--json", *init, *file).error["code"] == "home_not_empty"
    assert (tmp_path / "file").read_text() == "mine"


def test_a_search_that_finds_nothing_says_so(here):
    done = here.run("search", "zzz")
    assert (done.code, done.out, done.err) == (0, "", "Nothing was found.\n")


# ---------------------------------------------------------------------------- with a person


@pytest.fixture
def answers(monkeypatch):
    """A person at the keyboard, who gives these answers to questions for passphrases."""

    def give(*texts):
        remaining = list(texts)
        monkeypatch.setattr("getpass.getpass", lambda _question: remaining.pop(0))
        monkeypatch.setattr("app.cli.session.Session.may_ask", property(lambda _: True))
        return remaining

    return give


def test_a_person_is_asked_for_a_new_passphrase_twice_and_for_an_old_one_once(tmp_path, answers):
    bare = Inside(tmp_path / "home")
    answers("sesame", "sesame")
    bare.json("init", "--name", "Ann", "--device", "Laptop")
    left = answers("sesame", "unused")
    assert bare.json("collection", "list") == {"collections": []}
    assert left == ["unused"]


def test_two_answers_that_differ_set_nothing_up(tmp_path, answers):
    bare = Inside(tmp_path / "home")
    answers("sesame", "sesam")
    refused = bare.run("--json", "init", "--name", "Ann", "--device", "Laptop")
    assert (refused.code, refused.error["code"]) == (1, "bad_input")
    assert not bare.home.exists()


def test_looking_what_is_here_asks_nothing(tmp_path, answers):
    bare = Inside(tmp_path / "home", {"COMMONHOLD_PASSPHRASE": "sesame"})
    bare.json("init", "--name", "Ann", "--device", "Laptop")
    bare.environment.clear()
    answers()
    assert bare.json("status")["locked"] is True
