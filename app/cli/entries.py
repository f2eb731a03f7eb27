"""From what stands on the command line or in a file to the fields of a record.

Unknown fields are refused, unless new ones are asked for: a slip of the pen must not make a field.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from app.cli.failures import UsageError
from app.errors import BadInputError, FieldValueError, NoSuchFieldError, quoted

if TYPE_CHECKING:
    from app.model.schema import Collection
    from app.workspace import Workspace


def from_pairs(collection: "Collection", pairs: Sequence[str]) -> dict[str, Any]:
    """Read `field=value` by the kinds of the fields; an empty value is none."""
    given = [split_pair(collection, pair) for pair in pairs]
    texts = dict(given)
    if len(texts) != len(given):
        raise UsageError("A field is set twice. Nothing was stored.")
    return {name: collection.field(name).parse(text) for name, text in texts.items()}


def split_pair(collection: "Collection", pair: str) -> tuple[str, str]:
    """Split at the first `=` before which a field of the collection stands, else at the first."""
    known = {each.slug for each in collection.fields}
    for at, sign in enumerate(pair):
        if sign == "=" and pair[:at] in known:
            return pair[:at], pair[at + 1 :]
    name, equals, text = pair.partition("=")
    if not equals or not name:
        raise UsageError(f"A field is set as NAME=VALUE, not {quoted(pair)}.")
    return name, text


def from_file(
    collection: "Collection", documents: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Check JSON objects against the fields; the error names record and field."""
    checked = []
    for number, document in enumerate(documents, 1):
        record = f"record {number}"
        try:
            checked.append(
                {name: collection.field(name).accept(value) for name, value in document.items()}
            )
        except FieldValueError as error:
            raise error.at(error.field, record) from None
    return checked


def read_objects(source: str) -> list[dict[str, Any]]:
    """Read one JSON object or a list of them, from a file or (`-`) from stdin."""
    try:
        if source == "-":
            if sys.stdin is None:
                raise BadInputError("Nothing comes from stdin: it is closed. Nothing was stored.")
            return _objects(_load(sys.stdin))
        with Path(source).open(encoding="utf-8-sig") as file:
            return _objects(_load(file))
    except OSError as error:
        raise BadInputError(
            f"{source} cannot be read: {error.strerror}. Nothing was stored."
        ) from None
    except UnicodeDecodeError:
        raise BadInputError(f"{source} is not in UTF-8. Nothing was stored.") from None
    except RecursionError:
        raise BadInputError(f"{source} is nested too deeply. Nothing was stored.") from None
    except ValueError as error:
        raise BadInputError(f"{source} is not JSON: {error}. Nothing was stored.") from None


def add_missing_fields(
    workspace: "Workspace", collection: "Collection", examples: Mapping[str, Any]
) -> "Collection":
    """Make the fields that are not there yet, of the kind that their first value suggests."""
    known = {each.slug for each in collection.fields}
    for name, value in examples.items():
        if name not in known:
            workspace.add_field(collection.slug, name, _kind_of(value))
    return workspace.collection(collection.slug)


def refuse_unknown(collection: "Collection", names: Mapping[str, Any]) -> None:
    """Raise NoSuchFieldError for the first name that is no field, saying what can be done."""
    known = [each.slug for each in collection.fields]
    for name in names:
        if name not in known:
            error = NoSuchFieldError(name, collection.slug, known)
            error.hint += " --new-fields adds what is missing as it is needed."
            raise error


def _load(file: TextIO) -> object:
    loaded: object = json.load(
        file, parse_constant=_refuse_constant, object_pairs_hook=_refuse_doubles
    )
    return loaded


def _objects(loaded: object) -> list[dict[str, Any]]:
    several = loaded if isinstance(loaded, list) else [loaded]
    found = [each for each in several if isinstance(each, dict)]
    if len(found) != len(several):
        raise ValueError("a record is an object, and several are a list of objects")
    return found


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object names one field twice")
    return found


def _kind_of(value: object) -> str:
    match value:
        case bool():
            return "checkbox"
        case int() | float():
            return "number"
        case list() if all(isinstance(item, str) for item in value):
            return "tags"
        case _:
            return "text"
