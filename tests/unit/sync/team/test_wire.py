"""The bytes of records: one form for one meaning, bounded, and nothing else gets in."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from sync import keys
from sync.errors import ForgedRecordError, MalformedRecordError, NewerRecordError
from sync.membership import Card, Proposal, Record, Rotate
from sync.team import wire
from tests.support.teams import (
    ANN,
    Machine,
    ends_of,
    fresh_of,
    hash_of,
    id_of,
    signed,
    twisted,
)


@pytest.fixture
def raw(world):
    return world.keeper.append(Rotate())


def unpacked(raw):
    return msgspec.msgpack.decode(raw)


packed = msgspec.msgpack.encode


def test_a_record_is_read_as_it_was_written(raw):
    record = Record.parse(raw)
    assert record.raw == raw
    assert record.act == Rotate()
    assert wire.encode(wire.Envelope(wire.encode(record.body), record.signature)) == raw


def test_a_record_is_named_by_the_hash_of_its_bytes(raw):
    again = Record.parse(raw)
    assert again.hash == Record.parse(raw).hash
    assert again.hash != wire.digest(raw[:-1] + bytes([raw[-1] ^ 1]))


@pytest.mark.parametrize("cut", [0, 1, 2, 50, -1])
def test_a_cut_record_is_refused(raw, cut):
    with pytest.raises(MalformedRecordError):
        Record.parse(raw[:cut])


@pytest.mark.parametrize("tail", [b"\0", b"\xc0", b"\x90"])
def test_bytes_after_a_record_are_refused(raw, tail):
    with pytest.raises(MalformedRecordError):
        Record.parse(raw + tail)


def test_a_field_too_many_is_refused(raw):
    body, signature = unpacked(raw)
    for many in ([body, signature, None], [packed([*unpacked(body), None]), signature]):
        with pytest.raises(MalformedRecordError):
            Record.parse(packed(many))


def test_a_number_in_a_longer_form_than_needed_is_refused(raw):
    body, signature = unpacked(raw)
    assert body[1] == wire.VERSION
    longer = body[:1] + b"\xcc\x01" + body[2:]  # 1 as uint 8 instead of fixint
    assert unpacked(longer) == unpacked(body)
    with pytest.raises(MalformedRecordError, match="shortest form"):
        Record.parse(packed([longer, signature]))


def test_a_record_over_its_bound_is_refused_before_it_is_read():
    with pytest.raises(MalformedRecordError, match="128 KiB"):
        Record.parse(b"\xdd" + b"\xff" * wire.RECORD_BYTES)


def test_deep_nesting_and_huge_headers_are_refused():
    for hostile in (b"\x91" * 5000, b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\xdf" * 90):
        with pytest.raises(MalformedRecordError):
            Record.parse(hostile)


def test_text_that_is_no_text_is_refused(world):
    raw = world.keeper.append(
        world.keeper.adding_member("editor", "Bob", Machine.of("Bob", "a").card, "a")
    )
    body = body_with_act(raw, lambda act: act.replace(b"\xa6editor", b"\xa6edit\xff\xfe"))
    with pytest.raises(MalformedRecordError):
        Record.parse(body)


def body_with_act(raw, change):
    body, signature = unpacked(raw)
    fields = unpacked(body)
    changed = change(fields[6])
    assert changed != fields[6]
    fields[6] = changed
    return packed([packed(fields), signature])


def test_a_record_of_a_newer_version_says_so(raw):
    body, signature = unpacked(raw)
    newer = body[:1] + b"\x02" + body[2:]
    with pytest.raises(NewerRecordError, match="newer version"):
        Record.parse(packed([newer, signature]))


def test_a_record_of_no_version_is_malformed(raw):
    body, signature = unpacked(raw)
    with pytest.raises(MalformedRecordError):
        Record.parse(packed([body[:1] + b"\x00" + body[2:], signature]))


def test_an_act_that_only_a_newer_version_knows_says_so(raw):
    with pytest.raises(NewerRecordError):
        Record.parse(body_with_act(raw, lambda _: packed([wire.NEWEST_ACT + 1, b"?"])))


def test_the_newest_act_is_the_last_of_the_list():
    tags = [act.__struct_config__.tag for act in get_args(wire.Act)]
    assert tags == list(range(wire.NEWEST_ACT + 1))


def test_a_record_holds_an_act_or_a_proposal_and_not_both(world, raw):
    otto = world.add("Otto", role="owner")
    proposal = Proposal.parse(otto.pen(world.state, world.chance).propose(Rotate())).signed
    for fields in ({"act": None}, {"proposal": proposal}):
        with pytest.raises(MalformedRecordError, match="either an act or a proposal"):
            Record.parse(twisted(ANN, raw, **fields))


def test_lists_are_in_order_and_name_nothing_twice(world):
    bob = world.add("Bob")
    raw = world.keeper.append(wire.RemoveMember(bob.member), ends_of(bob, f1=1, f2=2))
    body = Record.parse(raw).body
    fence, fresh = body.fences[0], fresh_of(raw)
    sealed = fresh.devices[0]
    feeds = fence.feeds
    for changes in (
        {"fences": (wire.Fences(bob.device, feeds[::-1]),)},
        {"fences": (wire.Fences(bob.device, (feeds[0], feeds[0])),)},
        {"fences": (fence, fence)},
        {"leaving": (bob.device, bob.device)},
        {"fresh": msgspec.structs.replace(fresh, devices=(sealed, sealed))},
    ):
        with pytest.raises(MalformedRecordError, match="out of order"):
            Record.parse(twisted(ANN, raw, **changes))


def test_closed_feeds_and_votes_are_in_order_too(world):
    ends = world.keeper.closing(
        ANN.device, {id_of("a"): [(1, hash_of("a"))], id_of("b"): [(1, hash_of("b"))]}
    ).ends
    bent = wire.CloseFeeds(wire.Fences(ANN.device, ends.feeds[::-1]))
    raw = world.keeper.append(wire.CloseFeeds(ends))
    with pytest.raises(MalformedRecordError, match="out of order"):
        Record.parse(twisted(ANN, raw, act=wire.encode(bent)))


def test_a_feed_without_a_change_that_counts_is_not_listed(world):
    closing = world.keeper.closing(ANN.device, {id_of("a"): [(0, wire.ZERO)]})
    assert closing.ends.feeds == ()
    zero = wire.encode(wire.CloseFeeds(wire.Fences(ANN.device, ())))
    bent = zero[:-1] + packed([[id_of("a"), 0, wire.ZERO]])
    with pytest.raises(MalformedRecordError):
        wire.decode_act(bent)


def test_nobody_proposes_a_takeover_or_a_genesis(world):
    body = wire.ProposalBody(
        1,
        world.state.workspace,
        0,
        ANN.device,
        id_of("x"),
        wire.encode(Record.parse(world.founded.raw).act),
    )
    data = wire.encode(body)
    with pytest.raises(MalformedRecordError, match="proposed to nobody"):
        Proposal.parse(wire.encode(wire.SignedProposal(data, bytes(64))))


def test_a_card_is_signed_by_its_own_key():
    bob, eve = Machine.of("Bob", "a"), Machine.of("Eve", "a")
    assert Card.read(bob.card).device == bob.device
    with pytest.raises(ForgedRecordError):
        Card.read(wire.SignedCard(bob.card.card, eve.card.signature))


def test_a_card_to_which_nothing_can_be_sealed_is_refused():
    bob = Machine.of("Bob", "a")
    body = wire.decode(wire.CardBody, bob.card.card, "card")
    from sync.team.proof import CARD

    for point in (bytes(32), b"\x01" + bytes(31)):
        card = wire.encode(msgspec.structs.replace(body, box=point))
        with pytest.raises(MalformedRecordError, match="nothing can be sealed"):
            Card.read(wire.SignedCard(card, bob.keys.sign(CARD + card)))


def test_the_sizes_of_sealed_keys_are_exact(world, raw):
    body, fresh = Record.parse(raw).body, fresh_of(raw)
    for name in ("recovery", "older"):
        value = getattr(fresh, name)
        assert (
            len(value) == {"recovery": keys.SEALED_KEY_BYTES, "older": keys.WRAPPED_KEY_BYTES}[name]
        )
        for other in (value[:-1], value + b"\0"):
            bent = msgspec.structs.replace(fresh, **{name: other})
            with pytest.raises(MalformedRecordError):
                Record.parse(signed(ANN, msgspec.structs.replace(body, fresh=bent)))


def test_the_largest_removal_fits_a_record():
    feeds = tuple(
        wire.FeedEnd(i.to_bytes(16, "big"), 2**53 - 1, bytes(32)) for i in range(wire.FEEDS)
    )
    devices = tuple(i.to_bytes(16, "big") for i in range(wire.DEVICES))
    fresh = wire.FreshKey(
        2**53 - 1,
        bytes(32),
        tuple(wire.SealedTo(device, bytes(keys.SEALED_KEY_BYTES)) for device in devices),
        bytes(keys.SEALED_KEY_BYTES),
        bytes(keys.WRAPPED_KEY_BYTES),
    )
    act = wire.encode(wire.RemoveMember(bytes(16)))
    fences = (wire.Fences(devices[0], feeds), *(wire.Fences(device, ()) for device in devices[1:]))
    body = wire.Body(
        1,
        bytes(32),
        2**53 - 1,
        bytes(32),
        2**53 - 1,
        bytes(16),
        act,
        None,
        devices,
        fences,
        fresh,
        None,
    )
    raw = signed(ANN, body)
    assert Record.parse(raw).body == body
    assert len(raw) + 1024 < wire.RECORD_BYTES  # room for the proposal that asked for it
