"""Whatever a member of the team signs as a snapshot, it is refused in words, or has the digest that it names."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator

import msgspec
import pytest

from storage import Store
from storage.snapshot import UnfitSnapshotError, manifest
from storage.snapshot.manifest import Manifest
from tests.support.founders import founder
from tests.unit.storage.test_verify_changes import families, fill

ME = founder(families)


class Forger:
    """Makes other snapshots out of one; every hash and signature of them is right."""

    def __init__(self, store: Store) -> None:
        sealed: list[bytes] = []
        raw = store.take_snapshot(lambda _, chunk: sealed.append(chunk))
        self.head = manifest.read(raw, ME).manifest
        self.plains = [self._plain(i, chunk) for i, chunk in enumerate(sealed)]

    def _plain(self, i: int, sealed: bytes) -> bytes:
        salt = manifest._salt(self.head.salt, i)
        (plain,) = ME.sealer.open_all(self.head.epoch, salt, (sealed,))
        return zlib.decompress(msgspec.msgpack.decode(plain or b"")[2])

    def forged(self, i: int, plain: bytes) -> tuple[bytes, list[bytes]]:
        """The head and chunks of one whose chunk `i` unpacks to other bytes."""
        plains = [*self.plains[:i], plain, *self.plains[i + 1 :]]
        head = self.head
        chunks = [
            manifest.seal(ME.sealer, head.epoch, head.salt, at, msgspec.Raw(each))
            for at, each in enumerate(plains)
        ]
        return self.signed(chunks=tuple(map(manifest.chunk_hash, chunks))), chunks

    def signed(self, **other: object) -> bytes:
        """A head that says something else."""
        head: Manifest = msgspec.structs.replace(self.head, **other)
        return manifest.write(head, ME.sealer)


@pytest.fixture(scope="module")
def forger() -> Iterator[Forger]:
    """What a store with a bit of everything gives."""
    with pytest.MonkeyPatch.context() as patched, Store(identity=ME) as store:
        patched.setattr("storage.snapshot.taking.ROWS", 25)
        fill(store)
        yield Forger(store)


def bent(data: bytes, dice: random.Random) -> bytes:
    """Bytes with some turned, added, missing or said twice."""
    made = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(made))
        match dice.randrange(4):
            case 0:
                made[at] ^= 1 << dice.randrange(8)
            case 1:
                made[at : at + dice.randint(1, 4)] = b""
            case 2:
                made[at:at] = dice.randbytes(dice.randint(1, 4))
            case _:
                made[at:at] = made[at : at + dice.randint(1, 60)]
    return bytes(made)


@pytest.mark.parametrize(
    "seeds", [range(60), pytest.param(range(60, 2060), marks=pytest.mark.full)], ids=len
)
def test_other_contents_are_refused_or_have_the_digest_that_they_name(
    forger: Forger, seeds: range
) -> None:
    refused = 0
    for seed in seeds:
        dice = random.Random(seed)
        i = dice.randrange(len(forger.plains))
        head, chunks = forger.forged(i, bent(forger.plains[i], dice))
        with Store() as shown:
            try:
                state = shown.show_snapshot(head, chunks.__getitem__, ME)
            except UnfitSnapshotError:
                refused += 1
                assert shown.shown_snapshot is None or not shown.shown_snapshot.complete
            else:
                assert state.complete
                report = shown.verify()
                assert report.problems == (), seed
    assert refused > len(seeds) / 2


def test_a_head_with_other_lanes_is_refused(forger: Forger) -> None:
    _, chunks = forger.forged(0, forger.plains[0])
    (first, *others) = forger.head.lanes
    renamed = msgspec.structs.replace(first, names=((0, b"n" * 16),))
    for lanes in ((), tuple(others), (renamed, *others)):
        head = forger.signed(lanes=lanes, chunks=tuple(map(manifest.chunk_hash, chunks)))
        with Store() as shown, pytest.raises(UnfitSnapshotError):
            shown.show_snapshot(head, chunks.__getitem__, ME)


def test_chunks_in_another_order_are_refused(forger: Forger) -> None:
    _, chunks = forger.forged(0, forger.plains[0])
    chunks[1], chunks[2] = chunks[2], chunks[1]
    head = forger.signed(chunks=tuple(map(manifest.chunk_hash, chunks)))

    with Store() as shown, pytest.raises(UnfitSnapshotError, match="cannot be read"):
        shown.show_snapshot(head, chunks.__getitem__, ME)
