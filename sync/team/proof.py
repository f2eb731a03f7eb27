"""Proofs of the team log: each signature is over a label that says what is signed, so that none stands for another."""

from __future__ import annotations

from nacl import bindings
from nacl.exceptions import CryptoError

from sync.keys import signed_by as _signed_by

RECORD = b"commonhold/team/record/1\0"
PROPOSAL = b"commonhold/team/proposal/1\0"
CLAIM = b"commonhold/team/takeover/1\0"
CARD = b"commonhold/team/card/1\0"
NAME = (
    b"commonhold/team/name/1\0"  # what a sealed name is bound to, before the id of whose name it is
)

_ANY_SECRET = bytes([1]) * 32


def signed_by(public: bytes, label: bytes, data: bytes, signature: bytes) -> bool:
    """Whether the holder of the Ed25519 key signed the data under the label."""
    return _signed_by(public, label + data, signature)


def takes_seals(box: bytes) -> bool:
    """Whether a key can be sealed to an X25519 public key; not so to the few points of small order."""
    try:
        bindings.crypto_scalarmult(_ANY_SECRET, box)
    except (CryptoError, ValueError):
        return False
    return True
