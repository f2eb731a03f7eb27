"""The recovery sheet: one code on paper, and the recovery keys of each workspace that come from it.

1. The code is 144 random bits, written as six groups of five signs of Crockford's base32; the last
   sign checks the others. It is in no repr, log or error, and on the disk only as described in
   `private.Recovery`.
2. A workspace's recovery key comes from the code and the random part of the workspace's genesis:
   the sheet and any replica give it back. Nobody can link the keys of two workspaces.
3. Where there is no code only the public halves are kept.
"""

import os
import unicodedata
from typing import Annotated, Final, Self

from msgspec import Meta, Struct

from sync.errors import BadRecoveryCodeError
from sync.keys import DeviceKeys
from sync.vault.form import Key
from sync.vault.master import expand

CODE_BYTES: Final = 18

Code = Annotated[bytes, Meta(min_length=CODE_BYTES, max_length=CODE_BYTES)]

_LABEL: Final = b"commonhold/recovery/1"
_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECKS: Final = _SIGNS + "*~$=U"  # Crockford's: the remainder by 37 has 37 signs
_DIGITS: Final = 29  # 145 bits: the code and one bit that is 0
_GROUP: Final = 5
_READ_AS: Final = str.maketrans("OIL", "011")
_BETWEEN: Final = frozenset(" \t\r\n-\N{HYPHEN}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}")


class RecoveryKeys(Struct, frozen=True, forbid_unknown_fields=True):
    """The public halves for one workspace; `chance` is the random part of its genesis."""

    chance: Key
    sign: Key
    box: Key


class RecoveryCode:
    """What stands on a recovery sheet."""

    __slots__ = ("_code",)

    def __init__(self, code: bytes) -> None:
        if len(code) != CODE_BYTES:
            raise ValueError("a recovery code has 18 bytes")
        self._code = code

    def __repr__(self) -> str:
        return "<recovery code>"

    def __reduce__(self) -> str:
        raise TypeError("a recovery code is written on its sheet only")

    @classmethod
    def new(cls) -> Self:
        """Make a code of the system's randomness."""
        return cls(os.urandom(CODE_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a code as people type it; BadRecoveryCodeError says what is wrong with it."""
        signs = "".join(
            each for each in unicodedata.normalize("NFKC", text) if each not in _BETWEEN
        )
        if len(signs) != _DIGITS + 1:
            raise BadRecoveryCodeError(f"it has {_DIGITS + 1} signs, and {len(signs)} were typed")
        digits = signs[:_DIGITS].upper().translate(_READ_AS)
        check = signs[_DIGITS].upper().translate(_READ_AS)
        number = 0
        for sign in digits:
            if sign not in _SIGNS:
                raise BadRecoveryCodeError("one of the signs that were typed is never in a code")
            number = number * len(_SIGNS) + _SIGNS.index(sign)
        if number & 1 or _CHECKS[number % len(_CHECKS)] != check:
            raise BadRecoveryCodeError("there is a typing error in it")
        return cls((number >> 1).to_bytes(CODE_BYTES, "big"))

    @property
    def text(self) -> str:
        """The code as it stands on the sheet, in groups of five with dashes between."""
        number = int.from_bytes(self._code, "big") << 1
        digits = [_SIGNS[number >> 5 * at & 31] for at in reversed(range(_DIGITS))]
        signs = "".join(digits) + _CHECKS[number % len(_CHECKS)]
        return "-".join(signs[at : at + _GROUP] for at in range(0, len(signs), _GROUP))

    def reveal(self) -> bytes:
        """Return the bare code, for a slot to be made with."""
        return self._code

    def keys(self, chance: bytes) -> DeviceKeys:
        """Derive the recovery key of the workspace whose genesis holds these 32 random bytes.

        Without stretching: nobody guesses 144 random bits, whatever one guess costs.
        """
        return DeviceKeys.derive(expand(_LABEL, self._code, "workspace", chance.hex()))

    def public(self, chance: bytes) -> RecoveryKeys:
        """Return the public halves of that key."""
        halves = self.keys(chance).public
        return RecoveryKeys(chance, halves.sign, halves.box)

    def spare(self) -> RecoveryKeys:
        """Return the public halves for a workspace to come, which must take this `chance`."""
        return self.public(os.urandom(32))
