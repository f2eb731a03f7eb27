"""The kinds of fields: what each holds, and how it is read from text, checked and shown.

Values are plain JSON. An empty text is no value (None) in every kind. Reading refuses what the
kind does not take, in words; showing never fails, because records may hold what another version,
an import or another program put there.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from app.errors import FieldValueError, KindError, did_you_mean, quoted
from app.model import attached, numbers, texts, times
from app.model.numbers import Options

__all__ = ["KINDS", "FieldValueError", "accept", "check_kind", "icon", "is_text", "parse", "show"]


class _Kind(NamedTuple):
    icon: str  # of the Material Design icon font
    read: Callable[[str, Options], Any]
    take: Callable[[object, Options], Any]
    show: Callable[[object, Options], str]
    text: bool = False


def _written(
    icon_name: str, read: Callable[[str, Options], Any], show: Callable[[object, Options], str]
) -> _Kind:
    """Return a kind whose values are text of a certain form."""

    def take(value: object, options: Options) -> Any:
        if not isinstance(value, str):
            raise FieldValueError(f"{quoted(str(value))} is not text.")
        return read(value, options)

    return _Kind(icon_name, read, take, show)


def _text(icon_name: str, read: Callable[[str, Options], str] = texts.read_text) -> _Kind:
    return _Kind(icon_name, read, texts.take_any, lambda value, _: _plain(value), text=True)


def _number(
    icon_name: str, read: Callable[[str, Options], Any], show: Callable[[object, Options], str]
) -> _Kind:
    return _Kind(icon_name, read, numbers.take_number, show)


_KINDS: Final[Mapping[str, _Kind]] = {
    "text": _text("format-text"),
    "longtext": _text("text-long"),
    "number": _number("numeric", numbers.read_number, numbers.show_number),
    "quantity": _number("counter", numbers.read_quantity, numbers.show_quantity),
    "currency": _Kind("cash", numbers.read_currency, numbers.take_currency, numbers.show_currency),
    "percent": _number("percent-outline", numbers.read_percent, numbers.show_percent),
    "date": _written("calendar", times.read_date, lambda value, _: str(value)),
    "datetime": _written("calendar-clock", times.read_datetime, times.show_datetime),
    "duration": _Kind(
        "timer-outline", times.read_duration, times.take_duration, times.show_duration
    ),
    "checkbox": _Kind(
        "checkbox-marked-outline", texts.read_checkbox, texts.take_checkbox, texts.show_checkbox
    ),
    "choice": _Kind(
        "form-dropdown", texts.read_choice, texts.take_choice, lambda value, _: str(value)
    ),
    "choices": _Kind("format-list-checks", texts.read_list, texts.take_list, texts.show_list),
    "tags": _Kind("tag-multiple-outline", texts.read_list, texts.take_list, texts.show_list),
    "checklist": _Kind(
        "checkbox-multiple-marked-outline",
        texts.read_checklist,
        texts.take_checklist,
        texts.show_json,
    ),
    "email": _text("email-outline", texts.read_email),
    "phone": _text("phone-outline", texts.read_phone),
    "url": _text("link-variant", texts.read_url),
    "barcode": _text("barcode", texts.read_barcode),
    "rating": _Kind("star-outline", numbers.read_rating, numbers.take_rating, numbers.show_number),
    "location": _Kind(
        "map-marker-outline", texts.read_location, texts.take_location, texts.show_location
    ),
    "attachment": _Kind("paperclip", attached.read, attached.take, attached.show),
    "image": _Kind("image-outline", attached.read, attached.take, attached.show),
}

# Known by name, so that a record that has them is shown; nothing here can fill them yet.
_LATER: Final[Mapping[str, str]] = {
    "member": "account-outline",
    "link": "relation-many-to-many",
    "autonumber": "pound",
    "formula": "function-variant",
    "lookup": "table-search",
    "rollup": "sigma",
}

KINDS: Final = (*_KINDS, *_LATER)


def parse(kind: str, text: str, options: Options | None = None) -> Any:
    """Read a value that a person typed; FieldValueError says in a sentence why it is none."""
    known = _KINDS.get(kind)
    if known is None:
        raise FieldValueError(f"A field of kind {quoted(kind)} cannot be filled in this version.")
    if not (text if known.read is texts.read_text else text.strip()):
        return None
    return known.read(text, options or {})


def accept(kind: str, value: object, options: Options | None = None) -> Any:
    """Check a JSON value for a field; text is read as if typed, except where text is the kind."""
    known = _KINDS.get(kind)
    if known is None:
        raise FieldValueError(f"A field of kind {quoted(kind)} cannot be filled in this version.")
    if value is None or known.text:
        return value
    if isinstance(value, str):
        return parse(kind, value, options)
    return known.take(value, options or {})


def show(kind: str, value: object, options: Options | None = None) -> str:
    """Return the value as text for people; what does not fit its kind is shown as it is."""
    known = _KINDS.get(kind)
    if value is None:
        return ""
    if known is None or (isinstance(value, dict | list) and known.show not in _STRUCTURES):
        return _plain(value)
    return known.show(value, options or {})


_STRUCTURES: Final = (texts.show_json, texts.show_list, texts.show_location, attached.show)


def icon(kind: str) -> str:
    """Return the name of the kind's icon in the Material Design icon font."""
    known = _KINDS.get(kind)
    return known.icon if known else _LATER.get(kind, "help-circle-outline")


def is_text(kind: str) -> bool:
    """Whether values of the kind are words that can name a record."""
    known = _KINDS.get(kind)
    return known is not None and known.text


def check_kind(kind: str) -> str:
    """Return the kind if fields of it can be made; KindError says why not."""
    if kind in _KINDS:
        return kind
    if kind in _LATER:
        message = f"Fields of kind {quoted(kind)} are not in this version yet; nothing was changed."
        raise KindError(kind, message, hint=f"There are now: {', '.join(_KINDS)}.")
    hint = did_you_mean(kind, _KINDS) or f"There are: {', '.join(_KINDS)}."
    raise KindError(
        kind, f"There is no kind of field {quoted(kind)}; nothing was changed.", hint=hint
    )


def _plain(value: object) -> str:
    return value if isinstance(value, str) else texts.show_json(value, {})
