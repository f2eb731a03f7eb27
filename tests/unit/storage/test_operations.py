"""TinyDB's operations that add are written as additions, and add up with those of others; results are TinyDB's."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from tinydb import TinyDB, where
from tinydb.operations import add, decrement, delete, increment, subtract
from tinydb.operations import set as set_to
from tinydb.storages import MemoryStorage

from storage import Store
from storage.crdt.operations import Add, Operation, Set, Unset
from storage.operations import addition
from tests.support.founders import founder, member

# What TinyDB adds as well, or takes for a field, though its types say otherwise.
ANY: dict[str, Any] = {"text": "!", "list": [3], "pair": ("n", 1)}


def last_written(store: Store, doc_id: int) -> tuple[Operation, ...]:
    """What the last change did to a record."""
    with store.transaction():
        kept = store.journal.states.under("_default", doc_id)
        assert kept is not None
        return tuple(one.operation for one in next(store.journal.trail.of(kept.last)).operations)


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        (increment("n"), ("n", 1)),
        (decrement("n"), ("n", -1)),
        (add("n", 7), ("n", 7)),
        (subtract("n", 0.5), ("n", Fraction(-1, 2))),
        (add("n", 0.1), ("n", Fraction(0.1))),
        (add("n", ANY["text"]), None),
        (add("n", True), None),
        (add("n", float("inf")), None),
        (add(ANY["pair"], 1), None),
        (set_to("n", 1), None),
        (delete("n"), None),
        (lambda document: None, None),
        (print, None),
    ],
)
def test_what_is_added_is_read_from_the_operation(operation: Any, told: object) -> None:
    assert addition(operation) == told


WRITES: dict[str, Callable[[TinyDB], Any]] = {
    "one": lambda db: db.update(increment("n")),
    "several": lambda db: [db.update(add("n", 2)), db.update(subtract("n", 5))],
    "of some": lambda db: db.update(decrement("n"), where("n") > 2),
    "a fraction": lambda db: db.update(add("n", 0.5)),
    "text": lambda db: db.update(add("s", ANY["text"])),
    "a list": lambda db: db.update(add("l", ANY["list"])),
    "nothing there": lambda db: db.update(increment("none")),
    "text and a number": lambda db: db.update(increment("s")),
    "nothing": lambda db: db.update(add("n", 0)),
    "then a value": lambda db: db.update_multiple(
        [(increment("n"), where("n") > 0), ({"n": 8}, where("n") > 2)]
    ),
    "after a value": lambda db: db.update_multiple(
        [({"n": 8}, where("n") > 0), (increment("n"), where("n") == 8)]
    ),
    "twice": lambda db: db.update_multiple([(increment("n"), where("n") > 0)] * 2),
    "a function": lambda db: db.update(lambda document: document.update(n=document["n"] * 2)),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_the_result_is_tinydbs(write: Callable[[TinyDB], Any]) -> None:
    theirs, ours = TinyDB(storage=MemoryStorage), Store(identity=founder())
    told: list[Any] = []
    for db in (theirs, ours):
        db.insert_multiple({"n": n, "s": "a", "l": [1]} for n in (1, 2, 3))
        try:
            told.append(write(db))
        except (KeyError, TypeError) as error:
            told.append((type(error), error.args))
    assert told[0] == told[1]
    assert theirs.all() == ours.all() or isinstance(told[0], tuple)


def test_an_addition_is_written_as_one() -> None:
    store = Store(identity=founder())
    doc_id = store.insert({"n": 1})
    store.update(increment("n"))
    assert last_written(store, doc_id) == (Add("n", Fraction(1)),)
    store.update_multiple([(add("n", 3), where("n") > 0), (subtract("n", 1), where("n") > 0)])
    assert last_written(store, doc_id) == (Add("n", Fraction(2)),)
    store.update_multiple([(increment("n"), where("n") > 0), ({"n": 1}, where("n") > 0)])
    assert last_written(store, doc_id) == (Set({"n": 1}),)
    store.update(delete("n"))
    assert last_written(store, doc_id)[0] == Unset(("n",))


def test_sums_are_exact_and_rounded_once() -> None:
    store = Store(identity=founder())
    store.insert({"n": 0.0})
    for _ in range(10):
        store.update(add("n", 0.1))
    assert store.all() == [{"n": 1.0}]


def test_a_field_that_shows_what_was_typed_last_is_written_as_a_value() -> None:
    store = Store(identity=founder(lambda _: {"n": "register"}))
    doc_id = store.insert({"n": 1})
    store.update(increment("n"))
    assert store.all() == [{"n": 2}]
    assert last_written(store, doc_id) == (Set({"n": 2}),)


def test_additions_of_two_devices_add_up() -> None:
    ann, ben = Store(identity=member("ann")), Store(identity=member("ben"))
    ann.insert({"n": 10})
    pass_on(ann, ben)
    ann.update(increment("n"))
    ben.update(add("n", 5))
    pass_on(ann, ben)
    pass_on(ben, ann)

    assert ann.all() == ben.all() == [{"n": 16}]
    assert ann.journal.digest == ben.journal.digest


def pass_on(one: Store, other: Store) -> None:
    """Give a store all changes of another one."""
    log = one.journal.log
    raw = [log.raw(row.lane, n) for row in log.lanes() for n in range(1, row.linked + 1)]
    with other.transaction():
        other.journal.receive(raw)
