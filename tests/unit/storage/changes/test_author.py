"""Changes as they are written: what is put together, what is cut, and that others read just that."""

from __future__ import annotations

from fractions import Fraction

import pytest

from storage.changes import author, envelope, header
from storage.changes.absorb import Standing
from storage.changes.author import Draft
from storage.changes.coalesce import Edit, Item, coalesce, own
from storage.changes.errors import RefusedOperationError, UnknownEpochError
from storage.changes.log import NOWHERE
from storage.changes.parts import MAX_PLAIN_BYTES
from storage.crdt import operations as op
from storage.crdt.dots import Dot, Ref
from tests.support.changes import Chain, Device, meet

RECORD = Dot(0, 1, 1 << 16)


def together(*operations: op.Operation) -> list[op.Operation]:
    """What is left of operations on one record."""
    (record,) = coalesce([Edit("people", RECORD, each) for each in operations])
    return [item.operation for item in record.items]


# ------------------------------------------------------------------------------ putting together


def test_of_several_writes_of_a_field_the_last_one_stays():
    assert together(op.Set({"a": 1, "b": 1}), op.Set({"a": 2}), op.Set({"c": 3})) == [
        op.Set({"a": 2, "b": 1, "c": 3})
    ]
    assert together(op.Set({"a": 1, "b": 1}), op.Unset(("a",))) == [
        op.Set({"b": 1}),
        op.Unset(("a",)),
    ]
    assert together(op.Set({"a": 1}), op.Unset(("a",))) == [op.Unset(("a",))]
    assert together(op.Unset(("a", "b")), op.Set({"a": 1})) == [op.Unset(("b",)), op.Set({"a": 1})]
    assert together(op.Unset(("a",)), op.Set({"a": 1})) == [op.Set({"a": 1})]


def test_additions_add_up_and_a_later_count_swallows_them():
    assert together(op.Add("n", Fraction(1)), op.Add("n", Fraction(1, 2))) == [
        op.Add("n", Fraction(3, 2))
    ]
    assert together(op.Add("n", Fraction(1)), op.Set({"n": 5})) == [op.Set({"n": 5})]
    assert together(op.Set({"n": 5}), op.Add("n", Fraction(1)), op.Add("n", Fraction(1))) == [
        op.Set({"n": 5}),
        op.Add("n", Fraction(2)),
    ]


def test_nothing_moves_past_a_change_of_life_or_of_another_kind():
    kept: list[op.Operation] = [op.Set({"a": 1}), op.Dead(), op.Set({"a": 2})]
    assert together(*kept) == kept
    mixed: list[op.Operation] = [op.Set({"a": 1}), op.Include("b", ("x",)), op.Set({"b": 2})]
    assert together(*mixed) == mixed
    assert together(*mixed, op.Set({"c": 3}))[0] == op.Set({"a": 1})


def test_what_another_edit_names_stays_as_it_is():
    edits = [
        Edit("people", RECORD, op.Set({"a": 1})),
        Edit("people", RECORD, op.Set({"a": 2})),
        Edit("people", RECORD, op.Restore("a", 1, own(0), (own(1),))),
        Edit("people", RECORD, op.Include("t", ("x",))),
        Edit("people", RECORD, op.Exclude("t", (("x", (own(3),)),))),
        Edit("people", RECORD, op.TextEdit("z", b"", (Ref(0, 1),))),
    ]
    (record,) = coalesce(edits)
    assert [item.edits for item in record.items] == [(0,), (1,), (2,), (3,), (4,), (5,)]


def test_records_keep_the_order_in_which_they_were_touched():
    edits = [
        Edit("people", None, op.Create(1)),
        Edit("places", None, op.Create(2)),
        Edit("people", own(0), op.Set({"a": 1})),
        Edit("people", own(0), op.Set({"b": 2})),
    ]
    one, two = coalesce(edits)
    assert one.items == [Item(op.Create(1), (0,)), Item(op.Set({"a": 1, "b": 2}), (2, 3))]
    assert (two.collection, two.record) == ("places", own(1))


# -------------------------------------------------------------------------------------- writing


def test_a_transaction_of_a_few_edits_is_one_change_with_one_part_a_record():
    (ann,) = meet("ann")
    raw = ann.write(
        Edit("people", None, op.Create(1)),
        Edit("people", own(0), op.Set({"name": "x"})),
        Edit("places", None, op.Create(2)),
    )
    change = envelope.decode(*raw)
    assert len(change.parts) == 3
    assert (change.clear.number, change.clear.device, change.clear.group_end) == (1, ann.id, True)
    assert [len(part.operations) for part in ann.book.applied[0].parts] == [2, 1]


def test_changes_of_a_feed_follow_each_other():
    (ann,) = meet("ann")
    raw, record = ann.create(n=1)
    raw += ann.set(record, n=2)
    one, two = map(envelope.decode, raw)
    assert (two.clear.number, two.clear.previous, two.clear.device) == (2, one.hash, None)
    assert one.clear.salt != two.clear.salt


def test_nothing_to_write_is_no_change():
    (ann,) = meet("ann")
    assert ann.write() == []
    assert list(ann.log.lanes()) == []


def test_a_header_tells_the_action_and_who_acts():
    (ann,) = meet("ann")
    draft = Draft(
        [Edit("people", None, op.Create(1))],
        b"action!!",
        -7,
        header.REDO,
        b"undone!!",
        b"station's member"[:16],
    )
    ann.absorber.write(ann.author.compose(draft, ann.absorber.team))
    told = ann.book.applied[0].header
    assert (told.action, told.stamp, told.kind, told.of) == (
        b"action!!",
        -7,
        header.REDO,
        b"undone!!",
    )
    assert told.member == b"station's member"
    assert ann.book.applied[0].cause.stamp == -7


def test_a_large_transaction_is_a_group_of_changes_within_bounds():
    ann, bob = meet("ann", "bob")
    edits = []
    for i in range(2000):
        edits.append(Edit("people", None, op.Create(i)))
        edits.append(Edit("people", own(2 * i), op.Set({"name": f"person {i}", "text": "x" * 60})))
    raw = ann.write(*edits)
    changes = [envelope.decode(each) for each in raw]
    assert len(raw) > 3
    assert [change.clear.group_end for change in changes] == [False] * (len(raw) - 1) + [True]
    for change in changes:
        assert sum(len(part or b"") - 16 for part in change.parts[1:]) <= MAX_PLAIN_BYTES
        assert len(change.parts) <= envelope.MAX_PARTS
    bob.take(*raw)
    assert bob.state() == ann.state()
    made = [part for change in bob.book.applied for part in change.parts]
    assert len(made) == 2000
    assert [part.operations[0][1].id for part in made] == list(range(2000))


def test_a_record_with_very_many_operations_goes_on_in_the_next_change():
    ann, bob = meet("ann", "bob")
    edits = [Edit("people", None, op.Create(1))]
    edits += [Edit("people", own(0), op.Include("tags", (f"tag {i}",))) for i in range(9000)]
    edits.append(Edit("people", own(0), op.Exclude("tags", (("tag 3", (own(4),)),))))
    raw = ann.write(*edits)
    assert len(raw) > 2
    bob.take(*raw)
    assert bob.book.applied == ann.book.applied
    parts = [part for change in bob.book.applied for part in change.parts]
    assert {part.record for part in parts} == {RECORD}
    operations = [each for part in parts for each in part.operations]
    ((_, (named,)),) = operations[-1][1].removed
    assert dict(operations)[named] == op.Include("tags", ("tag 3",))


@pytest.mark.parametrize(
    "size", [MAX_PLAIN_BYTES - 30, MAX_PLAIN_BYTES, 3 * MAX_PLAIN_BYTES, 1_000_000]
)
def test_an_operation_of_any_size_arrives_whole(size):
    ann, bob = meet("ann", "bob")
    raw, record = ann.create(name="x", text="ž" * (size // 2), after=[1, 2.0])
    raw += ann.write(
        Edit("people", record, op.Exclude("t", (("y" * size, (record,)),))),
        Edit("people", record, op.Set({"after": 1})),
    )
    assert all(len(each) <= envelope.MAX_CHANGE_BYTES for each in raw)
    bob.take(*raw)
    assert bob.book.applied == ann.book.applied
    told = [
        operation
        for change in bob.book.applied
        for part in change.parts
        for _, operation in part.operations
    ]
    assert op.Exclude("t", (("y" * size, (record,)),)) in told
    assert len([each for each in told if type(each) is op.Set]) == 2
    assert told[-1] == op.Set({"after": 1})


def test_an_operation_in_pieces_has_the_dot_of_its_last_piece():
    (ann,) = meet("ann")
    raw = ann.write(
        Edit("people", None, op.Create(1)),
        Edit("people", own(0), op.Include("t", ("x" * 100_000,))),
        Edit("people", own(0), op.Exclude("t", (("x", (own(1),)),))),
    )
    assert len(raw) == 3
    told = dict(
        each for change in ann.book.applied for part in change.parts for each in part.operations
    )
    (removal,) = [each for each in told.values() if type(each) is op.Exclude]
    (named,) = removal.removed[0][1]
    assert type(told[named]) is op.Include
    assert named == Dot(0, 3, 1 << 16)


def test_more_feeds_than_one_header_holds_are_named_by_the_whole_group(monkeypatch):
    monkeypatch.setattr(author, "MAX_DEPENDENCIES", 3)
    names = [f"d{i}" for i in range(8)]
    devices = meet("ann", "bob", *names)
    ann, bob = devices[:2]
    mail = [raw for device in devices[2:] for raw in device.create(n=1)[0]]
    ann.take(*mail)
    raw, _ = ann.create(n=2)
    assert [len(change.header.dependencies) for change in ann.book.applied[-3:]] == [3, 3, 2]
    bob.take(*raw)
    assert bob.book.applied == []
    bob.take(*mail)
    assert bob.state() == ann.state()


def test_what_is_read_back_here_is_what_others_read():
    ann, bob = meet("ann", "bob")
    raw, _ = ann.create(half="a\ud800", big=1 << 99, deep=[{"x": [1.0, None]}])
    bob.take(*raw)
    assert bob.book.applied == ann.book.applied


# ------------------------------------------------------------------------------------- refusals


def test_a_name_that_fits_into_no_change_is_refused_before_anything_is_written():
    (ann,) = meet("ann")
    with pytest.raises(RefusedOperationError, match="Nothing was saved"):
        ann.create("x" * 70_000)
    assert list(ann.log.lanes()) == []
    _, record = ann.create(n=1)
    with pytest.raises(RefusedOperationError, match="name that is too long"):
        ann.write(Edit("x" * 70_000, record, op.Set({"a": 1})))
    assert len(ann.state()) == 1


def test_a_value_beyond_all_bounds_is_refused(monkeypatch):
    monkeypatch.setattr("storage.changes.pack.MAX_OPERATION_BYTES", 100_000)
    (ann,) = meet("ann")
    with pytest.raises(RefusedOperationError, match="MB"):
        ann.create(text="x" * 200_000)


def test_what_is_nowhere_cannot_be_named():
    (ann,) = meet("ann")
    with pytest.raises(RefusedOperationError, match="not here"):
        ann.set(Dot(NOWHERE, 1, 1 << 16), a=1)


def test_without_the_key_of_the_epoch_nothing_is_written():
    (ann,) = meet("ann")
    ann.keys._epochs.clear()
    with pytest.raises(UnknownEpochError):
        ann.create(n=1)


@pytest.mark.parametrize(
    "operation",
    [
        op.Create(-1),
        op.Set({"a": float("nan")}),
        op.Add("n", Fraction(1, 3)),
        op.ItemNew("l", b"", {}),
    ],
    ids=repr,
)
def test_what_nobody_could_read_is_refused_here(operation):
    (ann,) = meet("ann")
    _, record = ann.create(n=1)
    with pytest.raises(RefusedOperationError, match="Nothing was saved"):
        ann.write(Edit("people", None if type(operation) is op.Create else record, operation))
    large = op.Include("t", ("x" * 100_000, float("inf")))
    with pytest.raises(RefusedOperationError, match="Nothing was saved"):
        ann.write(Edit("people", record, large))
    assert len(ann.state()) == 1


def test_a_draft_out_of_bounds_is_refused_here():
    (ann,) = meet("ann")
    draft = Draft([Edit("people", None, op.Create(1))], b"short", 0)
    with pytest.raises(RefusedOperationError, match="header"):
        ann.author.compose(draft, ann.absorber.team)


def test_a_feed_with_numbers_that_are_not_decided_is_left():
    ann, bob = meet("ann", "bob")
    other, record = bob.create(n=0)
    raw, _ = ann.create(n=1)
    ann.take(*other)
    raw += ann.set(Dot(1, 1, record.at), n=2)
    back = Device("ann", Chain.of("ann", "bob")).knows(ann, bob)
    back.take(*raw)
    back.author.feed = ann.author.feed
    back._count = 300
    again, _ = back.create(n=3)
    assert back.author.feed != ann.author.feed
    assert envelope.decode(again[0]).clear.number == 1
    assert bob.take(*raw, *again)[-1].standing is Standing.ACCEPTED
