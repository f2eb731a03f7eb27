"""What the documents say is so: sessions run, commands exist, links lead somewhere."""

from __future__ import annotations

import doctest
import re
from collections import defaultdict

import pytest
import typer

from app.cli.main import app as commands
from tests.support.documents import blocks, command_lines, documents
from tests.support.project import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):.*##", MAKEFILE, re.MULTILINE))
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def sessions():
    """The Python sessions of each document, which share their names as one session does."""
    found = defaultdict(list)
    for block in blocks("pycon"):
        found[block.document].append(block)
    return found


SESSIONS = sessions()
LINES = {
    f"{block}: {' '.join(words)}": words
    for block in blocks("console")
    for words in command_lines(block)
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_shown_command_and_its_options_exist(line):
    program, *words = line
    command = typer.main.get_command(commands)
    options = {option for each in command.params for option in each.opts}
    while words and (below := getattr(command, "commands", None)) is not None and words[0] in below:
        command = below[words.pop(0)]
        options |= {option for each in command.params for option in each.opts}
    # What is left of a group's words would be a command that is not there.
    assert program == "commonhold"
    assert not getattr(command, "commands", None), f"no such command: {words}"
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("document", SESSIONS, ids=str)
def test_the_sessions_of_a_document_run_as_they_are_shown(document, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for block in SESSIONS[document]:
        test = doctest.DocTestParser().get_doctest(
            block.text, names, str(block), str(document), block.line
        )
        runner.run(test, out=said.append, clear_globs=False)
        names = test.globs

    assert runner.tries > 0
    assert runner.failures == 0, "".join(said)


@pytest.mark.parametrize("document", documents(), ids=str)
def test_every_link_of_a_document_leads_to_a_file(document):
    links = LINK.findall((ROOT / document).read_text("utf-8"))

    assert [link for link in links if not (ROOT / document.parent / link).exists()] == []


@pytest.mark.parametrize("document", documents(), ids=str)
def test_every_make_target_that_a_document_names_exists(document):
    text = (ROOT / document).read_text("utf-8")
    named = set(re.findall(r"(?:`|^ {4}|^\$ )make ([a-z][a-z-]*)", text, re.MULTILINE))

    assert named <= TARGETS


def test_every_make_target_is_documented_and_declared():
    developing = (ROOT / "docs" / "developing.md").read_text("utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)

    assert phony
    assert set(phony[1].split()) == TARGETS
    assert [
        target for target in sorted(TARGETS - {"help"}) if f"`make {target}`" not in developing
    ] == []


def test_every_decision_is_in_the_list_of_decisions():
    folder = ROOT / "docs" / "decisions"
    listed = set(LINK.findall((folder / "README.md").read_text("utf-8")))

    assert {path.name for path in folder.glob("[0-9]*.md")} == {
        name for name in listed if name[0].isdigit()
    }
