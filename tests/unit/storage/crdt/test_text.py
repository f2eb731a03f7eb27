"""The one module that knows Loro: what goes wrong in it comes out as an error of ours, and changes nothing."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import loro
import pytest

from storage.crdt import text as guarded
from storage.crdt.text import MAX_PEER, Text, claims, replacement
from storage.errors import DamagedTextError, RefusedValueError, StorageError, UnreadableEditError


def written(content: str, peer: int = 1) -> tuple[Text, bytes]:
    text = Text()
    text.write_as(peer)
    update = text.edit(content)
    assert update is not None
    return text, update


def test_an_edit_reads_the_same_on_another_device() -> None:
    _, update = written("Grüße 😀\n\nzwei")
    other = Text()
    assert other.absorb(update)
    assert other.content == "Grüße 😀\n\nzwei"


def test_concurrent_edits_are_both_kept() -> None:
    one, first = written("the quick fox")
    other = Text()
    other.absorb(first)
    other.write_as(2)
    mine, theirs = one.edit("the quick brown fox"), other.edit("the quick fox jumps")
    assert mine is not None
    assert theirs is not None
    assert one.absorb(theirs)
    assert other.absorb(mine)
    assert one.content == other.content == "the quick brown fox jumps"


def test_a_text_opens_again_from_its_snapshot_and_goes_on_under_a_new_peer() -> None:
    one, first = written("one")
    again = Text(one.snapshot())
    again.write_as(2)
    update = again.edit("one two")
    assert update is not None
    reader = Text()
    assert reader.absorb(first, update)
    assert reader.content == "one two"


def test_an_edit_that_changes_nothing_is_none() -> None:
    text, _ = written("one")
    assert text.edit("one") is None


def test_own_edits_are_not_taken_for_somebody_elses() -> None:
    text, update = written("one")
    assert text.is_own(update)
    assert text.absorb(update)
    assert not text.is_own(update)
    assert text.overlaps(claims(update))
    assert text.content == "one"


def test_a_text_goes_on_as_its_peer_after_it_took_in_what_others_wrote() -> None:
    one, first = written("one", peer=1)
    _, foreign = written("two", peer=2)
    one.absorb(first)
    one.absorb(foreign)
    update = one.edit("three")
    assert update is not None
    assert list(claims(update)) == [1]


def test_an_edit_that_builds_on_what_is_not_there_changes_nothing() -> None:
    one, first = written("one")
    second = one.edit("one two")
    assert second is not None
    other = Text()
    assert not other.absorb(second)
    assert other.content == ""
    assert other.absorb(first, second)
    assert other.content == "one two"


def test_claims_name_the_counters_of_an_edit() -> None:
    one, first = written("abc", peer=5)
    second = one.edit("abcde")
    assert second is not None
    assert claims(first) == {5: (0, 3)}
    assert claims(second) == {5: (3, 5)}
    assert not Text().overlaps(claims(second))
    assert one.overlaps({5: (4, 9)})
    assert not one.overlaps({5: (5, 9), 6: (0, 1)})


def test_a_damaged_edit_is_refused_and_changes_nothing(dice: random.Random) -> None:
    text, update = written("The text that is to stay as it is.")
    before, refused = text.content, 0
    for _ in range(300):
        damaged = bytearray(update)
        for _ in range(dice.choice((1, 2, 8))):
            damaged[dice.randrange(len(damaged))] ^= dice.randrange(1, 256)
        try:
            claims(bytes(damaged))
            Text().absorb(bytes(damaged))
        except UnreadableEditError:
            refused += 1
        assert text.content == before
    assert refused > 200


@pytest.mark.parametrize("update", [b"", b"junk", b"loro" + bytes(100), bytes(5000)])
def test_what_is_no_edit_is_refused(update: bytes) -> None:
    text = Text()
    with pytest.raises(UnreadableEditError, match="text stays as it was"):
        claims(update)
    with pytest.raises(UnreadableEditError):
        text.absorb(update)
    assert text.content == ""


def test_a_snapshot_is_no_edit() -> None:
    text, _ = written("one")
    with pytest.raises(UnreadableEditError):
        claims(text.snapshot())


def test_a_damaged_snapshot_is_named() -> None:
    text, _ = written("one")
    snapshot = text.snapshot()
    with pytest.raises(DamagedTextError):
        Text(snapshot[:-3] + b"xyz")


def test_an_edit_that_claims_anothers_counters_is_refused_whole() -> None:
    text, _ = written("aaa", peer=5)
    _, double = written("bbbbb", peer=5)
    with pytest.raises(UnreadableEditError):
        text.absorb(double)
    assert text.content == "aaa"


def test_half_a_character_is_refused() -> None:
    text, _ = written("one")
    with pytest.raises(RefusedValueError):
        text.edit("one \ud800")
    assert text.content == "one"


@pytest.mark.parametrize("peer", [-1, MAX_PEER + 1])
def test_peer_ids_have_64_bits_less_the_librarys_own(peer: int) -> None:
    with pytest.raises(ValueError, match="peer id"):
        Text().write_as(peer)
    Text().write_as(MAX_PEER)


def test_a_text_is_opened_for_writing_before_it_is_edited() -> None:
    with pytest.raises(ValueError, match="opened for writing"):
        Text().edit("one")


def test_a_rewrite_that_takes_too_long_to_compare_is_one_replacement(dice: random.Random) -> None:
    """The comparison alone would take minutes."""
    old, new = ("".join(dice.choices("abcdefgh", k=30_000)) for _ in range(2))
    text, update = written("same start " + old + " same end")
    second = text.edit("same start " + new + " same end")
    assert second is not None
    other = Text()
    other.absorb(update, second)
    assert other.content == "same start " + new + " same end"


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("abc", "abXc", (2, 0, "X")),
        ("abc", "ac", (1, 1, "")),
        ("aaa", "aaaa", (3, 0, "a")),
        ("", "x", (0, 0, "x")),
        ("abc", "abc", (3, 0, "")),
        ("abc", "xyz", (0, 3, "xyz")),
    ],
)
def test_a_replacement_is_what_differs(old: str, new: str, wanted: tuple[int, int, str]) -> None:
    start, gone, come = replacement(old, new)
    assert (start, gone, come) == wanted
    assert old[:start] + come + old[start + gone :] == new


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, MemoryError])
def test_an_interrupt_goes_through(error: type[BaseException]) -> None:
    with pytest.raises(error):
        guarded._guarded(DamagedTextError, raising(error))


@pytest.mark.parametrize("error", [BaseException, ValueError, RuntimeError])
def test_whatever_else_the_library_raises_becomes_an_error_of_ours(
    error: type[BaseException],
) -> None:
    with pytest.raises(StorageError) as caught:
        guarded._guarded(DamagedTextError, raising(error))
    assert type(caught.value.__cause__) is error


def raising(error: type[BaseException]) -> Any:
    def call() -> None:
        raise error("why. Position: somewhere in the library")

    return call


def test_threads_share_texts_without_standing_still() -> None:
    text, _ = written("start ")
    updates = [written(f"{peer} ", peer)[1] for peer in range(2, 42)]
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(text.absorb, updates))
    assert sorted(text.content.split()) == sorted(["start", *map(str, range(2, 42))])


def test_the_library_is_the_one_that_was_measured() -> None:
    """Its updates are in every replica's history: another release is looked at first."""
    assert loro.LORO_VERSION.startswith("1.")
