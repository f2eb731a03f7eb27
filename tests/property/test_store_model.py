"""Any sequence of writes, transactions, reopenings and handles leaves in a store what it leaves in plain dicts."""

import shutil
import tempfile
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tinydb import where

from storage import Store, Touched
from tests.support.model import (
    Drop,
    DropAll,
    InsertAt,
    InsertBroken,
    InsertMany,
    Model,
    Remove,
    Restore,
    Trash,
    Truncate,
    Update,
    UpdateMany,
    Upsert,
    Write,
)
from tests.support.replays import Replay
from tests.support.scripts import outcome
from tests.support.stores import (
    CHANGES_ENCRYPTED,
    CHANGES_IN_MEMORY,
    ENCRYPTED,
    IN_MEMORY,
    ON_FILE,
    StoreKind,
    StorePlace,
)

MADE_IDS = 1 << 62
TABLES = st.sampled_from(["t", "u", "_default"])
NUMBERS = st.integers(0, 3)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "n": NUMBERS | st.just("text"),
        "s": st.text(max_size=3),
        "l": st.lists(NUMBERS, max_size=2),
    },
)
QUERIES = st.one_of(
    NUMBERS.map(lambda n: f"q.n == {n}"),
    NUMBERS.map(lambda n: f"q.n != {n}"),
    NUMBERS.map(lambda n: f"q.n > {n}"),  # raises where n is text
    NUMBERS.map(lambda n: f"q.l.any([{n}])"),
    st.sampled_from(["q.s.exists()", "~q.s.exists()", "q.noop()", "q.n.test(length)"]),
)
IDS = st.lists(st.integers(1, 9), max_size=4)
MANY = st.lists(DOCUMENTS, max_size=3)
WRITES: st.SearchStrategy[Write] = st.one_of(
    st.builds(InsertMany, TABLES, st.lists(DOCUMENTS, min_size=1, max_size=4)),
    st.builds(InsertAt, TABLES, st.integers(1, 9), DOCUMENTS),
    st.builds(InsertBroken, TABLES, MANY | MANY.map(lambda some: some * 60)),
    st.builds(Update, TABLES, st.none() | DOCUMENTS, QUERIES, st.none()),
    st.builds(Update, TABLES, st.none() | DOCUMENTS, st.none(), st.none() | IDS),
    st.builds(UpdateMany, TABLES, st.tuples(DOCUMENTS, QUERIES), st.tuples(DOCUMENTS, QUERIES)),
    st.builds(Upsert, TABLES, DOCUMENTS, QUERIES),
    st.builds(Remove, TABLES, QUERIES, st.none()),
    st.builds(Remove, TABLES, st.none(), IDS),
    st.builds(Trash, TABLES, IDS),
    st.builds(Restore, TABLES, IDS),
    st.builds(Truncate, TABLES) | st.builds(Drop, TABLES) | st.builds(DropAll, TABLES),
)


class AbandonedError(Exception):
    """Raised at the end of a transaction that is to leave nothing."""


def abandon(*, unless: bool) -> None:
    """Raise what ends a transaction without a commit."""
    if not unless:
        raise AbandonedError


def _known(doc_id: int) -> int:
    """The id of a document, 0 for one that was made since another document has the id it had."""
    return doc_id if doc_id < MADE_IDS else 0


class StoreAndModel(RuleBasedStateMachine):
    """One place, its handles, and what must be in it."""

    kind: StoreKind = IN_MEMORY

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        self.place = StorePlace(self.kind, Path(self.folder) / "store.db")
        self.model = Model(takes_over=self.kind.changes)
        self.heard: list[Touched] = []
        self.open()

    def open(self) -> None:
        """Open one handle, or two of a file."""
        self.handles = [
            cast("Store", self.place.open()) for _ in range(2 if self.kind.durable else 1)
        ]
        for handle in self.handles:
            handle.watch(self.heard.append)

    @property
    def store(self) -> Store:
        """The handle whose turn it is."""
        return self.handles[0]

    # ------------------------------------------------------------------------------------------ rules

    @rule(write=WRITES)
    def write(self, write: Write) -> None:
        """One write of its own."""
        before = deepcopy(self.model)
        self.heard.clear()
        self.make(write)
        self.check_heard(before)

    @rule(
        writes=st.lists(WRITES, min_size=1, max_size=4),
        inner=st.integers(0, 4),
        inner_kept=st.booleans(),
        kept=st.booleans(),
    )
    def transaction(
        self, writes: Sequence[Write], inner: int, inner_kept: bool, kept: bool
    ) -> None:
        """Several writes as one, the first `inner` of them in a transaction inside; each kept or abandoned."""
        before = deepcopy(self.model)
        self.heard.clear()
        try:
            with self.store.transaction():
                self.make_inside(writes[:inner], kept=inner_kept)
                for write in writes[inner:]:
                    self.make(write)
                self.compare(self.store)
                abandon(unless=kept)
        except AbandonedError:
            self.model.become(before)
        self.check_heard(before)

    @rule()
    def reopen(self) -> None:
        """Close every handle, and open the file again."""
        if self.kind.durable:
            self.place.close()
            self.open()

    @rule()
    def swap(self) -> None:
        """Go on with the other handle."""
        self.handles.reverse()

    # ------------------------------------------------------------------------------------- comparison

    def make_inside(self, writes: Sequence[Write], *, kept: bool) -> None:
        """Make writes in a transaction inside another one; abandoned, it takes back no more than itself."""
        before = deepcopy(self.model)
        try:
            with self.store.transaction():
                for write in writes:
                    self.make(write)
                abandon(unless=kept)
        except AbandonedError:
            self.model.become(before)

    def make(self, write: Write) -> None:
        """Make a write on the store and on the model; one that raises leaves nothing behind."""
        if self.would_cross_the_trash(write):
            return
        real = outcome(write.real, self.store)
        attempt = deepcopy(self.model)
        expected = outcome(write.expected, attempt, real[1])
        assert real == expected, write
        if real[0] == "gives":
            self.model.become(attempt)

    def would_cross_the_trash(self, write: Write) -> bool:
        """Whether a write would begin the count of ids again while the trash has some."""
        return isinstance(write, Truncate) and bool(self.model.in_trash(write.table))

    def check_heard(self, before: Model) -> None:
        """Watchers heard of every record that differs, and of nothing when nothing was committed."""
        for name in before.tables.keys() | self.model.tables.keys():
            old, new = before.tables.get(name, {}), self.model.tables.get(name, {})
            changed = {i for i in old.keys() | new.keys() if old.get(i) != new.get(i)}
            told = [touched.ids(name) for touched in self.heard if not touched.elsewhere]
            assert not changed or None in told or changed <= set().union(*filter(None, told))

    @invariant()
    def holds(self) -> None:
        """Every handle shows what the model holds."""
        for handle in self.handles:
            self.compare(handle)

    def compare(self, store: Store) -> None:
        """Tables, documents in their order, counts and trash."""
        assert store.tables() == self.model.tables.keys()
        for name, documents in self.model.tables.items():
            table: Any = store.table(name)
            assert [(d.doc_id, dict(d)) for d in table] == list(documents.items())
            assert len(table) == len(documents)
            assert table.count(where("n") == 1) == sum(d.get("n") == 1 for d in documents.values())
        for name, trash in self.model.trash.items():
            trashed = store.table(name).trashed()
            assert sorted((_known(d.doc_id), repr(dict(d))) for d in trashed) == sorted(
                (one.doc_id or 0, repr(one.fields)) for one in trash
            )

    def teardown(self) -> None:
        """At the end the store itself says that all is well."""
        try:
            report = self.store.verify()
            assert report.ok, report.problems
            assert self.store.losses == ()
            if self.kind.changes:
                assert Replay().difference(self.store) == ""
        finally:
            self.place.close()
            shutil.rmtree(self.folder)


PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)


def run(kind: StoreKind, runs: int, steps: int) -> None:
    """Run random sequences on one kind of store."""
    machine = type("On", (StoreAndModel,), {"kind": kind})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(600)  # of which a failing sequence needs most, to get short
@pytest.mark.parametrize(
    ("kind", "runs"),
    [(IN_MEMORY, 60), (ON_FILE, 25), (CHANGES_IN_MEMORY, 30), (CHANGES_ENCRYPTED, 10)],
    ids=str,
)
def test_a_store_holds_what_plain_dicts_hold(kind: StoreKind, runs: int) -> None:
    run(kind, runs, 20)


@pytest.mark.full
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("kind", "runs"),
    [
        *((IN_MEMORY, 400), (ON_FILE, 120), (ENCRYPTED, 40)),
        *((CHANGES_IN_MEMORY, 200), (CHANGES_ENCRYPTED, 60)),
    ],
    ids=str,
)
def test_a_store_holds_what_plain_dicts_hold_over_long_sequences(
    kind: StoreKind, runs: int
) -> None:
    run(kind, runs, 40)
