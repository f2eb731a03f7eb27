"""Collections and their fields, as the workspace keeps them: themselves records.

It owns their shape and names, not where they are stored.

1. A slug is the name exactly as first given, in NFC, and never changes; titles may.
2. Each field is a record of its own, so that two devices can add fields apart.
3. Two records for one slug are one collection or field: the one with the smaller id tells.
4. What is not understood (another version's kind or option) is kept and shown, never dropped.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from app.errors import BadNameError, FieldValueError, KindError, NoSuchFieldError, quoted
from app.model.fields import accept, check_kind, is_text, parse, show
from storage import Order

COLLECTIONS: Final = "_collections"
FIELDS: Final = "_fields"
NAME_LIMIT: Final = 200
MOST_STARS: Final = range(1, 11)
DEFAULT_ICON: Final = "table"

FieldSpec = tuple[str, str] | tuple[str, str, Mapping[str, Any]]


@dataclass(frozen=True)
class Field:
    """A typed part of a record; its slug is the document's key."""

    slug: str
    title: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    position: int = 0

    def parse(self, text: str) -> Any:
        """Read a value that a person typed; FieldValueError names the field."""
        try:
            return parse(self.kind, text, self.options)
        except FieldValueError as error:
            raise error.at(self.slug) from None

    def accept(self, value: object) -> Any:
        """Check a JSON value; FieldValueError names the field."""
        try:
            return accept(self.kind, value, self.options)
        except FieldValueError as error:
            raise error.at(self.slug) from None

    def show(self, value: object) -> str:
        """Return a value as text for people."""
        return show(self.kind, value, self.options)

    def order(self, *, descending: bool = False) -> Order:
        """The view order by this field; money, which is kept as text, by its amount."""
        return Order((self.slug,), descending=descending, amounts=self.kind == "currency")


@dataclass(frozen=True)
class Collection:
    """Records of one kind, with typed fields; named by an immutable slug."""

    slug: str
    title: str
    icon: str
    fields: tuple[Field, ...]
    records: int
    title_field: str | None

    def field(self, slug: str) -> Field:
        """Return one field; NoSuchFieldError if there is none."""
        for each in self.fields:
            if each.slug == slug:
                return each
        raise NoSuchFieldError(slug, self.slug, [each.slug for each in self.fields])

    def title_of(self, document: Mapping[str, Any]) -> str:
        """Return what names a record: its title field, else its first value, else nothing."""
        if self.title_field is not None and (shown := self._shown(self.title_field, document)):
            return shown
        for each in self.fields:
            if shown := self._shown(each.slug, document):
                return shown
        return next((show("text", value) for value in document.values() if value), "")

    def _shown(self, slug: str, document: Mapping[str, Any]) -> str:
        value = document.get(slug)
        return self.field(slug).show(value).strip() if value not in (None, "") else ""


def check_name(name: str, *, collection: bool = False) -> str:
    """Return a name in NFC; BadNameError if nothing can be called so."""
    given = unicodedata.normalize("NFC", name)
    if not given.strip():
        raise BadNameError(name, "it is empty")
    if len(given) > NAME_LIMIT:
        raise BadNameError(name, f"it is longer than {NAME_LIMIT} signs")
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in given):
        raise BadNameError(name, "it holds signs that cannot be shown")
    if collection and given.startswith("_"):
        raise BadNameError(name, "names that start with _ are kept for the program")
    return given


def check_fields(specs: Iterable[FieldSpec]) -> list[dict[str, Any]]:
    """Return the field records of a new collection; BadNameError, KindError for what cannot be."""
    made: dict[str, dict[str, Any]] = {}
    for position, spec in enumerate(specs):
        name, kind, options = (*spec, {})[:3]
        slug = check_name(name)
        if slug in made:
            raise BadNameError(name, "two fields would be called so")
        made[slug] = {
            "slug": slug,
            "title": slug,
            "kind": check_kind(kind),
            "options": check_options(kind, options),
            "position": position,
        }
    return list(made.values())


def check_options(kind: str, options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a field's options; KindError for one that its kind cannot have."""
    checked = dict(options or {})
    choices = checked.get("choices")
    if choices is not None and not (
        isinstance(choices, list | tuple)
        and all(isinstance(each, str) and each for each in choices)
    ):
        raise KindError(kind, "The choices of a field are a list of texts; nothing was changed.")
    most = checked.get("max")
    if most is not None and (
        isinstance(most, bool) or not isinstance(most, int) or most not in MOST_STARS
    ):
        raise KindError(
            kind,
            f"The most stars of a rating are a whole number, not {quoted(str(most))}; nothing was changed.",
            hint="Choose one from 1 to 10.",
        )
    several = checked.get("several")
    if several is not None and not isinstance(several, bool):
        raise KindError(
            kind, "Whether a field holds several files is yes or no; nothing was changed."
        )
    if choices is not None:
        checked["choices"] = list(dict.fromkeys(choices))
    return checked


def assemble(
    collections: Iterable[Mapping[str, Any]],
    fields: Iterable[Mapping[str, Any]],
    count: Mapping[str, int],
) -> tuple[Collection, ...]:
    """Put collections together from their records, given in the order of their ids."""
    by_collection: dict[str, dict[str, Field]] = {}
    for each in fields:
        if isinstance(each.get("slug"), str) and isinstance(each.get("collection"), str):
            of = by_collection.setdefault(each["collection"], {})
            of.setdefault(each["slug"], _field(each))
    found: dict[str, Collection] = {}
    for each in collections:
        slug = each.get("slug")
        if isinstance(slug, str) and slug not in found:
            ordered = sorted(by_collection.get(slug, {}).values(), key=lambda one: one.position)
            found[slug] = _collection(each, tuple(ordered), count.get(slug, 0))
    return tuple(sorted(found.values(), key=lambda one: (one.title.casefold(), one.slug)))


def _field(record: Mapping[str, Any]) -> Field:
    options, position = record.get("options"), record.get("position")
    return Field(
        slug=record["slug"],
        title=str(record.get("title") or record["slug"]),
        kind=str(record.get("kind", "text")),
        options=MappingProxyType(dict(options) if isinstance(options, dict) else {}),
        position=position if isinstance(position, int) else 0,
    )


def _collection(record: Mapping[str, Any], fields: tuple[Field, ...], records: int) -> Collection:
    return Collection(
        slug=record["slug"],
        title=str(record.get("title") or record["slug"]),
        icon=str(record.get("icon") or DEFAULT_ICON),
        fields=fields,
        records=records,
        title_field=next((each.slug for each in fields if is_text(each.kind)), None),
    )
