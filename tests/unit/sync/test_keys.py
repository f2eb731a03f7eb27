"""Keys: fixed vectors, what opens and what does not, and that no secret is shown."""

from __future__ import annotations

import copy
import logging
import pickle

import pytest
from nacl import bindings
from nacl.exceptions import CryptoError

from storage.changes.errors import BrokenSealError, UnknownEpochError
from storage.changes.sealer import SALT_BYTES, TAG_BYTES, Sealer
from sync import aead
from sync.keys import SEALED_KEY_BYTES, DeviceKeys, Keyring, SealedKeyError, SharedKey, signed_by

SECRET = bytes(range(32))
WORKSPACE = b"w" * 32
SALT = b"s" * SALT_BYTES
KEY = SharedKey(b"k" * 32)
OLDER = SharedKey(b"o" * 32)


def ring(secret: bytes = SECRET, device: bytes = b"d" * 16) -> Keyring:
    made = Keyring(WORKSPACE, device, b"m" * 16, DeviceKeys.derive(secret), SharedKey(b"g" * 32))
    made.learn_epoch(0, KEY)
    return made


def test_a_keyring_is_a_sealer():
    sealer: Sealer = ring()
    assert (sealer.workspace, sealer.device, sealer.member) == (WORKSPACE, b"d" * 16, b"m" * 16)


# ------------------------------------------------------------------------------------ vectors


def test_the_keys_of_a_secret_never_change():
    public = DeviceKeys.derive(SECRET).public
    assert public.sign.hex() == "9ccb77bb80fd63e6e2cb748de9a125e997f5563aa6b0c611662436d6de1ec9d2"
    assert public.box.hex() == "ac4121c50f38e3e1dc96a0b9fe3a102b078ad0e95dfada4d32999159a0216c5c"
    assert public.curve.hex() == "4fb8e0a704cbefbd645eb6307b436b6cfa8c36f7b1ce453de84f881640da483e"


def test_what_keys_make_never_changes():
    keys = ring()
    assert keys.sign(b"clear").hex() == (
        "842b7ab635699edc1ced51b2c06921e3016ddea6ccf8644af65d52ea622488eb"
        "a77cb97b6c9ceec9d140e15b96d114b00f2ce1bd794a5e89b0d975176b91470c"
    )
    assert (
        keys.seal_all(0, SALT, [b"header", b"part"])[1].hex()
        == "5021acfce9e78c6270414f3e50b33b3925cfd7a6"
    )
    assert (
        keys.digest_key().hex()
        == "2d175b1331f65d835afdfb2e5068a8c12a467cbfa3838f32da60057da06ad304"
    )
    assert (
        KEY.commitment(7).hex()
        == "2fe7aaa9b21d5068af57e53cfd4af5990be91e64e00cf173436df51633959cfd"
    )
    assert KEY.wrap(OLDER, 7).hex() == (
        "7d45330f1c2b543c550d60e7f4e5744f1df6d1f58d37ae51592826936b787239"
        "b2e035d54fb95a0b1accc83460c0df7b"
    )
    box = DeviceKeys.derive(SECRET).public.box
    assert KEY.seal_to(box, b"r" * 32).hex() == (
        "fbf0360ba8868feb710987e2547901d98af8d2af4909a76845804c738deff712"
        "577e0e815e36a4ab5515767cf66797776f9f44d7e96313bd9cbd7e62b467037a"
        "258e72e3b5b5861ae4913cd7416c803a"
    )
    assert (
        KEY.seal_text(b"name", b"label", SALT).hex() == "4634163674604b11f42804303684f3003969cb81"
    )


def test_all_keys_of_a_device_differ():
    keys = DeviceKeys.derive(SECRET)
    assert len({*keys.public, keys.transport_secret(), SECRET}) == 5
    assert not set(keys.public) & set(DeviceKeys.derive(SECRET[::-1]).public)


@pytest.mark.parametrize("wrong", [b"", b"x" * 31, b"x" * 33])
def test_a_secret_of_a_wrong_length_is_refused(wrong):
    with pytest.raises(ValueError, match="32 bytes"):
        DeviceKeys.derive(wrong)
    with pytest.raises(ValueError, match="32 bytes"):
        SharedKey(wrong)


# ------------------------------------------------------------------------------------ signing


def test_a_signature_holds_for_its_device_and_its_bytes_only():
    keys, other = ring(), ring(b"x" * 32, b"e" * 16)
    keys.learn_device(other.device, DeviceKeys.derive(b"x" * 32).public.sign)
    signature = other.sign(b"clear")
    assert keys.verify(other.device, b"clear", signature)
    assert not keys.verify(other.device, b"cleaR", signature)
    assert not keys.verify(keys.device, b"clear", signature)
    assert not keys.verify(other.device, b"clear", bytes(64))
    assert not keys.verify(other.device, b"clear", signature[:-1])


def test_a_device_that_nobody_knows_has_signed_nothing():
    assert not ring().verify(b"?" * 16, b"clear", ring().sign(b"clear"))


def test_a_known_device_keeps_its_key():
    keys = ring()
    keys.learn_device(keys.device, DeviceKeys.derive(b"x" * 32).public.sign)
    assert keys.verify(keys.device, b"clear", keys.sign(b"clear"))


def test_what_is_signed_as_a_change_is_signed_as_nothing_else():
    keys = DeviceKeys.derive(SECRET)
    assert signed_by(keys.public.sign, b"plain", keys.sign(b"plain"))
    assert not signed_by(keys.public.sign, b"clear", ring().sign(b"clear"))
    assert not signed_by(b"no key", b"clear", ring().sign(b"clear"))


# ------------------------------------------------------------------------------------ sealing


def test_parts_open_as_they_were_sealed():
    plains = [b"header", b"", b"x" * 70_000]
    sealed = ring().seal_all(0, SALT, plains)
    assert [len(part) - len(plain) for part, plain in zip(sealed, plains, strict=True)] == [
        TAG_BYTES
    ] * 3
    assert ring().open_all(0, SALT, sealed) == tuple(plains)
    assert ring().open_all(0, SALT, [sealed[0], None, sealed[2]]) == (plains[0], None, plains[2])


def test_a_part_opens_in_its_place_of_its_change_of_its_workspace_only():
    keys = ring()
    one, two = keys.seal_all(0, SALT, [b"one", b"two"])
    elsewhere = Keyring(b"v" * 32, b"d" * 16, b"m" * 16, DeviceKeys.derive(SECRET), KEY)
    elsewhere.learn_epoch(0, KEY)
    for opener, salt, sealed in (
        (keys, SALT, [two, one]),
        (keys, b"S" * SALT_BYTES, [one, two]),
        (elsewhere, SALT, [one, two]),
        (keys, SALT, [one[:-1], two]),
        (keys, SALT, [bytes([one[0] ^ 1]) + one[1:], two]),
        (keys, SALT, [b"short", two]),
    ):
        with pytest.raises(BrokenSealError, match="changes nothing here"):
            opener.open_all(0, salt, sealed)


def test_an_epoch_whose_key_is_not_here_says_so():
    with pytest.raises(UnknownEpochError, match="epoch 5") as caught:
        ring().open_all(5, SALT, [b"x" * 20])
    assert caught.value.epoch == 5
    with pytest.raises(UnknownEpochError):
        ring().seal_all(5, SALT, [b"x"])
    with pytest.raises(UnknownEpochError):
        ring().open_aside(5, SALT, [b"x" * 20])


def test_the_key_of_another_branch_opens_only_what_was_set_aside():
    keys = ring()
    before = keys.seal_all(0, SALT, [b"one"])
    keys.learn_epoch(0, OLDER)
    assert keys.epoch_key(0) == OLDER
    with pytest.raises(BrokenSealError):
        keys.open_all(0, SALT, before)
    assert keys.open_aside(0, SALT, before) == (b"one",)
    with pytest.raises(BrokenSealError):
        keys.open_aside(0, SALT, [b"x" * 20])
    keys.learn_epoch(0, KEY)
    assert keys.open_all(0, SALT, before) == (b"one",)


def test_more_parts_than_a_change_has_are_refused():
    with pytest.raises(ValueError, match="zip"):
        ring().seal_all(0, SALT, [b""] * 513)


# -------------------------------------------------------------------------------- shared keys


def test_a_sealed_key_opens_on_its_device_only():
    keys = DeviceKeys.derive(SECRET)
    sealed = KEY.seal_to(keys.public.box, b"r" * 32)
    assert len(sealed) == SEALED_KEY_BYTES
    assert keys.open_key(sealed) == KEY
    for wrong in (sealed[:-1], sealed + b"\0", bytes(SEALED_KEY_BYTES), b""):
        with pytest.raises(SealedKeyError):
            keys.open_key(wrong)
    with pytest.raises(SealedKeyError, match="another device"):
        DeviceKeys.derive(b"x" * 32).open_key(sealed)


def test_what_libsodium_seals_is_read_too():
    keys = DeviceKeys.derive(SECRET)
    assert keys.open_key(bindings.crypto_box_seal(b"k" * 32, keys.public.box)) == KEY


@pytest.mark.parametrize("box", [bytes(32), b"\1" + bytes(31), b"short"])
def test_nothing_is_sealed_to_what_is_no_public_key(box):
    with pytest.raises(SealedKeyError, match="nothing can be sealed to"):
        KEY.seal_to(box, b"r" * 32)


def test_sealing_to_two_devices_with_one_seed_shares_nothing():
    one, other = DeviceKeys.derive(SECRET).public.box, DeviceKeys.derive(b"x" * 32).public.box
    assert KEY.seal_to(one, b"r" * 32)[:32] != KEY.seal_to(other, b"r" * 32)[:32]


def test_a_commitment_fits_its_key_and_epoch_only():
    KEY.check(3, KEY.commitment(3))
    for key, epoch in ((OLDER, 3), (KEY, 4)):
        with pytest.raises(SealedKeyError, match="agreed on"):
            key.check(epoch, KEY.commitment(3))


def test_the_key_before_is_unwrapped_with_the_right_one_only():
    wrapped = KEY.wrap(OLDER, 3)
    assert KEY.unwrap(wrapped, 3) == OLDER
    for key, epoch, raw in (
        (OLDER, 3, wrapped),
        (KEY, 2, wrapped),
        (KEY, 3, b""),
        (KEY, 3, wrapped[1:]),
    ):
        with pytest.raises(SealedKeyError, match="wrapped"):
            key.unwrap(raw, epoch)


def test_a_sealed_name_opens_for_its_purpose_only():
    sealed = KEY.seal_text(b"Ann", b"label", SALT)
    assert KEY.open_text(sealed, b"label", SALT) == b"Ann"
    with pytest.raises(SealedKeyError, match="name"):
        KEY.open_text(sealed, b"other", SALT)


def test_shared_keys_compare_by_what_they_are():
    assert SharedKey(b"k" * 32) == KEY
    assert KEY != OLDER
    assert KEY != b"k" * 32
    with pytest.raises(TypeError):
        hash(KEY)


# ------------------------------------------------------------------------------------ silence


@pytest.mark.parametrize(
    "holder", [DeviceKeys.derive(SECRET), KEY, ring()], ids=["device", "key", "ring"]
)
def test_nothing_that_holds_a_secret_shows_or_copies_it(holder, caplog):
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").warning("%s %r", holder, holder)
    assert str(holder) == f"<{type(holder).__name__}>"
    assert caplog.messages == [f"{holder} {holder}"]
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="never written"):
            copied(holder)
    assert not hasattr(holder, "__dict__")


def test_errors_hold_no_key():
    for fails in (
        lambda: KEY.check(1, bytes(32)),
        lambda: KEY.unwrap(b"x", 1),
        lambda: DeviceKeys.derive(SECRET).open_key(bytes(SEALED_KEY_BYTES)),
        lambda: ring().open_all(0, SALT, [b"x" * 20]),
    ):
        with pytest.raises((SealedKeyError, BrokenSealError)) as caught:
            fails()
        told = repr(caught.value) + str(vars(caught.value))
        assert "kkkk" not in told
        assert SECRET.hex() not in told


# -------------------------------------------------------------------- the short way to libsodium


@pytest.mark.parametrize("straight", [True, False], ids=["straight", "by PyNaCl's face"])
def test_both_ways_to_libsodium_make_the_same_bytes(straight, monkeypatch):
    if not straight:
        monkeypatch.setattr(aead, "_seal_into", None)
        monkeypatch.setattr(aead, "_open_into", None)
    key, nonce = b"k" * 32, b"n" * 24
    for plain in (b"", b"x", b"y" * 100_000):
        sealed = aead.seal(plain, b"data", nonce, key)
        assert sealed == bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
            plain, b"data", nonce, key
        )
        assert aead.open_sealed(sealed, b"data", nonce, key) == plain
        for wrong in (
            sealed[:-1],
            sealed + b"\0",
            bytes([sealed[0] ^ 1]) + sealed[1:],
            b"",
            b"x" * 15,
        ):
            with pytest.raises(CryptoError):
                aead.open_sealed(wrong, b"data", nonce, key)
        with pytest.raises(CryptoError):
            aead.open_sealed(sealed, b"other", nonce, key)


@pytest.mark.parametrize(("nonce", "key"), [(b"n" * 23, b"k" * 32), (b"n" * 24, b"k" * 31)])
def test_a_nonce_or_key_of_a_wrong_length_never_reaches_libsodium(nonce, key):
    with pytest.raises(ValueError, match="24 bytes"):
        aead.seal(b"x", b"", nonce, key)
    with pytest.raises(ValueError, match="24 bytes"):
        aead.open_sealed(b"x" * 20, b"", nonce, key)


def test_the_short_way_is_there_with_the_library_that_is_locked():
    assert aead._seal_into is not None
    assert aead._open_into is not None
