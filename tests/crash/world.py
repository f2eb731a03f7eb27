"""What a trial writes: steps drawn from a seed, and the contents that each of them must leave.

Every document carries a token that no step changes. Contents are kept by token, so that they can be worked out without
the store, in another process, from the seed alone: `Plan` gives the same steps to the process that is killed and to the
one that judges.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

from tinydb import where
from tinydb.table import Document

from storage import Order, Store

TABLES: Final = ("parts", "orders", "notes")
EXPLICIT_IDS_BELOW: Final = 1_000_000
WORDS: Final = ("bolt", "nut", "größe", "漢字テスト", "washer", "spring", "étain", "lagerhaus")
ATTACHED: Final = "file"
ATTACHING: Final = 0.1  # of the steps, where there are attachments
FULL: Final = 400  # tokens a table, from here on steps rather remove than add


class TakenBackError(Exception):
    """Raised inside a transaction that is meant to leave nothing."""


@dataclass
class Contents:
    """All a store holds: documents and trash by table and token, and the small values."""

    live: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    trash: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)

    def copy(self) -> Contents:
        """A copy whose tables may be changed; documents are never changed in place."""
        return Contents(
            {name: dict(rows) for name, rows in self.live.items()},
            {name: dict(rows) for name, rows in self.trash.items()},
            dict(self.info),
        )

    def difference(self, other: Contents) -> str:
        """The first thing in which two contents differ, in words; '' where they are equal."""
        for what, mine, theirs in (
            ("table", self.live, other.live),
            ("trash", self.trash, other.trash),
        ):
            for name in sorted(mine.keys() | theirs.keys()):
                here, there = mine.get(name, {}), theirs.get(name, {})
                for token in sorted(here.keys() | there.keys()):
                    if here.get(token) != there.get(token):
                        return f"{what} {name}, token {token}: {_short(here.get(token))} / {_short(there.get(token))}"
        return "" if self.info == other.info else f"info: {self.info} / {other.info}"


def _short(document: dict[str, Any] | None) -> str:
    return "nothing" if document is None else f"{document!s:.80}"


def contents_of(store: Store) -> Contents:
    """What a store really holds, attachments by what is in them."""
    found = Contents(info=dict(store.info))
    for name in store.tables():
        table = store.table(name)
        found.live[name] = {document["t"]: _read_out(store, document) for document in table}
        trash = table.trashed(100_000)
        found.trash[name] = {document["t"]: _read_out(store, document) for document in trash}
    return found


def _read_out(store: Store, document: dict[str, Any]) -> dict[str, Any]:
    """A document with the content of its attachment in the attachment's place."""
    if ATTACHED not in document:
        return dict(document)
    with store.blobs.open(document[ATTACHED]) as content:
        return {**document, ATTACHED: b"".join(content)}


def ids_of(store: Store) -> dict[int, int]:
    """Token → id of everything a store holds."""
    ids: dict[int, int] = {}
    for name in store.tables():
        table = store.table(name)
        ids.update({document["t"]: document.doc_id for document in table})
        ids.update({document["t"]: document.doc_id for document in table.trashed(100_000)})
    return ids


@dataclass(frozen=True)
class Edit:
    """One write: how a store does it, and what it does to contents."""

    run: Callable[[Store, dict[int, int]], None]
    tell: Callable[[Contents], None]


@dataclass(frozen=True)
class Step:
    """One acknowledged operation: edits that are kept together, or not at all."""

    name: str
    edits: tuple[Edit, ...] = ()
    kept: bool = True
    quiet: Callable[[Store], Any] | None = None  # instead of edits: what changes no contents

    def run(self, store: Store, ids: dict[int, int]) -> None:
        """Do it; when this returns, it is acknowledged."""
        if self.quiet is not None:
            self.quiet(store)
            return
        if len(self.edits) == 1 and self.kept:
            self.edits[0].run(store, ids)
            return
        known = dict(ids)
        try:
            with store.transaction():
                for edit in self.edits:
                    edit.run(store, known)
                if not self.kept:
                    raise TakenBackError  # noqa: TRY301  # the block is what is tested
        except TakenBackError:
            return
        ids.update(known)

    def after(self, before: Contents) -> Contents:
        """The contents it leaves."""
        if not self.kept or not self.edits:
            return before
        left = before.copy()
        for edit in self.edits:
            edit.tell(left)
        return left


class Plan:
    """Draws steps from a seed; `contents` is what a store holds after all that were drawn."""

    def __init__(
        self,
        seed: str,
        contents: Contents,
        next_token: int,
        *,
        explicit_ids: bool,
        attachments: bool = False,
    ) -> None:
        self._dice = random.Random(seed)
        self.contents, self.next_token, self._explicit_ids = contents, next_token, explicit_ids
        self._attachments = attachments

    def draw(self) -> Step:
        """The next step."""
        step = self._draw()
        self.contents = step.after(self.contents)
        return step

    def _draw(self) -> Step:
        if self._attachments and self._dice.random() < ATTACHING:
            table = self._dice.choice(TABLES)
            if here := sorted(self.contents.live.get(table, {})):
                content = self._dice.randbytes(self._dice.choice((0, 10, 5_000, 400_000)))
                return Step("attach", (_attach(table, self._dice.choice(here), content),))
        chance = self._dice.random()
        if chance < 0.70:
            return self._single(self.contents)
        if chance < 0.84:
            return self._several("transaction", kept=True)
        if chance < 0.89:
            return self._several("taken back", kept=False)
        return quiet_step(self._dice)

    def _several(self, name: str, *, kept: bool) -> Step:
        seen, edits = self.contents.copy(), []
        for _ in range(self._dice.randint(2, 6)):
            (edit,) = self._single(seen).edits
            edit.tell(seen)
            edits.append(edit)
        return Step(name, tuple(edits), kept=kept)

    def _single(self, seen: Contents) -> Step:
        table = self._dice.choice(TABLES)
        here = sorted(seen.live.get(table, {}))
        chance = self._dice.random()
        if len(here) > FULL:
            chance = 0.55 + chance * 0.45
        if chance < 0.35 or not here:
            return Step("insert", (self._add(table, 1),))
        if chance < 0.42:
            return Step(
                "insert_multiple", (self._add(table, self._dice.choice((2, 10, 99, 101, 130))),)
            )
        if chance < 0.66:
            some = self._dice.sample(here, min(len(here), self._dice.choice((1, 1, 1, 5, 60))))
            return Step("update", (_set(table, some, self._fields()),))
        if chance < 0.72:
            return Step(
                "update where", (_set_where(table, self._dice.randrange(100), self._fields()),)
            )
        if chance < 0.82:
            some = self._dice.sample(here, min(len(here), self._dice.choice((1, 2, 50, 150))))
            return Step("remove", (_remove(table, some),))
        if chance < 0.90:
            return Step("trash", (_trash(table, self._dice.sample(here, min(len(here), 3))),))
        if chance < 0.97:
            there = sorted(seen.trash.get(table, {}))
            return Step("restore", (_restore(table, self._dice.sample(there, min(len(there), 2))),))
        if chance < 0.98:
            return Step("truncate", (_truncate(table),))
        if chance < 0.985:
            return Step("drop", (_drop(table),))
        return Step("info", (_info(self._dice.choice("abc"), self._dice.randrange(10**9)),))

    def _add(self, table: str, many: int) -> Edit:
        tokens = list(range(self.next_token, self.next_token + many))
        self.next_token += many
        documents = {token: {"t": token, **self._fields(), **self._rare()} for token in tokens}
        return _add(table, documents, explicit=self._explicit_ids and self._dice.random() < 0.02)

    def _fields(self) -> dict[str, Any]:
        words = self._dice.choices(WORDS, k=self._dice.choice((1, 3, 8)))
        return {"n": self._dice.randrange(100), "title": " ".join(words), "who": {"tag": words[:2]}}

    def _rare(self) -> dict[str, Any]:
        chance = self._dice.random()
        if chance < 0.03:
            return {"long": "長い text " * self._dice.choice((100, 3000))}
        if chance < 0.08:
            return {"odd": self._dice.choice((10**30, "\ud800", None, [], 1e300, True))}
        return {}


def _add(table: str, documents: dict[int, dict[str, Any]], *, explicit: bool) -> Edit:
    def run(store: Store, ids: dict[int, int]) -> None:
        rows = list(documents.values())
        if explicit:
            rows = [Document(row, EXPLICIT_IDS_BELOW - token) for token, row in documents.items()]
        one = len(rows) == 1
        given = (
            [store.table(table).insert(rows[0])]
            if one
            else store.table(table).insert_multiple(rows)
        )
        ids.update(zip(documents, given, strict=True))

    def tell(contents: Contents) -> None:
        contents.live.setdefault(table, {}).update(documents)
        contents.trash.setdefault(table, {})

    return Edit(run, tell)


def _chosen(ids: dict[int, int], tokens: Iterable[int]) -> list[int]:
    return [ids[token] for token in tokens]


def _set(table: str, tokens: list[int], fields: dict[str, Any]) -> Edit:
    def tell(contents: Contents) -> None:
        rows = contents.live[table]
        rows.update({token: {**rows[token], **fields} for token in tokens})

    return Edit(
        lambda store, ids: _nothing(
            store.table(table).update(fields, doc_ids=_chosen(ids, tokens))
        ),
        tell,
    )


def _attach(table: str, token: int, content: bytes) -> Edit:
    def run(store: Store, ids: dict[int, int]) -> None:
        value = store.blobs.put(BytesIO(content), name="content")
        store.table(table).update({ATTACHED: value}, doc_ids=[ids[token]])

    def tell(contents: Contents) -> None:
        rows = contents.live[table]
        rows[token] = {**rows[token], ATTACHED: content}

    return Edit(run, tell)


def _set_where(table: str, limit: int, fields: dict[str, Any]) -> Edit:
    def tell(contents: Contents) -> None:
        rows = contents.live[table]
        rows.update({token: {**row, **fields} for token, row in rows.items() if row["n"] < limit})

    return Edit(
        lambda store, _: _nothing(store.table(table).update(fields, where("n") < limit)), tell
    )


def _remove(table: str, tokens: list[int]) -> Edit:
    def tell(contents: Contents) -> None:
        for token in tokens:
            del contents.live[table][token]

    return Edit(
        lambda store, ids: _nothing(store.table(table).remove(doc_ids=_chosen(ids, tokens))), tell
    )


def _trash(table: str, tokens: list[int]) -> Edit:
    def tell(contents: Contents) -> None:
        for token in tokens:
            contents.trash[table][token] = contents.live[table].pop(token)

    return Edit(lambda store, ids: _nothing(store.table(table).trash(_chosen(ids, tokens))), tell)


def _restore(table: str, tokens: list[int]) -> Edit:
    def tell(contents: Contents) -> None:
        for token in tokens:
            contents.live[table][token] = contents.trash[table].pop(token)

    return Edit(lambda store, ids: _nothing(store.table(table).restore(_chosen(ids, tokens))), tell)


def _truncate(table: str) -> Edit:
    """Everything away, trash included: counting starts anew, and an id must not come twice."""

    def run(store: Store, ids: dict[int, int]) -> None:
        store.table(table).restore(
            [document.doc_id for document in store.table(table).trashed(100_000)]
        )
        store.table(table).truncate()

    def tell(contents: Contents) -> None:
        contents.live[table], contents.trash[table] = {}, {}

    return Edit(lambda store, ids: _as_one(store, lambda: run(store, ids)), tell)


def _drop(table: str) -> Edit:
    def tell(contents: Contents) -> None:
        contents.live.pop(table, None)
        contents.trash.pop(table, None)

    return Edit(lambda store, _: store.drop_table(table), tell)


def _info(name: str, value: int) -> Edit:
    return Edit(
        lambda store, _: store.info.__setitem__(name, value),
        lambda contents: contents.info.__setitem__(name, value),
    )


def _as_one(store: Store, write: Callable[[], None]) -> None:
    with store.transaction():
        write()


def _nothing(_: Any) -> None:
    return None


def quiet_step(dice: random.Random) -> Step:
    """A step that changes no contents: an index, upkeep, a checkpoint, a read."""
    table, chance = dice.choice(TABLES), dice.random()
    if chance < 0.15:
        return Step("index", quiet=lambda store: store.table(table).index("n"))
    if chance < 0.25:
        return Step("sort index", quiet=lambda store: store.table(table).index("title", sort=True))
    if chance < 0.50:
        return Step("maintain", quiet=lambda store: store.maintain(0.005))
    if chance < 0.80:
        return Step("checkpoint", quiet=checkpoint)
    return Step("read", quiet=lambda store: _read(store, table))


def checkpoint(store: Store) -> None:
    """Fold the log into the file, as the store does when it has grown long."""
    with store._engine.db.lock:
        store._engine.db.fold()


def _read(store: Store, table: str) -> None:
    is_even: Any = _is_even
    store.find_text("bolt spring", limit=5)
    store.table(table).search(where("n").test(is_even))
    store.table(table).page(order=[Order(("title",))], limit=10)


def _is_even(value: int) -> bool:
    return value % 2 == 0
