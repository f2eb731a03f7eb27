"""2,000 bent changes, database files, logs and rows: refused in words or harmless, never a crash, never silently wrong.

Bent records of the team, vaults and edits of texts are in `test_team_mutations`, `test_mutations` and `test_edits`.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tinydb.operations import increment

from storage import Family, StorageError, Store
from storage.changes import envelope, header
from storage.changes.absorb import Outcome, Standing
from storage.changes.envelope import NO_HASH, Clear, Envelope
from storage.journal.identity import Identity
from tests.crash import damage
from tests.support.founders import founder
from tests.support.stores import TEST_KEY, contents

STRIKES = (*damage.TORN_END, *damage.TURNED, *damage.TURNED)
# Of these nothing but a person's own eyes could tell: other work of the same device, times of this computer.
NOT_PROVED = {
    ("info", None),
    *((f"r_{cid}", column) for cid in (1, 2) for column in ("made", "changed")),
    *(("trash", column) for column in ("seq", "made", "changed", "pos", "trashed")),
    *(("change", column) for column in ("at", "goes_on")),
}


def many(quick: int, full: int) -> pytest.MarkDecorator:
    """How often: some at each run, all that were promised before a release."""
    return pytest.mark.parametrize("times", [quick, pytest.param(full, marks=pytest.mark.full)])


def families(collection: str) -> Mapping[str, Family]:
    return {"notes": "text", "tags": "set"} if collection == "parts" else {}


def fill(store: Store) -> None:
    parts = store.table("parts")
    parts.insert_multiple(
        {"n": n, "name": f"bolt {n}", "notes": f"note {n}", "tags": [str(n % 3)]} for n in range(30)
    )
    for n in range(1, 6):
        parts.update({"name": f"screw {n}", "notes": f"note {n}, later"}, doc_ids=[n])
        parts.update(increment("n"), doc_ids=[n])
    parts.update({"tags": ["9"]}, doc_ids=[7])
    parts.trash([11, 12])
    parts.restore([12])
    parts.remove(doc_ids=[13])
    parts.insert({"large": "z" * 90_000})
    store.table("odd").insert_multiple([{"n": 10**30, "text": "\ud800"}, {}])


def bodies(store: Store) -> list[bytes]:
    rows = store._engine.db.writer.execute("SELECT body FROM change ORDER BY seq")
    return [row[0] for row in rows.fetchall()]


def take(store: Store, changes: list[bytes]) -> list[Outcome]:
    with store.transaction():
        return store.journal.receive(changes)


def everything(store: Store) -> Any:
    """All that people see of a store."""
    trash = {
        name: sorted((each.doc_id, repr(dict(each))) for each in store.table(name).trashed())
        for name in ("parts", "odd")
    }
    return [contents(store, name) for name in ("parts", "odd")], trash


def bent(raw: bytes, others: list[bytes], dice: random.Random) -> bytes:
    """A change with something done to it on the way."""
    data = bytearray(raw)
    at, to = sorted(dice.randrange(len(data) + 1) for _ in range(2))
    match dice.randrange(7):
        case 0:
            data[at % len(data)] ^= 1 << dice.randrange(8)
        case 1:
            del data[at:]
        case 2:
            del data[at : min(to, at + 40)]
        case 3:
            data[at:at] = dice.randbytes(1 + dice.randrange(16))
        case 4:
            data[at:to] = bytes(to - at)
        case 5:
            data[at:] = dice.choice(others)[at:]
        case _:
            return mixed(raw, dice.choice(others), dice)
    return bytes(data)


def mixed(raw: bytes, other: bytes, dice: random.Random) -> bytes:
    """A well-spelled change whose pieces are of two."""
    one, two = envelope.decode(raw), envelope.decode(other)
    pieces = [
        dice.choice((one, two)).signed,
        dice.choice((one, two)).signature,
        dice.choice((one, two)).parts,
    ]
    return msgspec.msgpack.encode(pieces)


@many(60, 700)
def test_bent_changes_that_come_are_refused_or_held(times: int, dice: random.Random) -> None:
    with Store(identity=founder(families)) as author, Store(identity=founder(families)) as store:
        fill(author)
        sent = bodies(author)
        half = len(sent) // 2
        take(store, sent[:half])
        before = everything(store)
        made = [bent(dice.choice(sent), sent, dice) for _ in range(times)]

        outcomes = take(store, [raw for raw in made if raw not in sent])

        assert {each.standing for each in outcomes} <= {
            Standing.REFUSED,
            Standing.HELD,
            Standing.DUPLICATE,
        }
        for each in outcomes:
            assert each.standing is not Standing.REFUSED or each.why
        assert everything(store) == before
        assert store.verify().problems == ()
        take(store, sent)
        assert everything(store) == everything(author)
        assert store.verify().digest == author.verify().digest


def rogue(identity: Identity, change: Envelope, dice: random.Random) -> bytes:
    """A change of a new feed whose author holds all keys, and sealed nonsense that was a change once."""
    sealer = identity.sealer
    plains = list(sealer.open_all(change.clear.epoch, change.clear.salt, change.parts))
    at = dice.randrange(len(plains)) if dice.random() < 0.3 else len(plains) - 1
    data = bytearray(plains[at] or b"")
    for _ in range(dice.choice((1, 1, 2, 5))):
        place = dice.randrange(len(data))
        match dice.randrange(4):
            case 0:
                data[place] ^= 1 << dice.randrange(8)
            case 1:
                data[place] = dice.choice((0, 0x7F, 0x80, 0x90, 0xC0, 0xC6, 0xDC, 0xDF, 0xFF))
            case 2:
                del data[place : place + dice.randrange(1, 4)]
            case _:
                data[place:place] = dice.randbytes(dice.randrange(1, 4))
        data = data or bytearray(b"\xc0")
    plains[at] = bytes(data)
    if dice.random() < 0.5:  # one that names what there is, so that more of it is looked at
        told = header.Header(None, dice.randbytes(8), 0, None, 1, (), ())
        if at:
            plains[0] = header.encode(told)
    salt, epoch = dice.randbytes(24), change.clear.epoch
    sealed = sealer.seal_all(epoch, salt, [each or b"" for each in plains])
    clear = Clear(
        version=1,
        workspace=sealer.workspace,
        feed=dice.randbytes(16),
        number=1,
        device=sealer.device,
        previous=NO_HASH,
        place=identity.team.head[0],
        head=identity.team.head[1],
        epoch=epoch,
        compartment=0,
        salt=salt,
        group_end=dice.random() < 0.9,
        part_hashes=tuple(map(envelope.part_hash, sealed)),
    )
    signed = envelope.encode_clear(clear)
    return envelope.assemble(clear, signed, sealer.sign(signed), sealed).raw


@many(40, 400)
def test_nonsense_that_a_member_signed_is_the_same_to_everybody(
    times: int, dice: random.Random
) -> None:
    identity = founder(families)
    with Store(identity=identity) as store, Store(identity=founder(families)) as other:
        fill(store)
        sent = bodies(store)
        made = [rogue(identity, envelope.decode(dice.choice(sent)), dice) for _ in range(times)]

        outcomes = take(store, made)
        take(other, dice.sample([*sent, *made], len(sent) + len(made)))

        assert Standing.REFUSED not in {each.standing for each in outcomes}
        for each in (store, other):
            assert each.verify().problems == ()
        assert store.verify().digest == other.verify().digest
        assert everything(store) == everything(other)


# -------------------------------------------------------------------------------------- files


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """The files of a store that was closed."""
    path = tmp_path / "closed" / "store.db"
    path.parent.mkdir()
    with Store(path, key=TEST_KEY, identity=founder(families)) as store:
        fill(store)
    return path


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """The files of a store as a kill leaves them: most of it is in the log."""
    live, path = tmp_path / "live" / "store.db", tmp_path / "killed" / "store.db"
    live.parent.mkdir()
    path.parent.mkdir()
    with Store(live, key=TEST_KEY, identity=founder(families)) as store:
        fill(store)
        for name in ("", "-wal", "-mark"):
            shutil.copy(live.with_name(live.name + name), path.with_name(path.name + name))
    return path


def opened(path: Path) -> Store:
    return Store(path, key=TEST_KEY, identity=founder(families))


def trials(path: Path, folder: Path, times: int) -> Iterator[Path]:
    """As many copies of a store's files, one after the other."""
    for number in range(times):
        copy = folder / f"trial {number}"
        shutil.copytree(path.parent, copy)
        yield copy / path.name
        shutil.rmtree(copy)


def judge(path: Path, right: Any, how: str) -> str:
    """What becomes of files that were bent: "refused", "named" or "whole"; anything else is a broken promise."""
    try:
        with opened(path) as store:
            report = store.verify()
            if report.ok:
                assert everything(store) == right, f"{how}: silently wrong"
                return "whole"
            assert all(each.detail and each.meaning for each in report.problems), how
            return "named"
    except StorageError:
        return "refused"


@many(12, 400)
def test_bent_database_files_are_refused_or_named(
    times: int, closed: Path, tmp_path: Path, dice: random.Random
) -> None:
    bend(closed, "", times, tmp_path, dice)


@many(12, 200)
def test_bent_logs_are_refused_or_named(
    times: int, killed: Path, tmp_path: Path, dice: random.Random
) -> None:
    bend(killed, "-wal", times, tmp_path, dice)


def bend(path: Path, which: str, times: int, folder: Path, dice: random.Random) -> None:
    with opened(path_of_copy(path, folder)) as store:
        right = everything(store)
    became = []
    for trial in trials(path, folder, times):
        how = damage.strike(trial.with_name(trial.name + which), STRIKES, dice)
        became.append(judge(trial, right, how))
    assert {"refused", "named"} & set(became)


def path_of_copy(path: Path, folder: Path) -> Path:
    shutil.copytree(path.parent, folder / "copy")
    return folder / "copy" / path.name


# --------------------------------------------------------------------------------------- rows


def other_value(value: Any, dice: random.Random) -> Any:
    """A value of the same kind that is not the same."""
    match value:
        case int():
            return value ^ 1 << dice.randrange(12)
        case str() if value:
            at = dice.randrange(len(value))
            return value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]
        case bytes() if value:
            at = dice.randrange(len(value))
            return value[:at] + bytes([value[at] ^ 1 << dice.randrange(8)]) + value[at + 1 :]
        case None:
            return dice.choice((0, 7, b"\x80", b"\x01"))
        case _:
            return dice.choice((1, b"\x90"))


def bend_a_row(execute: Callable[..., Any], tables: list[str], dice: random.Random) -> str | None:
    """Change one value of one row, or take a row away; None where there was nothing, or it would not go in."""
    table = dice.choice(tables)
    columns = [row[1] for row in execute(f"PRAGMA table_info({table})").fetchall()]
    rows = execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
    if not rows or (table, None) in NOT_PROVED:
        return None
    row = dice.choice(rows)
    at = dice.randrange(len(columns))
    where = " AND ".join(f"{column} IS ?" for column in columns)
    if dice.random() < 0.2:
        execute(f"DELETE FROM {table} WHERE {where}", row)
        return f"a row of {table} gone: {row!r}"[:300]
    if (table, columns[at]) in NOT_PROVED:
        return None
    value = other_value(row[at], dice)
    try:
        execute(f"UPDATE {table} SET {columns[at]} = ? WHERE {where}", (value, *row))
    except Exception as error:
        if "constraint" in str(error) or "too large" in str(error):
            return None
        raise
    return f"{table}.{columns[at]} of {row!r}: {value!r}"[:300]


@many(40, 300)
def test_bent_rows_are_named_or_change_nothing(times: int, dice: random.Random) -> None:
    """What no signature of a page would catch: somebody with the key, or the program itself, wrote something else."""
    with Store(identity=founder(families)) as store:
        fill(store)
        right = everything(store)
        execute = store._engine.db.writer.execute
        tables = [
            row[0]
            for row in execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
                " AND name NOT LIKE 'f\\__\\_%' ESCAPE '\\' AND name NOT LIKE 'd\\__\\_%' ESCAPE '\\'"
                " AND name NOT LIKE 'sqlite%'"
            ).fetchall()
        ]
        done = 0
        while done < times:
            execute("SAVEPOINT bent")
            how = bend_a_row(execute, tables, dice)
            if how is not None:
                done += 1
                store._engine.forget()
                report = store.verify()
                if report.ok:
                    assert everything(store) == right, f"{how}: silently wrong"
            execute("ROLLBACK TO bent")
            execute("RELEASE bent")
            store._engine.forget()
