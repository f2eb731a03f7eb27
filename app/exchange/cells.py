"""How a value stands in a cell of a CSV file, exactly and without a locale, and how it comes back.

A text that a spreadsheet would take for a formula gets an apostrophe before it, and so does a text that
already begins with apostrophes before such a sign: taking one off always gives the text as it was.
"""

import json
import re
from decimal import Decimal
from typing import Any, Final

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_MARKED: Final = re.compile(r"'+[=+\-@\t\r]")
_LISTS: Final = frozenset({"choices", "tags"})


def guard(text: str) -> str:
    """The text, marked if a spreadsheet would run it."""
    return f"'{text}" if _FORMULA.match(text) else text


def is_guarded(cell: str) -> bool:
    """Whether a cell bears the mark."""
    return _MARKED.match(cell) is not None


def unguard(cell: str) -> str:
    """The text of a cell, without the mark."""
    return cell[1:] if _MARKED.match(cell) else cell


def decimal_text(number: float) -> str:
    """A float with all the digits that it needs and no exponent, so that it reads as a decimal."""
    text = repr(number)
    if "e" in text:
        text = f"{Decimal(text):f}"
    return text if "." in text else f"{text}.0"


def to_cell(kind: str, value: Any) -> str:
    """What stands in the cell for a value; "" for none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return guard(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int_text(value)
    if isinstance(value, float):
        return decimal_text(value)
    if kind in _LISTS and _listed(value):
        return guard(", ".join(value))
    return guard(json_text(value))


def _listed(value: Any) -> bool:
    """Whether texts can stand with commas between and be told apart again."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, str) and item == item.strip() and item for item in value)
        and not any(re.search("[,;\\n]", item) for item in value)
        and not value[0].startswith("[")
        and len(set(value)) == len(value)
    )


def int_text(number: int) -> str:
    """All digits of an integer, however many (Python alone stops at 4300)."""
    try:
        return str(number)
    except ValueError:
        return f"{Decimal(number):f}"


def json_text(value: Any) -> str:
    """A structure, or a value of JSON, on one line; surrogates escaped, other letters as they are."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _SURROGATES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


_SURROGATES: Final = re.compile("[\ud800-\udfff]")
