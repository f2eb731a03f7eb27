"""What one store makes of another's changes: each of these was found by a simulation first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from tinydb.operations import increment
from tinydb.table import Document

from storage import Store
from storage.changes.envelope import decode
from storage.crdt import show
from storage.crdt.state import RecordState
from storage.journal.identity import Identity
from sync.keys import DeviceKeys, Keyring, SharedKey
from tests.support.changes import GENESIS, WORKSPACE, Chain, device_id
from tests.support.teams import Chance

NAMES = ("ann", "bob", "cid")
NUMBERS = count()
EVERYTHING = ["Add", "Create", "Set", "Set", "Set"]


def keys_of(name: str) -> DeviceKeys:
    return DeviceKeys.derive(name.encode().ljust(32, b"."))


@dataclass
class Peer:
    """One device's store."""

    name: str
    store: Store
    sent: int = 0

    @classmethod
    def of(cls, name: str) -> Peer:
        ring = Keyring(WORKSPACE, device_id(name), b"m" * 16, keys_of(name), GENESIS)
        for epoch in range(3):
            ring.learn_epoch(epoch, SharedKey(bytes([epoch]) * 32))
        for other in NAMES:
            ring.learn_device(device_id(other), keys_of(other).public.sign)
        chance = Chance((name, next(NUMBERS)))
        return cls(name, Store(identity=Identity(ring, Chain.of(*NAMES), chance)))

    def send(self) -> list[bytes]:
        """The changes that came into the log since this was asked last."""
        sql = "SELECT seq, body FROM change WHERE seq > ? ORDER BY seq"
        found = self.store._engine.db.writer.execute(sql, (self.sent,)).fetchall()
        if found:
            self.sent = found[-1][0]
        return [body for _, body in found]

    def take(self, changes: list[bytes]) -> None:
        with self.store.journal.writing():
            self.store.journal.receive(changes)
        self.send()

    def follow(self, team: Chain) -> None:
        with self.store.journal.writing():
            self.store.journal.extend((), team)

    def state(self, doc_id: int) -> RecordState:
        kept = self.store.journal.states.under("people", doc_id)
        assert kept is not None
        return kept.state


@pytest.fixture
def peers() -> Iterator[tuple[Peer, Peer]]:
    one, other = Peer.of("ann"), Peer.of("bob")
    yield one, other
    one.store.close()
    other.store.close()


def test_what_undo_brought_back_gives_way_to_an_edit_that_knew_it(peers):
    ann, bob = peers
    people = ann.store.table("people")
    doc_id = people.insert({"title": "one"})
    bob.take(ann.send())
    people.update({"title": "two"}, doc_ids=[doc_id])
    ann.store.past.undo()
    bob.store.table("people").update({"title": "three"}, doc_ids=[doc_id])
    to_bob, to_ann = ann.send(), bob.send()
    ann.take(to_ann)
    bob.take(to_bob)
    for peer in peers:
        assert peer.store.table("people").all() == [{"title": "three"}]
        assert show.conflicts(peer.state(doc_id)) == ()
    assert ann.store.journal.digest == bob.store.journal.digest


def test_where_nobody_who_wanted_an_id_counts_any_more_none_is_noted(peers):
    cid = Peer.of("cid")
    for peer in peers:
        peer.store.table("people").insert(Document({"by": peer.name}, doc_id=1))
        cid.take(peer.send())
    assert len(cid.store.table("people")) == 2
    team = Chain.of(*NAMES)
    for gone in ("ann", "bob"):
        team = team.then(remove=[gone])
        cid.follow(team)
    assert cid.store.table("people").all() == []
    assert cid.store.journal.digest == 0
    noted = cid.store._engine.db.writer.execute("SELECT count(*) FROM claimant").fetchone()
    assert noted == (0,)
    cid.store.close()


def test_history_is_whole_while_a_change_that_touches_a_record_twice_is_applied(peers):
    """A sum needs the additions before it, also when the change being applied stands between."""
    ann, bob = peers
    people = ann.store.table("people")
    doc_id = people.insert({"n": 1})
    bob.take(ann.send())
    mine = bob.store.table("people")
    mine.update(increment("n"), doc_ids=[doc_id])
    with ann.store.transaction():
        people.update({"title": "first"}, doc_ids=[doc_id])
        people.insert({"n": 0})
        people.update({"n": 5}, doc_ids=[doc_id])
    to_ann = bob.send()
    bob.take(ann.send())
    ann.take(to_ann)
    for peer in peers:
        assert peer.store.table("people").get(doc_id=doc_id) == {"n": 6, "title": "first"}
        done = peer.store.journal.history(peer.state(doc_id).dot)
        assert sorted(type(one.operation).__name__ for one in done) == EVERYTHING
    assert ann.store.journal.digest == bob.store.journal.digest


def test_what_stands_behind_the_last_piece_of_a_large_value_can_be_read_too(peers):
    ann, _ = peers
    people = ann.store.table("people")
    one, other = people.insert({"n": 1}), people.insert({"n": 2})
    with ann.store.transaction():
        people.update({"text": "x" * 70_000}, doc_ids=[one])
        people.update({"n": 3}, doc_ids=[other])
    assert ann.store.verify().problems == ()
    for doc_id in (one, other):
        assert len(ann.store.journal.history(ann.state(doc_id).dot)) == 3


def test_who_saw_more_stands_later_also_when_a_fence_hides_what_others_had_seen(peers):
    """What a fence cuts off was seen by the one author and not by the other, who knew the fence."""
    ann, bob = peers
    cid = Peer.of("cid")
    doc_id = ann.store.table("people").insert({"title": "none"})
    sent = ann.send()
    rest = cid.store.table("others")
    for n in range(5):
        rest.insert({"n": n})
    ann.take(cid.send())
    ann.store.table("people").update({"title": "one"}, doc_ids=[doc_id])
    sent += ann.send()
    without_cid = ann.store.journal.team.then(remove=["cid"])
    bob.take(sent)
    bob.follow(without_cid)
    bob.store.table("people").update({"title": "two"}, doc_ids=[doc_id])
    (two,) = bob.send()
    bob.store.table("people").update({"other": 1}, doc_ids=[doc_id])
    ann.follow(without_cid)
    ann.take([two, *bob.send()])
    change = decode(two)
    fence = ("bob", change.clear.feed, change.clear.number, change.hash)
    ann.follow(without_cid.then(remove=["bob"], fences=[fence]))
    assert dict(ann.store.table("people").get(doc_id=doc_id)) == {"title": "two"}
    assert show.conflicts(ann.state(doc_id)) == ()
    cid.store.close()


def test_what_was_brought_back_and_is_deleted_again_waits_for_no_decision(peers):
    ann, bob = peers
    people = ann.store.table("people")
    doc_id = people.insert({"title": "one"})
    bob.take(ann.send())
    people.trash([doc_id])
    bob.store.table("people").update({"title": "two"}, doc_ids=[doc_id])
    ann.take(bob.send())
    assert [one.field for one in ann.store.past.undecided()] == [None]
    people.trash([doc_id])
    assert ann.store.past.undecided() == []
    assert ann.store.verify().problems == ()


def test_what_is_cut_off_is_read_as_it_was_also_when_what_it_names_is_cut_off_too(peers):
    ann, _ = peers
    cid = Peer.of("cid")
    doc_id = cid.store.table("people").insert({"title": "one"})
    cid.store.journal.distrust_feed("a test")  # so that a record and an edit of it are in two feeds
    cid.store.table("people").update({"title": "two"}, doc_ids=[doc_id])
    ann.take(cid.send())
    ann.follow(ann.store.journal.team.then(remove=["cid"]))
    assert ann.store.table("people").all() == []
    assert ann.store.journal.digest == 0
    cid.store.close()
