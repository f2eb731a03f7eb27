"""The pages about the command line and the settings say what is so: their examples run, their tables are whole."""

from __future__ import annotations

import json
import re
import shlex
import tomllib

import pytest
import typer

from app.cli.main import app
from app.model.fields import KINDS
from app.settings import NOT_SETTINGS, load, specs
from tests.support.commands import Inside
from tests.support.project import ROOT

CLI = (ROOT / "docs" / "cli.md").read_text("utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text("utf-8")


def examples():
    blocks = re.findall(r"```(?:console|sh)\n(.*?)```", CLI, re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]


def commands():
    found = []

    def walk(command, path):
        inside = getattr(command, "commands", None)
        if inside is None or path == ("config",):
            found.append((path, command))
        for name, each in (inside or {}).items():
            walk(each, (*path, name))

    walk(typer.main.get_command(app), ())
    return found


def test_every_example_runs_in_the_order_of_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    here = Inside(tmp_path / "home")
    for line in examples():
        if file := re.fullmatch(r"printf '(.*)' > (\S+)", line):
            (tmp_path / file[2]).write_text(file[1].replace("\\n", "\n"))
        else:
            piped = re.fullmatch(r"(?:echo '(.*)' \| )?commonhold (.*)", line)
            assert piped, line
            done = here.run(*shlex.split(piped[2]), stdin=(piped[1] or "").encode())
            assert done.code == 0, (line, done)
    stock = here.json("record", "list", "stock", "--sort", "item")["records"]
    assert [each["fields"]["item"] for each in stock] == ["Drill", "File", "Saw", "Vice"]
    assert here.json("record", "list", "parts")["total"] == 2


@pytest.mark.parametrize("path", [path for path, _ in commands() if path], ids=" ".join)
def test_every_command_is_on_the_page(path):
    spelled = " ".join(path)
    assert any(f"{before}{spelled}" in CLI for before in ("commonhold ", "`"))


@pytest.mark.parametrize(
    ("path", "command"),
    commands(),
    ids=lambda part: " ".join(part) if isinstance(part, tuple) else "",
)
def test_every_option_is_on_the_page(path, command):
    options = {each for one in command.params for each in one.opts if each.startswith("--")}
    missing = {each for each in options if each not in CLI}
    assert not missing


def test_every_kind_is_on_the_page():
    assert [kind for kind in KINDS if not re.search(rf"\b{kind}\b", CLI)] == []


def keys_of(text):
    """The names that a shape on the page promises."""
    return set(re.findall(r'"(\w+)"', text))


@pytest.mark.parametrize(
    ("shape", "arguments"),
    [
        ("init, status", ["status"]),
        ("record list", ["record", "list", "stock"]),
        ("config path", ["config", "path"]),
        ("search", ["search", "drill"]),
        ("logs", ["logs"]),
    ],
)
def test_the_shapes_on_the_page_are_those_that_are_printed(tmp_path, shape, arguments):
    here = Inside(tmp_path / "home")
    here.json("init", "--name", "Ann", "--device", "Laptop", "--unprotected")
    here.json("collection", "create", "stock", "--fields", "item")
    here.json("record", "add", "stock", "item=Drill")
    (promised,) = re.findall(rf"^    {shape}  +(\{{.*(?:\n {{20,}}.*)*)", CLI, re.MULTILINE)
    assert set(here.json(*arguments)) <= keys_of(promised)
    top = json.dumps(here.json(*arguments))
    assert [key for key in keys_of(promised) if f'"{key}"' not in top] == []


def rows():
    found = re.findall(r"^\| `([a-z._]+)` \| (.*?) \| `(.*?)` \| (.*?) \|$", SETTINGS, re.MULTILINE)
    return {key: (may_be, default, about) for key, may_be, default, about in found}


def test_the_table_of_settings_is_the_programs_own():
    ours = {
        each.key: (
            each.rule.says,
            str(each.default).lower() if isinstance(each.default, bool) else str(each.default),
            each.about,
        )
        for each in specs()
    }
    assert rows() == ours


def test_the_example_of_a_settings_file_is_taken(tmp_path):
    (example,) = re.findall(r"```toml\n(.*?)```", SETTINGS, re.DOTALL)
    assert tomllib.loads(example)
    file = tmp_path / "settings.toml"
    file.write_text(example, "utf-8")
    assert load(tmp_path / "none", file, {}).appearance.theme == "dark"


def test_the_variables_that_are_no_settings_are_named():
    assert {name for name in NOT_SETTINGS if f"COMMONHOLD_{name}" in SETTINGS} == NOT_SETTINGS
