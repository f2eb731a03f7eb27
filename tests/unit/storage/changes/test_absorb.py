"""Changes that come twice, in a wrong order, too early, in pieces, forged or damaged."""

from __future__ import annotations

import itertools

import pytest

from storage.changes import envelope, parts
from storage.changes.absorb import Quota, Standing
from storage.changes.accept import Verdict
from storage.changes.coalesce import Edit, own
from storage.changes.header import Dependency
from storage.changes.log import Why
from storage.changes.parts import Part, Piece
from storage.crdt.dots import Dot, Ref
from storage.crdt.operations import Create, Include, Set
from sync.keys import SharedKey
from tests.support.changes import (
    OTHERS,
    Chain,
    Device,
    forge,
    head,
    meet,
    one_part,
    place_hash,
    standings,
)

# ------------------------------------------------------------------------------ order and links


def test_what_one_device_writes_another_one_has_after_absorbing():
    ann, bob = meet("ann", "bob")
    raw, record = ann.create(name="x")
    assert standings(bob.take(*raw)) == [Standing.ACCEPTED]
    answer = bob.set(Dot(0, 1, record.at), name="y")
    assert standings(ann.take(*answer)) == [Standing.ACCEPTED]
    assert ann.state() == bob.state()
    assert ann.book.applied[-1].cause.seen == {0: 1}
    assert ann.book.applied[-1].parts[0].record == record
    assert ann.absorber.positions() == bob.absorber.positions() == bob.absorber.clipped()


def test_a_change_that_comes_again_is_known():
    ann, bob = meet("ann", "bob")
    raw, _ = ann.create(name="x")
    assert standings(bob.take(*raw, *raw)) == [Standing.ACCEPTED, Standing.DUPLICATE]
    assert standings(bob.take(*raw)) == [Standing.DUPLICATE]
    assert standings(ann.take(*raw)) == [Standing.DUPLICATE]
    assert len(bob.book.applied) == 1


def test_every_order_of_arrival_gives_the_same():
    ann, bob = meet("ann", "bob")
    first, record = ann.create(name="1")
    mail = [*first, *ann.set(record, name="2")]
    bob.take(*mail)
    mail += bob.set(Dot(0, 1, record.at), name="3")
    ann.take(*mail)
    mail += ann.set(record, name="4")
    for order in itertools.permutations(mail):
        late = Device("cid", Chain.of("ann", "bob")).knows(ann, bob)
        for raw in order:
            late.take(raw)
        assert late.state() == ann.state()
        assert late.log.held_room() == (0, 0)


def test_what_waits_says_for_what():
    ann, bob = meet("ann", "bob")
    first, record = ann.create(name="1")
    second = ann.set(record, name="2")
    bob.take(*first, *second)
    answer = bob.set(Dot(0, 1, record.at), name="3")
    late = Device("cid", Chain.of("ann", "bob")).knows(ann, bob)
    (linkless,) = late.take(*second)
    assert (linkless.standing, linkless.why) == (Standing.HELD, Why.LINK)
    (waiting,) = late.take(*answer)
    assert (waiting.standing, waiting.why) == (Standing.HELD, Why.DEPENDENCY)
    assert standings(late.take(*second, *answer)) == [Standing.DUPLICATE] * 2
    late.take(*first)
    assert late.absorber.standing(envelope.decode(answer[0]).hash).standing is Standing.ACCEPTED
    assert late.state() == bob.state()


def test_a_change_waits_for_the_chain_record_that_its_author_knew():
    ann, bob = meet("ann", "bob")
    longer = Chain.of("ann", "bob").then()
    ann.absorber.extend(longer)
    raw, record = ann.create(name="x")
    more = ann.set(record, name="y")
    assert [outcome.why for outcome in bob.take(*raw, *more)] == [Why.HEAD, Why.LINK]
    assert bob.absorber.positions() == {}
    bob.absorber.extend(longer)
    assert bob.state() == ann.state()
    assert bob.log.held_room() == (0, 0)


def test_a_change_waits_for_the_key_of_its_epoch():
    ann, bob = meet("ann", "bob")
    bob.keys._epochs.clear()
    raw, _ = ann.create(name="x")
    (outcome,) = bob.take(*raw)
    assert (outcome.standing, outcome.why) == (Standing.HELD, Why.KEY)
    bob.keys.learn_epoch(0, SharedKey(b"\1" * 32))
    bob.absorber.wake()
    assert bob.state() == ann.state()


def test_a_group_is_applied_when_all_of_it_is_here():
    ann, bob = meet("ann", "bob")
    raw, _ = ann.create(text="z" * 150_000)
    assert len(raw) > 2
    for each in raw[:-1]:
        (outcome,) = bob.take(each)
        assert (outcome.standing, outcome.why) == (Standing.HELD, Why.GROUP)
    assert bob.book.applied == []
    assert standings(bob.take(raw[-1])) == [Standing.ACCEPTED]
    assert [change.cause.number for change in bob.book.applied] == list(range(1, len(raw) + 1))
    (text,) = [
        operation.values["text"]
        for change in bob.book.applied
        for part in change.parts
        for _, operation in part.operations
        if isinstance(operation, Set)
    ]
    assert text == "z" * 150_000
    bob.absorber.settling.rebuild()
    assert bob.state() == ann.state()


def test_a_change_with_a_part_left_out_must_come_again():
    ann, bob = meet("ann", "bob")
    raw, _ = ann.create(name="x")
    less = envelope.without_parts(envelope.decode(raw[0]), frozenset({1}))
    (outcome,) = bob.take(less)
    assert (outcome.standing, outcome.why) == (Standing.HELD, Why.PART)
    assert bob.absorber.positions() == {}
    assert standings(bob.take(*raw)) == [Standing.ACCEPTED]
    assert standings(bob.take(less)) == [Standing.DUPLICATE]


# --------------------------------------------------------------------------------- genuineness


def test_one_signature_at_the_end_proves_a_run():
    ann, bob = meet("ann", "bob")
    first, record = ann.create(name="0")
    run = [*first, *(raw for i in range(20) for raw in ann.set(record, name=str(i)))]
    checked = []
    verify = bob.keys.verify
    bob.absorber._sealer = Counting(bob.keys, checked)
    assert set(standings(bob.take(*run))) == {Standing.ACCEPTED}
    assert len(checked) == 1
    assert verify(ann.id, *checked[0])


class Counting:
    """A keyring that counts what it is asked to verify."""

    def __init__(self, keys, checked):
        self._keys, self._checked = keys, checked

    def __getattr__(self, name):
        return getattr(self._keys, name)

    def verify(self, device, clear, signature):
        self._checked.append((clear, signature))
        return self._keys.verify(device, clear, signature)


def test_a_forged_end_of_a_run_does_not_harm_its_beginning():
    ann, bob = meet("ann", "bob")
    first, record = ann.create(name="0")
    second = ann.set(record, name="1")
    change = envelope.decode(second[0])
    forged = envelope.assemble(change.clear, change.signed, bytes(64), change.parts).raw
    good, bad = bob.take(*first, forged)
    assert (good.standing, bad.standing) == (Standing.ACCEPTED, Standing.REFUSED)
    assert "not signed" in bad.why
    assert standings(bob.take(*second)) == [Standing.ACCEPTED]


def test_a_held_forgery_is_dropped_when_its_turn_comes():
    ann, bob = meet("ann", "bob")
    first, record = ann.create(name="0")
    second = ann.set(record, name="1")
    change = envelope.decode(second[0])
    forged = envelope.assemble(change.clear, change.signed, bytes(64), change.parts).raw
    assert standings(bob.take(forged, *second)) == [Standing.HELD] * 2
    bob.take(*first)
    assert bob.state() == ann.state()
    assert bob.log.held_room() == (0, 0)
    assert bob.absorber.standing(envelope.decode(forged).hash).standing is Standing.REFUSED


def test_another_device_cannot_go_on_in_a_feed():
    ann, bob, cid = meet("ann", "bob", "cid")
    raw, _ = ann.create(name="x")
    change = envelope.decode(raw[0])
    stolen = forge(bob, number=2, device=None, feed=change.clear.feed, previous=change.hash)
    assert standings(cid.take(*raw, stolen)) == [Standing.ACCEPTED, Standing.REFUSED]


def test_a_change_of_another_workspace_is_refused():
    ann, bob = meet("ann", "bob")
    (outcome,) = bob.take(forge(ann, workspace=b"v" * 32))
    assert (outcome.standing, outcome.why) == (
        Standing.REFUSED,
        "It belongs to another workspace.",
    )


def test_a_change_that_breaks_its_feed_is_refused():
    ann, bob = meet("ann", "bob")
    longer = Chain.of("ann", "bob").then()
    bob.absorber.extend(longer)
    first = forge(ann, place=1, head=place_hash(1))
    link = {"device": None, "previous": envelope.decode(first).hash, "number": 2}
    assert standings(bob.take(first)) == [Standing.ACCEPTED]
    for wrong, why in (
        ({"place": 0}, "before the one"),
        ({"place": 0, "head": place_hash(1)}, "before the one"),
        ({"number": 3, "place": 1, "head": place_hash(1)}, "not the one before it"),
        ({"feed": b"G" * 16, "place": 1, "head": place_hash(1)}, "not the one before it"),
    ):
        (outcome,) = bob.take(forge(ann, **{**link, **wrong}))
        assert outcome.standing is Standing.REFUSED
        assert why in outcome.why
    follower = forge(ann, **{**link, "place": 0})
    after = forge(ann, device=None, number=3, previous=envelope.decode(follower).hash)
    assert [o.why for o in bob.take(follower, after)][1] == "It follows a change that was refused."


# ----------------------------------------------------------------- genuine, and cannot be read

GOOD = one_part([1, 5], record=None)


@pytest.mark.parametrize(
    "plains",
    [
        (b"no header",),
        (head(), b"no part"),
        (head(), one_part([2, {"a": 1}], record=(0, 1, OTHERS))),
        (head(), one_part([0, False, b"piece"])),
        (head(), one_part([0, False, b"piece"]), one_part([16])),
        (
            head(),
            one_part([0, False, b"piece"]),
            one_part([0, True, b"x"], record=(-1, 1, 9 << 16)),
        ),
        (head(), one_part([0, True, b"no operation"])),
        (head(), one_part([0, True, b"\x91\x10"], [16])),
    ],
)
def test_what_its_author_sealed_and_nobody_can_read_is_set_aside(plains):
    ann, bob = meet("ann", "bob")
    (outcome,) = bob.take(forge(ann, *plains))
    assert (outcome.standing, outcome.why) == (Standing.REJECTED, Verdict.BROKEN)
    assert bob.book.applied == []
    assert list(bob.absorber.set_aside()) == [(Ref(0, 1), Verdict.BROKEN)]
    assert [position.number for position in bob.absorber.positions().values()] == [1]
    assert bob.absorber.clipped() == {}


def test_what_follows_an_unreadable_change_does_not_count_either():
    ann, bob = meet("ann", "bob")
    bad = forge(ann, b"no header")
    after = forge(ann, head(), GOOD, device=None, number=2, previous=envelope.decode(bad).hash)
    assert standings(bob.take(bad, after)) == [Standing.REJECTED] * 2
    assert [verdict for _, verdict in bob.absorber.set_aside()] == [Verdict.BROKEN] * 2


def test_what_was_sealed_with_another_key_is_set_aside():
    ann, bob = meet("ann", "bob")
    ann.keys.learn_epoch(0, SharedKey(b"?" * 32))
    (outcome,) = bob.take(forge(ann, head(), GOOD))
    assert outcome.why is Verdict.BROKEN


def test_operations_of_a_later_version_are_passed_on_and_harm_nothing():
    ann, bob = meet("ann", "bob")
    raw = forge(ann, head(), one_part([1, 5], [77, "later"], [2, {"a": 1}], record=None))
    assert standings(bob.take(raw)) == [Standing.ACCEPTED]
    operations = bob.book.applied[0].parts[0].operations
    assert [(dot.at & 0xFFFF, type(each)) for dot, each in operations] == [(0, Create), (2, Set)]
    assert bob.log.raw(0, 1) == raw


def test_a_dot_outside_its_authors_past_is_nowhere():
    ann, bob = meet("ann", "bob")
    include = parts.encode(
        Part("people", Dot(0, 1, OTHERS), (Include("tags", ("a",)),)), lambda dot: (-1, 5, OTHERS)
    )
    assert standings(bob.take(forge(ann, head(), GOOD, include))) == [Standing.ACCEPTED]
    assert len(bob.book.applied[0].parts) == 1


# ---------------------------------------------------------------------------------- dependencies


def test_a_dependency_on_what_never_comes_stops_only_its_author():
    ann, bob, cid = meet("ann", "bob", "cid")
    missing = Dependency(b"Z" * 16, cid.id, 3, b"z" * 32, 0)
    (outcome,) = bob.take(forge(ann, head(dependencies=(missing,)), GOOD))
    assert (outcome.standing, outcome.why) == (Standing.HELD, Why.DEPENDENCY)
    raw, _ = cid.create(name="x")
    assert standings(bob.take(*raw)) == [Standing.ACCEPTED]


def test_each_change_names_every_feed_that_advanced_since_the_one_before():
    ann, bob, cid = meet("ann", "bob", "cid")
    one, record = ann.create(name="1")
    two = ann.set(record, name="2")
    bob.take(*one)
    three = bob.set(Dot(0, 1, record.at), name="3")
    cid.take(*one, *two, *three)
    cid.create()
    cid.create()
    first, second = cid.book.applied[-2:]
    assert [(d.number, d.device) for d in first.header.dependencies] == [(2, ann.id), (1, bob.id)]
    assert second.header.dependencies == ()
    assert second.cause.seen is first.cause.seen
    cid.take(*ann.set(record, name="4"))
    cid.create()
    (third,) = cid.book.applied[-1].header.dependencies
    assert (third.number, third.device) == (3, None)


# ---------------------------------------------------------------------------------------- quota


def test_what_is_held_is_bounded():
    ann, bob = meet("ann", "bob")
    first, record = ann.create(name="0")
    rest = [raw for i in range(5) for raw in ann.set(record, name=str(i))]
    small = Device("cid", Chain.of("ann", "bob"), quota=Quota(3, 1 << 20)).knows(ann, bob)
    outcomes = small.take(*rest)
    assert standings(outcomes) == [Standing.HELD] * 3 + [Standing.REFUSED] * 2
    assert "can be asked for again" in outcomes[-1].why
    small.take(*first)
    assert len(small.state()) == 4
    assert standings(small.take(*rest[3:])) == [Standing.ACCEPTED] * 2
    tight = Device("cid", Chain.of("ann", "bob"), quota=Quota(100, 10)).knows(ann, bob)
    assert standings(tight.take(rest[0])) == [Standing.REFUSED]


def test_bytes_that_are_no_change_are_refused_and_the_rest_is_taken():
    ann, bob = meet("ann", "bob")
    raw, _ = ann.create(name="x")
    outcomes = bob.take(b"", *raw, b"\xc1")
    assert standings(outcomes) == [Standing.REFUSED, Standing.ACCEPTED, Standing.REFUSED]
    assert "What came is not a change" in outcomes[0].why
    assert outcomes[0].hash is None
    assert bob.absorber.standing(b"?" * 32).standing is Standing.REFUSED


def test_an_edit_may_name_another_of_its_transaction():
    ann, bob = meet("ann", "bob")
    raw = ann.write(
        Edit("people", None, Create(1)),
        Edit("people", own(0), Include("tags", ("a",))),
        Edit("places", None, Create(2)),
        Edit("places", own(2), Set({"a": 1})),
    )
    bob.take(*raw)
    assert [part.record for part in bob.book.applied[0].parts] == [
        Dot(0, 1, 1 << 16),
        Dot(0, 1, 2 << 16),
    ]
    assert bob.book.applied[0].parts == ann.book.applied[0].parts


def test_a_piece_left_open_at_the_end_of_a_group_is_set_aside():
    ann, bob = meet("ann", "bob")
    piece = parts.encode(
        Part("people", Dot(0, 1, OTHERS), (Piece(False, b"x"),)), lambda dot: (-1, 1, dot.at)
    )
    (outcome,) = bob.take(forge(ann, head(), GOOD, piece))
    assert outcome.why is Verdict.BROKEN


def test_an_operation_in_pieces_beyond_all_bounds_is_set_aside(monkeypatch):
    monkeypatch.setattr("storage.changes.opening.MAX_OPERATION_BYTES", 10)
    ann, bob = meet("ann", "bob")
    (outcome,) = bob.take(forge(ann, head(), GOOD, one_part([0, True, b"x" * 11])))
    assert outcome.why is Verdict.BROKEN


def test_a_header_that_was_left_out_makes_a_change_come_again():
    ann, bob = meet("ann", "bob")
    raw, _ = ann.create(name="x")
    less = envelope.without_parts(envelope.decode(raw[0]), frozenset({0}))
    assert [outcome.why for outcome in bob.take(less)] == [Why.PART]


def test_a_feed_that_cannot_be_told_from_its_header_makes_a_change_unreadable():
    ann, bob = meet("ann", "bob")
    named = head(feeds=(b"x" * 17,))
    (outcome,) = bob.take(forge(ann, named, GOOD))
    assert outcome.why is Verdict.BROKEN
