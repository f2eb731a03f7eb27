"""Values and arrays of a part in msgpack, each in one spelling only.

Owns what msgpack alone cannot carry: integers beyond 64 bits, text with half a character, names with one. These are
extensions; whatever has a plain spelling must use it, so all text that is read is normal (`storage.crdt.values`). NaN,
dates and raw bytes are no values and are refused later, by whoever makes values of what was read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec.msgpack import Ext

from storage.changes.errors import MalformedChangeError
from storage.crdt.values import normal

BIG_INTEGER: Final = 1  # two's complement, big-endian, as short as it can be
HALF_TEXT: Final = 2  # UTF-8 that lets halves of a character pass
HALF_NAMES: Final = 3  # an object with such names: msgpack array of name, value, name, value ...

_encode = msgspec.msgpack.Encoder().encode
_decode_as_is = msgspec.msgpack.Decoder().decode
# What decoding hostile bytes can raise: msgspec's and Unicode's errors are ValueErrors; TypeError: a list as a name.
_BAD = (ValueError, TypeError, RecursionError)


def encode(value: Any) -> bytes:
    """The one spelling of lists, tuples, dicts, structs and JSON values."""
    try:
        return _encode(value)
    except (OverflowError, UnicodeEncodeError):
        return _encode(_extended(value))


def decoder(kind: Any) -> Callable[[bytes], Any]:
    """A function that reads bytes as `kind` and refuses any but the one spelling (MalformedChangeError)."""
    read = msgspec.msgpack.Decoder(kind, ext_hook=_from_extension).decode

    def decode(plain: bytes) -> Any:
        try:
            value = read(plain)
        except _BAD:
            raise MalformedChangeError(
                "a part of it is of another kind, or out of bounds"
            ) from None
        if not _is_its_spelling(plain, value):
            raise MalformedChangeError("a part of it is not spelled in the one way that parts are")
        return value

    return decode


def _is_its_spelling(plain: bytes, value: Any) -> bool:
    try:
        return _encode(value) == plain
    except (OverflowError, UnicodeEncodeError):
        # Extensions were read as what they mean; as they stand, they can be written again.
        return _encode(_decode_as_is(plain)) == plain


def _extended(value: Any) -> Any:
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        return Ext(BIG_INTEGER, _integer_bytes(value))
    if isinstance(value, str):
        return value if _is_whole(value) else Ext(HALF_TEXT, value.encode("utf-8", "surrogatepass"))
    if isinstance(value, dict):
        if all(map(_is_whole, value)):
            return {name: _extended(item) for name, item in value.items()}
        pairs = [_extended(each) for pair in value.items() for each in pair]
        return Ext(HALF_NAMES, _encode(pairs))
    if isinstance(value, list | tuple):
        return [_extended(item) for item in value]
    return value


def _from_extension(code: int, data: memoryview) -> Any:
    raw = bytes(data)
    if code == BIG_INTEGER:
        number = int.from_bytes(raw, "big", signed=True)
        if -(1 << 63) <= number < 1 << 64 or _integer_bytes(number) != raw:
            raise ValueError("an integer that has a shorter spelling")
        return number
    if code == HALF_TEXT:
        text = raw.decode("utf-8", "surrogatepass")
        if _is_whole(text) or normal(text) != text:
            raise ValueError("text that has a plain spelling")
        return text
    if code == HALF_NAMES:
        return _object(raw)
    raise ValueError("an extension that nothing has")


def _object(raw: bytes) -> dict[str, Any]:
    pairs = _decode_pairs(raw)
    names = pairs[::2]
    made = dict(zip(names, pairs[1::2], strict=True))
    if len(made) != len(names) or all(map(_is_whole, names)):
        raise ValueError("an object with a name twice, or with a plain spelling")
    if _encode(_decode_as_is(raw)) != raw:
        raise ValueError("an object that has a shorter spelling")
    return made


def _is_whole(text: Any) -> bool:
    """Whether the text has no half of a character, so that UTF-8 can carry it. Raises TypeError for no text."""
    if not isinstance(text, str):
        raise TypeError("a name that is no text")
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _integer_bytes(number: int) -> bytes:
    bits = (number if number >= 0 else ~number).bit_length() + 1
    return number.to_bytes(-(-bits // 8), "big", signed=True)


_decode_pairs = msgspec.msgpack.Decoder(list[Any], ext_hook=_from_extension).decode
