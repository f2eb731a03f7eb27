"""The values that fields hold, and the one form in which they are compared and hashed (`rules.md`, *canonical*).

1. A value is *normal*: plain JSON, no NaN or infinity, 0.0 for -0.0, and text in which two halves of a character stand
   as that character. Operations hold normal values only; whoever makes an operation, from a caller or from a peer's
   bytes, calls `normal` first.
2. Two values are the same iff their canonical forms are: 1, 1.0 and true are three values, key order means nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, TypeAlias

import msgspec

from storage import codec

JSON: TypeAlias = Any  # None, bool, int, float, str, list[JSON] or dict[str, JSON]


class Absent(Enum):
    """Says that a field has no value; None would be JSON's null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
Value: TypeAlias = JSON | Absent

_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder().decode
_AS_THEY_ARE = frozenset({bool, int, type(None)})


def normal(value: Any) -> JSON:
    """The value in its normal form, free of the caller's lists and dicts. Raises RefusedValueError."""
    return normal_fields({"value": value})["value"]


def normal_fields(values: Mapping[Any, Any]) -> dict[str, JSON]:
    """All of a record's values in their normal form, names included. Raises RefusedValueError naming the place."""
    return {_text(name): _normal(value) for name, value in codec.plain(values).items()}


def canonical(value: JSON) -> bytes:
    """The canonical form of a normal value: JSON in UTF-8, keys sorted, no spaces.

    A lone half of a character, which UTF-8 cannot carry, stands as the three bytes it would have (WTF-8).
    """
    try:
        return _encode(value)
    except UnicodeEncodeError:
        return _generalised(value)


def same(one: Value, other: Value) -> bool:
    """Whether two values are one value."""
    if one is other:
        return True
    if one is ABSENT or other is ABSENT or type(one) is not type(other):
        return False
    return one == other and canonical(one) == canonical(other)


def is_number(value: Value) -> bool:
    """Whether a value is a number; true and false are not."""
    return type(value) is int or type(value) is float


def _normal(value: JSON) -> JSON:
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is str:
        return _text(value)
    if kind is float:
        return value + 0.0  # turns -0.0 into 0.0
    if kind is list:
        return [_normal(item) for item in value]
    return {_text(name): _normal(item) for name, item in value.items()}


def _text(text: str) -> str:
    return text if text.isascii() else _HALVES.sub(_whole, text)


def _whole(halves: re.Match[str]) -> str:
    return halves[0].encode("utf-16", "surrogatepass").decode("utf-16")


def _generalised(value: JSON) -> bytes:
    if type(value) is str:
        parts = re.split("([\ud800-\udfff])", value)
        inside = (
            part.encode("utf-8", "surrogatepass") if at % 2 else _encode(part)[1:-1]
            for at, part in enumerate(parts)
        )
        return b'"' + b"".join(inside) + b'"'
    if type(value) is list:
        return b"[" + b",".join(map(_generalised, value)) + b"]"
    if type(value) is dict:
        pairs = (_generalised(name) + b":" + _generalised(value[name]) for name in sorted(value))
        return b"{" + b",".join(pairs) + b"}"
    return _encode(value)


def parse(form: bytes) -> JSON:
    """The value of a canonical form. Raises ValueError."""
    try:
        return _decode(form)
    except (msgspec.DecodeError, UnicodeDecodeError):  # half a character, or damage
        return json.loads(form.decode("utf-8", "surrogatepass"))


def utf8_or_bytes(one: Any) -> Any:
    """Lists and dicts with each text that UTF-8 cannot carry as bytes instead, for msgpack."""
    if isinstance(one, str):
        return one if _is_utf8(one) else one.encode("utf-8", "surrogatepass")
    if isinstance(one, list | tuple):
        return [utf8_or_bytes(part) for part in one]
    if isinstance(one, dict):
        return {utf8_or_bytes(key): utf8_or_bytes(value) for key, value in one.items()}
    return one


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
