"""Values of attachment and image fields: which file, its name, its size; several of them if the field allows it.

The content itself lies beside the store (`storage.blobs`); `app.attaching` reads and writes files.
"""

import json
from typing import Any, Final

from app.errors import FieldValueError
from app.model.numbers import Options
from storage.blobs.errors import NoAttachmentError
from storage.blobs.value import name_of, reference

SEVERAL: Final = "several"  # the option of a field that holds a list of them
_UNITS: Final = ("kB", "MB", "GB")


def listed(value: object) -> list[Any]:
    """The attachments that a field holds, whatever its form."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def joined(value: object, new: dict[str, Any], options: Options) -> Any:
    """What a field holds when one more is attached: instead of the one that was there, or after those."""
    return [*listed(value), new] if options.get(SEVERAL) else new


def read(text: str, options: Options) -> Any:
    """Read what was copied from elsewhere; nobody types an attachment."""
    if not text.lstrip().startswith(("{", "[")):
        raise FieldValueError(
            "A file is attached with 'commonhold record attach', it cannot be typed."
        )
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise FieldValueError("This is not how an attachment is written in JSON.") from None
    return take(value, options)


def take(value: object, options: Options) -> Any:
    """Check a value of a record."""
    each = listed(value)
    if isinstance(value, list) and not options.get(SEVERAL):
        raise FieldValueError("This field holds one file.")
    for one in each:
        try:
            reference(one)
        except NoAttachmentError as error:
            raise FieldValueError(f"This is no attachment: {error.reason}.") from None
    return each if options.get(SEVERAL) else value


def show(value: object, _options: Options) -> str:
    """Names and sizes."""
    return ", ".join(f"{name_of(one)} ({size_of(one)})" for one in listed(value))


def size_of(value: object) -> str:
    """The size of an attachment as people read it."""
    size = value.get("size") if isinstance(value, dict) else None
    if type(size) is not int or size < 0:
        return "?"
    if size < 1000:  # noqa: PLR2004 - the step between units
        return f"{size} B"
    amount, units = size / 1000, list(_UNITS)
    while amount >= 999.95 and len(units) > 1:  # noqa: PLR2004 - what would be shown as 1000.0
        amount /= 1000
        del units[0]
    return f"{amount:.1f} {units[0]}"
