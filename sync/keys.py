"""The keys of one device in one workspace, and what is done with them: signing, sealing, opening.

It owns how keys are derived, sealed to a device, wrapped and committed to. It does not know who belongs to the team
(`sync.membership` tells it whose public key is whose) nor where keys rest (`sync.vault`).

1. No secret is in a repr, a log or an error, and none can be pickled or copied.
2. Every derived key comes from keyed BLAKE2b with a personalisation of its own; none serves two purposes.
3. A change's key comes from its epoch's key and 192 random bits of its own; the nonce is the part's number (rule 19).
4. An epoch's key is taken only if it matches the commitment in the chain: all members hold the same one.
5. Randomness is handed in; given the same, the same bytes come out.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final, NamedTuple, NoReturn, Self

from nacl import bindings
from nacl.exceptions import CryptoError

from storage.changes.envelope import MAX_PARTS, SIGNED_LABEL
from storage.changes.errors import BrokenSealError, UnknownEpochError
from sync import aead
from sync.errors import SyncError

KEY_BYTES: Final = 32
SEALED_KEY_BYTES: Final = bindings.crypto_box_PUBLICKEYBYTES + 16 + KEY_BYTES
WRAPPED_KEY_BYTES: Final = KEY_BYTES + 16

_PART_LABEL: Final = b"commonhold/part/1\0"
_WRAP_LABEL: Final = b"commonhold/wrap/1\0"
_NO_NONCE: Final = bytes(24)
_NUMBERS: Final = tuple(i.to_bytes(24, "little") for i in range(MAX_PARTS))  # of a change's parts
_encrypt = aead.seal
_decrypt = aead.open_sealed


class SealedKeyError(SyncError):
    """A key that was sealed for this device does not open, or is not the one the team agreed on."""

    hint = "Nothing was changed. Another device of the team can send the workspace's log again."

    def __init__(self, reason: str) -> None:
        super().__init__(f"A key of this workspace cannot be used here: {reason}.")
        self.reason = reason


class _Unshown:
    """Something that holds secrets: it shows none, and can be neither pickled nor copied."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} is never written anywhere")


class PublicKeys(NamedTuple):
    """What a device shows of its keys, 32 bytes each."""

    sign: bytes  # Ed25519
    box: bytes  # X25519: keys of epochs are sealed to it
    curve: bytes  # CURVE client key of the transport


class DeviceKeys(_Unshown):
    """The private keys of one device in one workspace, or the recovery key's."""

    __slots__ = ("_box", "_curve", "_sign", "public")

    def __init__(self, sign: bytes, box: bytes, curve: bytes, public: PublicKeys) -> None:
        self._sign, self._box, self._curve = sign, box, curve
        self.public = public

    @classmethod
    def derive(cls, secret: bytes) -> Self:
        """The keys that follow from 32 secret bytes: of the vault for a workspace, or of the recovery sheet."""
        sign_public, sign = bindings.crypto_sign_seed_keypair(_derived(secret, b"CHsign"))
        box_public, box = bindings.crypto_box_seed_keypair(_derived(secret, b"CHbox"))
        curve_public, curve = bindings.crypto_box_seed_keypair(_derived(secret, b"CHcurve"))
        return cls(sign, box, curve, PublicKeys(sign_public, box_public, curve_public))

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature, 64 bytes. The caller puts a label of its own before what it signs."""
        return bindings.crypto_sign(message, self._sign)[: bindings.crypto_sign_BYTES]

    def open_key(self, sealed: bytes) -> SharedKey:
        """The key in what `SharedKey.seal_to` made for this device. Raises SealedKeyError."""
        if len(sealed) != SEALED_KEY_BYTES:
            raise SealedKeyError("it has a wrong length")
        try:
            plain = bindings.crypto_box_seal_open(sealed, self.public.box, self._box)
        except CryptoError:
            raise SealedKeyError("it was sealed for another device, or altered") from None
        return SharedKey(plain)

    def transport_secret(self) -> bytes:
        """The bare CURVE secret key, for the socket that needs it."""
        return self._curve


class SharedKey(_Unshown):
    """Thirty-two secret bytes that the members of a team share: an epoch's key or the genesis secret."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
        self._key = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SharedKey) and hmac.compare_digest(self._key, other._key)

    __hash__ = None  # type: ignore[assignment]  # a secret is no key of a dictionary

    def commitment(self, epoch: int) -> bytes:
        """What the chain holds so that everybody can tell that they were given the same key."""
        return _derived(self._key, b"CHcommit", epoch.to_bytes(8, "little"))

    def check(self, epoch: int, commitment: bytes) -> None:
        """Raise SealedKeyError if this is not the key that was committed to."""
        if not hmac.compare_digest(self.commitment(epoch), commitment):
            raise SealedKeyError("it is not the key that the team agreed on")

    def seal_to(self, box: bytes, seed: bytes) -> bytes:
        """The key, for the holder of the private half of `box` only; `seed` is 32 fresh random bytes.

        The form is libsodium's sealed box. Raises SealedKeyError if `box` is no usable public key.
        """
        public, secret = bindings.crypto_box_seed_keypair(_derived(seed, b"CHephemeral", box))
        nonce = hashlib.blake2b(public + box, digest_size=24).digest()
        try:
            return public + bindings.crypto_box(self._key, nonce, box, secret)
        except (CryptoError, ValueError):
            raise SealedKeyError(
                "a device has a public key that nothing can be sealed to"
            ) from None

    def wrap(self, older: SharedKey, epoch: int) -> bytes:
        """The key of the epoch before, for whoever holds this one, the key of `epoch`."""
        # A key that only ever wraps one other: its derived key needs no nonce.
        return _encrypt(older._key, _wrap_data(epoch), _NO_NONCE, _derived(self._key, b"CHwrap"))

    def unwrap(self, wrapped: bytes, epoch: int) -> SharedKey:
        """The key of the epoch before `epoch`, whose key this is. Raises SealedKeyError."""
        key = _derived(self._key, b"CHwrap")
        try:
            return SharedKey(_decrypt(wrapped, _wrap_data(epoch), _NO_NONCE, key))
        except (CryptoError, ValueError):
            raise SealedKeyError("it was wrapped under another key, or altered") from None

    def digest_key(self) -> bytes:
        """Of the genesis secret: what the workspace's digest is keyed with (rule 15)."""
        return _derived(self._key, b"CHdigest")

    def change_key(self, salt: bytes) -> bytes:
        """Of an epoch's key: what one change is sealed with."""
        return hashlib.blake2b(salt, digest_size=32, key=self._key, person=b"CHseal").digest()

    def seal_text(self, plain: bytes, purpose: bytes, salt: bytes) -> bytes:
        """Seal a name or label for the members of the epoch; `salt` is 24 fresh random bytes."""
        return _encrypt(plain, purpose, salt, _derived(self._key, b"CHtext", salt))

    def open_text(self, sealed: bytes, purpose: bytes, salt: bytes) -> bytes:
        """What `seal_text` sealed. Raises SealedKeyError."""
        try:
            return _decrypt(sealed, purpose, salt, _derived(self._key, b"CHtext", salt))
        except (CryptoError, ValueError):
            raise SealedKeyError("a name that was sealed with it does not open") from None


class Keyring(_Unshown):
    """What this device can sign, check, seal and open in one workspace: storage's `Sealer`.

    Membership tells it of devices and epochs as the chain grows. After a takeover an epoch may have two keys, one on
    each branch of the chain: the one learned last seals and opens, so that all who follow one branch open the same
    changes; the other one opens only what was set aside.
    """

    __slots__ = (
        *("_ad", "_digest_key", "_epochs", "_keys", "_public"),
        *("device", "member", "workspace"),
    )

    def __init__(
        self, workspace: bytes, device: bytes, member: bytes, keys: DeviceKeys, genesis: SharedKey
    ) -> None:
        self.workspace, self.device, self.member = workspace, device, member
        self._keys = keys
        self._digest_key = genesis.digest_key()
        self._public: dict[bytes, bytes] = {device: keys.public.sign}
        self._epochs: dict[int, tuple[SharedKey, ...]] = {}
        self._ad = _PART_LABEL + workspace

    def learn_device(self, device: bytes, sign: bytes) -> None:
        """Take the public signing key of a device, from its record in the chain. A known one is never replaced."""
        self._public.setdefault(device, sign)

    def learn_epoch(self, epoch: int, key: SharedKey) -> None:
        """Take the key of an epoch, which the caller has checked against the chain's commitment."""
        known = tuple(other for other in self._epochs.get(epoch, ()) if other != key)
        self._epochs[epoch] = (key, *known)

    def epoch_key(self, epoch: int) -> SharedKey:
        """The key that seals in that epoch. Raises UnknownEpochError."""
        return self._known(epoch)[0]

    def sign(self, clear: bytes) -> bytes:
        """This device's signature of a change's clear part."""
        return self._keys.sign(SIGNED_LABEL + clear)

    def verify(self, device: bytes, clear: bytes, signature: bytes) -> bool:
        """Whether that device signed the clear part; False for a device that is not known."""
        public = self._public.get(device)
        return public is not None and signed_by(public, SIGNED_LABEL + clear, signature)

    def seal_all(self, epoch: int, salt: bytes, plains: Sequence[bytes]) -> tuple[bytes, ...]:
        """The parts of one change, sealed. Raises UnknownEpochError."""
        key, ad = self._known(epoch)[0].change_key(salt), self._ad
        return tuple(
            [
                _encrypt(plain, ad + number[:4], number, key)
                for number, plain in zip(_NUMBERS[: len(plains)], plains, strict=True)
            ]
        )

    def open_all(
        self, epoch: int, salt: bytes, sealed: Sequence[bytes | None]
    ) -> tuple[bytes | None, ...]:
        """The plain parts of one change. Raises UnknownEpochError, BrokenSealError."""
        try:
            return self._opened(self._known(epoch)[0].change_key(salt), sealed)
        except (CryptoError, ValueError):
            raise BrokenSealError(epoch) from None

    def open_aside(
        self, epoch: int, salt: bytes, sealed: Sequence[bytes | None]
    ) -> tuple[bytes | None, ...]:
        """As `open_all`, with any key that the epoch ever had: for showing what was set aside."""
        for shared in self._known(epoch):
            try:
                return self._opened(shared.change_key(salt), sealed)
            except (CryptoError, ValueError):
                continue
        raise BrokenSealError(epoch)

    def digest_key(self) -> bytes:
        """The key of the workspace's digest."""
        return self._digest_key

    def _known(self, epoch: int) -> tuple[SharedKey, ...]:
        try:
            return self._epochs[epoch]
        except KeyError:
            raise UnknownEpochError(epoch) from None

    def _opened(self, key: bytes, sealed: Sequence[bytes | None]) -> tuple[bytes | None, ...]:
        ad = self._ad
        return tuple(
            [
                part if part is None else _decrypt(part, ad + number[:4], number, key)
                for number, part in zip(_NUMBERS[: len(sealed)], sealed, strict=True)
            ]
        )


def signed_by(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of the Ed25519 key signed the message."""
    try:
        bindings.crypto_sign_open(signature + message, public)
    except (CryptoError, ValueError):
        return False
    return True


def _derived(secret: bytes, purpose: bytes, data: bytes = b"") -> bytes:
    """Thirty-two bytes for one purpose; the purpose is BLAKE2b's personalisation, at most 16 bytes."""
    if len(secret) != KEY_BYTES:
        raise ValueError(f"a secret has {KEY_BYTES} bytes, not {len(secret)}")
    return hashlib.blake2b(data, digest_size=32, key=secret, person=purpose).digest()


def _wrap_data(epoch: int) -> bytes:
    return _WRAP_LABEL + epoch.to_bytes(8, "little")
