"""Nothing that people type stands readable on the disk: a thousand random words are planted and looked for."""

from __future__ import annotations

import base64
import io
import json
import random
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app import logs
from app.home import Home
from app.viewmodels.drafts import Drafts
from app.viewmodels.notices import Notices
from app.viewmodels.work import Work
from app.workspace import Workspace
from storage import Touched
from sync.vault.form import LEAST_COST
from tests.support.commands import Inside
from tests.support.traces import Traces, spellings

WORDS = 1000
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
SYSTEM_PLACES = (
    "HOME",
    "TMPDIR",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
)


class Words:
    """Random words, each given out once."""

    def __init__(self, dice: random.Random) -> None:
        made = {"".join(dice.choices(LETTERS, k=14)) for _ in range(WORDS)}
        assert len(made) == WORDS
        self.all = sorted(made)
        self._left = list(self.all)

    @property
    def remaining(self) -> int:
        return len(self._left)

    def __call__(self) -> str:
        return self._left.pop()

    def several(self, number: int) -> list[str]:
        return [self() for _ in range(number)]


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds every place a program may write to: home, settings, state, cache, temporary files."""
    for name in SYSTEM_PLACES:
        (tmp_path / "ground" / name.lower()).mkdir(parents=True)
        monkeypatch.setenv(name, str(tmp_path / "ground" / name.lower()))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "ground" / "tmpdir"))
    return tmp_path / "ground"


@pytest.fixture
def words(dice: random.Random) -> Words:
    return Words(dice)


@pytest.mark.parametrize("form", range(20))
def test_the_search_finds_a_word_in_every_spelling(
    tmp_path: Path, dice: random.Random, form: int
) -> None:
    word = "".join(dice.choices(LETTERS, k=14))
    padding = dice.randbytes(form)
    plain = [
        word.encode(),
        word.upper().encode(),
        word.encode("utf-16-le"),
        word.encode("utf-16-be"),
    ]
    wrapped = padding + word.encode() + padding
    coded = [base64.b64encode(wrapped), wrapped.hex().encode(), wrapped.hex().upper().encode()]
    for number, data in enumerate([*plain, *coded]):
        (tmp_path / f"file {number}").write_bytes(
            dice.randbytes(100 + form) + data + dice.randbytes(50)
        )

    found = Traces([word]).below(tmp_path)

    assert set(found) == {f"file {number}" for number in range(7)}
    assert min(map(len, spellings(word))) >= 14


def test_the_search_finds_a_word_in_the_name_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a thing called lqkwjehrtu").mkdir()

    assert set(Traces(["lqkwjehrtu"]).below(tmp_path)) == {"a thing called lqkwjehrtu"}


def test_nothing_that_was_typed_stands_on_the_disk(
    ground: Path, words: Words, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = ground / "home" / "data"
    passphrase = words()
    planted = Planting(home, words, passphrase, tmp_path / "brought")
    planted.people_and_workspaces()
    logs.configure(home / "logs", "debug")
    traces = Traces(words.all)
    for name in planted.workspaces:
        with planted.open().workspace(name) as workspace:
            planted.records(workspace)
            planted.drafts(workspace)
            planted.fault(workspace)
            # While it is open: the log of the database lies beside it.
            assert traces.below(ground) == {}
    planted.by_the_command_line(monkeypatch)
    planted.rest()
    assert words.remaining == 0
    assert "a watcher failed" in (home / "logs" / logs.FILE_NAME).read_text()

    assert traces.below(ground) == {}

    opened = planted.open()
    readable = repr(opened.facts()).encode()
    for name in planted.workspaces:
        with opened.workspace(name) as workspace:
            readable += decrypted(workspace, tmp_path / "plain.db")
    assert len(traces.within(readable)) > 900


class NoTimers:
    """Nothing is done later."""

    def after(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        raise TypeError(call)


def decrypted(workspace: Workspace, path: Path) -> bytes:
    """The database of a workspace as SQLite would have written it without a key."""
    execute = workspace.store._engine.db.writer.execute
    execute("ATTACH DATABASE ? AS plain KEY ''", (str(path),))
    execute("SELECT sqlcipher_export('plain')").fetchall()
    execute("DETACH DATABASE plain")
    data = path.read_bytes()
    path.unlink()
    return data


class Planting:
    """Types words into everything that takes some."""

    def __init__(self, home: Path, words: Words, passphrase: str, brought: Path) -> None:
        self.home, self.words, self.passphrase, self.brought = home, words, passphrase, brought
        self.workspaces = words.several(3)
        self.collection = ""

    def open(self) -> Home:
        home = Home.open(self.home, clock=time.time)
        home.unlock(self.passphrase)
        return home

    def people_and_workspaces(self) -> None:
        member, device = self.words.several(2)
        Home.create(
            self.home,
            member=member,
            device=device,
            workspace=self.workspaces[0],
            passphrase=self.passphrase,
            clock=time.time,
            cost=LEAST_COST,
        )
        for name in self.workspaces[1:]:
            self.open().create_workspace(name).close()

    def records(self, workspace: Workspace) -> None:
        """Collections, fields and values of every form; edits, trash and what is gone for good."""
        words = self.words
        fields = [
            (words(), kind) for kind in ("text", "longtext", "tags", "email", "choices", "text")
        ]
        collection = workspace.create_collection(words(), fields)
        self.collection = collection.slug
        title, long, tags, mail, choices, other = (field.slug for field in collection.fields)
        ids = workspace.add(
            collection.slug,
            [
                {
                    title: words(),
                    long: " ".join(words.several(4)),
                    tags: words.several(2),
                    mail: f"{words()}@{words()}.example",
                    choices: [words()],
                    other: {"nested": [words()]},
                    words(): words(),
                }
                for _ in range(12)
            ],
        )
        workspace.change(collection.slug, ids[:3], {title: words(), long: words(), tags: [words()]})
        workspace.trash(collection.slug, ids[3:5])
        workspace.restore(collection.slug, ids[3:4])
        workspace.purge(collection.slug, ids[5:6])
        attached = " ".join(words.several(3)).encode() * 20
        value = workspace.store.blobs.put(io.BytesIO(attached), name=f"{words()}.txt")
        workspace.change(collection.slug, ids[6:7], {other: value})
        workspace.rename_collection(collection.slug, words())
        workspace.undo()
        workspace.store.maintain(0.2)
        workspace.search(words())

    def fault(self, workspace: Workspace) -> None:
        """Something fails over what was typed, and the log says so."""
        word = self.words()

        def failing(_: Touched) -> None:
            raise ValueError(word)

        stop = workspace.watch(failing)
        workspace.create_collection(self.words())
        stop()

    def drafts(self, workspace: Workspace) -> None:
        """What was typed in a window and cannot be stored as it is."""
        slug = self.collection
        (record, *_) = [document.doc_id for document in workspace.table(slug)]
        field = workspace.collection(slug).fields[0].slug
        with ThreadPoolExecutor(1) as thread:
            work = Work(readers=thread, writer=thread, post=lambda call: call(), timers=NoTimers())
            Drafts(workspace, work, Notices()).store(slug, record, {field: self.words()})

    def by_the_command_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The same doors with a terminal before them, refusals and the log among them."""
        words = self.words
        monkeypatch.setenv("COMMONHOLD_PASSPHRASE", self.passphrase)
        command = Inside(self.home, {"COMMONHOLD_LOG_LEVEL": "debug"})
        command.json("workspace", "create", new := words())
        self.workspaces.append(new)
        into = ("--workspace", new)
        field, slug = words(), words()
        command.json(*into, "collection", "create", slug, "--fields", f"{field}:text,n:number")
        (record,) = command.json(*into, "record", "add", slug, f"{field}={words()}")["ids"]
        command.json(*into, "record", "set", record, f"{field}={words()}")
        command.json(*into, "search", words())
        command.json(*into, "record", "list", slug, "--where", f"`{field}` == '{words()}'")
        for refused in (
            (*into, "record", "list", words()),
            (*into, "record", "list", slug, "--where", f"`{words()}` =="),
            (*into, "record", "add", slug, f"n={words()}"),
            (*into, "record", "add", slug, f"{words()}={words()}"),
            ("--workspace", words(), "verify"),
            (*into, "import", str(self.brought / words())),
        ):
            assert command.run("--json", *refused).code != 0
        for suffix in ("csv", "json"):
            command.json(*into, "import", str(self._file(words(), suffix)))
        monkeypatch.setenv("COMMONHOLD_PASSPHRASE", words())
        assert command.run("--json", *into, "verify").code == 3

    def _file(self, name: str, suffix: str) -> Path:
        self.brought.mkdir(exist_ok=True)
        path = self.brought / f"{name}.{suffix}"
        names = self.words.several(3)
        rows = [dict(zip(names, self.words.several(3), strict=True)) for _ in range(20)]
        lines = [",".join(names), *(",".join(row.values()) for row in rows)]
        path.write_text("\n".join(lines) if suffix == "csv" else json.dumps(rows))
        return path

    def rest(self) -> None:
        """All words that are left, as texts of one record each."""
        with self.open().workspace(self.workspaces[0]) as workspace:
            (slug, name), *_ = [
                (each.slug, each.fields[0].slug) for each in workspace.collections() if each.fields
            ]
            left = self.words.several(self.words.remaining)
            workspace.add(slug, [{name: word} for word in left])
