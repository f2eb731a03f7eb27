"""Text-like values, choices and small structures: how they are read, checked and shown."""

import json
import re
from collections.abc import Callable
from typing import Any, Final

from app.errors import FieldValueError, quoted
from app.model.numbers import Options

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
_PHONE: Final = re.compile(r"[0-9+*#()/.\- xextXEXT]*[0-9][0-9+*#()/.\- xextXEXT]*")
_URL: Final = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*://?)?[^\s/]+\S*")
_YES: Final = frozenset({"true", "yes", "y", "on", "1", "x", "✓"})
_NO: Final = frozenset({"false", "no", "n", "off", "0", "-"})


def read_text(text: str, _options: Options) -> str:
    """Take text as it was typed."""
    return text


def take_any(value: object, _options: Options) -> object:
    """Take any JSON value: text fields keep what an import brought."""
    return value


def _matching(pattern: re.Pattern[str], message: str) -> Callable[[str, Options], str]:
    def read(text: str, _options: Options) -> str:
        bare = text.strip()
        if not pattern.fullmatch(bare):
            raise FieldValueError(f"{quoted(text)} {message}")
        return bare

    return read


read_email = _matching(_EMAIL, "is no e-mail address: it is written like ann@example.org.")
read_phone = _matching(_PHONE, "is no phone number: it needs digits.")
read_url = _matching(_URL, "is no web address: it is written like https://example.org.")
read_barcode = _matching(
    re.compile(r"[^\x00-\x1f\x7f]+"), "is no barcode: it has signs that no code can hold."
)


def read_checkbox(text: str, _options: Options) -> bool:
    """Read yes or no."""
    word = text.strip().casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise FieldValueError(f"{quoted(text)} is neither yes nor no.")


def take_checkbox(value: object, _options: Options) -> bool:
    """Check that a value is yes or no."""
    if not isinstance(value, bool):
        raise FieldValueError(f"{quoted(str(value))} is neither true nor false.")
    return value


def show_checkbox(value: object, _options: Options) -> str:
    """Show yes or no."""
    return (
        {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    )


def read_choice(text: str, options: Options) -> str:
    """Read one of the field's choices; any text where it lists none."""
    wanted = text.strip()
    choices: list[str] = list(options.get("choices", ()))
    if not choices or wanted in choices:
        return wanted
    alike = [choice for choice in choices if choice.casefold() == wanted.casefold()]
    if alike:
        return alike[0]
    listed = ", ".join(choices[:10]) + (", …" if choices[10:] else "")
    raise FieldValueError(f"{quoted(text)} is not one of the choices ({listed}).")


def take_choice(value: object, options: Options) -> str:
    """Check a choice that came as a value."""
    if not isinstance(value, str):
        raise FieldValueError(f"{quoted(str(value))} is no choice: it is not text.")
    return read_choice(value, options)


def read_list(text: str, options: Options) -> list[str]:
    """Read several choices or tags, with commas between or as a JSON list."""
    if text.lstrip().startswith("["):
        return take_list(_json(text, "a list"), options)
    return take_list([part for part in re.split("[,;\n]", text) if part.strip()], options)


def take_list(value: object, options: Options) -> list[str]:
    """Check several choices or tags; each is kept once, in the order given."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise FieldValueError(f"{quoted(str(value))} is no list of texts.")
    return list(dict.fromkeys(read_choice(item, options) for item in value if item.strip()))


def show_list(value: object, options: Options) -> str:
    """Show several choices with commas between, or as JSON where one holds a comma itself."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return show_json(value, options)
    if any(re.search("[,;\n]", item) or item.startswith("[") for item in value):
        return show_json(value, options)
    return ", ".join(value)


def read_checklist(text: str, options: Options) -> list[Any]:
    """Read a checklist: JSON, or one entry a line."""
    if text.lstrip().startswith("["):
        return take_checklist(_json(text, "a checklist"), options)
    return [{"text": line.strip(), "done": False} for line in text.splitlines() if line.strip()]


def take_checklist(value: object, _options: Options) -> list[Any]:
    """Check a checklist: a list of objects with a text and whether it is done."""
    if not isinstance(value, list) or not all(_is_entry(entry) for entry in value):
        raise FieldValueError('A checklist is a list like [{"text": "call", "done": false}].')
    return value


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("text"), str)
        and isinstance(entry.get("done", False), bool)
    )


def read_location(text: str, options: Options) -> dict[str, Any]:
    """Read a place: latitude and longitude with a comma between, or JSON."""
    if text.lstrip().startswith("{"):
        return take_location(_json(text, "a place"), options)
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        raise FieldValueError(
            f"{quoted(text)} is no place: it is written like 47.5, 8.3."
        ) from None
    return take_location({"lat": latitude, "lon": longitude}, options)


def take_location(value: object, _options: Options) -> dict[str, Any]:
    """Check a place: latitude within ±90 and longitude within ±180 degrees."""
    if not isinstance(value, dict):
        raise FieldValueError('A place is written like {"lat": 47.5, "lon": 8.3}.')
    for name, most in (("lat", 90), ("lon", 180)):
        number = value.get(name)
        if (
            isinstance(number, bool)
            or not isinstance(number, int | float)
            or not -most <= number <= most
        ):
            raise FieldValueError(f"{name} of a place is a number from -{most} to {most}.")
    return value


def show_location(value: object, options: Options) -> str:
    """Show latitude and longitude, or the JSON if there is more in it."""
    if isinstance(value, dict) and set(value) == {"lat", "lon"}:
        return f"{value['lat']}, {value['lon']}"
    return show_json(value, options)


def show_json(value: object, _options: Options) -> str:
    """Show a structure as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _json(text: str, what: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise FieldValueError(f"{quoted(text)} is not {what} in JSON.") from None
