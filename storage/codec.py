"""Documents to and from JSON text. Owns what a document may hold; knows no SQL.

A document holds JSON values: text, numbers, true, false, null, lists, objects with text keys. Integers of any size and
lone surrogates are kept exactly; NaN and infinities have no JSON form and are refused (`rules.md`, *canonical*).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import msgspec

from storage.errors import DamagedTextError, RefusedValueError

MAX_DEPTH = 200
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_PLAIN = frozenset({str, int, bool, type(None)})


def encode(document: dict[str, Any] | list[Any]) -> str:
    """JSON text of what `plain` has passed."""
    try:
        return _encode(document).decode()
    except UnicodeEncodeError:  # lone surrogates: only the escaped form can carry them
        return json.dumps(document, separators=(",", ":"), ensure_ascii=True)


def decode(text: str) -> Any:
    """What `encode` wrote."""
    try:
        document = _decode(text)
    except (msgspec.DecodeError, TypeError):  # a lone surrogate; or damage, even to a row's header
        try:
            document = json.loads(text)
        except (ValueError, TypeError, RecursionError) as error:
            raise DamagedTextError(str(error)) from error
    return document


def plain(document: Mapping[Any, Any]) -> dict[str, Any]:
    """The document as plain dicts and lists, ready for `encode`.

    Raises RefusedValueError, naming the place, for what JSON cannot hold. Keys become text as `json.dumps` makes them.
    A document that is already plain is returned as it is.
    """
    if type(document) is dict and _is_plain(document, 0):
        return document
    return _copy_mapping(document, "record", 0)


def _is_plain(value: Any, depth: int) -> bool:
    if depth > MAX_DEPTH:
        return False
    if type(value) is dict:
        for key, item in value.items():
            if type(key) is not str:
                return False
            kind = type(item)
            if kind in _PLAIN:
                continue
            if kind is float:
                if not math.isfinite(item):
                    return False
            elif not _is_plain(item, depth + 1):
                return False
        return True
    if type(value) is list:
        return all(type(item) in _PLAIN or _is_plain(item, depth + 1) for item in value)
    return type(value) is float and math.isfinite(value)


def _copy(value: Any, where: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise RefusedValueError(where, f"lists or objects are nested more than {MAX_DEPTH} deep")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise RefusedValueError(where, f"{value!r} is not a number that a record can hold")
        return float(value)
    if isinstance(value, Mapping):
        return _copy_mapping(value, where, depth)
    if isinstance(value, list | tuple):
        return [_copy(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)]
    raise RefusedValueError(where, f"a record cannot hold a value of type {type(value).__name__}")


def _copy_mapping(value: Mapping[Any, Any], where: str, depth: int) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, item in value.items():
        name = _key(key, where)
        if name in out:
            raise RefusedValueError(where, f"two keys become the same name {name!r}")
        out[name] = _copy(item, name if depth == 0 else f"{where}.{name}", depth + 1)
    return out


def _key(key: Any, where: str) -> str:
    if isinstance(key, str):
        return str.__str__(key)
    if key is None or isinstance(key, bool):
        return json.dumps(key)
    if isinstance(key, int):
        return str(int(key))
    if isinstance(key, float) and math.isfinite(key):
        return repr(float(key))
    raise RefusedValueError(where, f"a key of type {type(key).__name__} cannot be a field's name")
