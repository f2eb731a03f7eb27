"""A comparison that has an answer for every value, where TinyDB's own raises TypeError.

`Query().height.test(ordered, ">", 40)` is an ordinary TinyDB query; the compiler knows this
function and turns it into SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import ge, gt, le, lt
from typing import Any, Final

SIGNS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def ordered(value: object, sign: str, limit: Any) -> bool:
    """Whether two texts, or two numbers, stand in this order; False where the two do not compare.

    `sign` is <, <=, > or >=. True and false are no numbers here.
    """
    if isinstance(value, bool) or isinstance(limit, bool):
        return False
    if isinstance(value, str):
        return isinstance(limit, str) and SIGNS[sign](value, limit)
    return (
        isinstance(value, int | float)
        and isinstance(limit, int | float)
        and SIGNS[sign](value, limit)
    )
