"""What an import will do to a workspace: which collections, which fields, how each column is turned.

Nothing is changed here; `Plan.prepare` makes what is missing when the import runs, inside its transaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.errors import KindError, did_you_mean, quoted
from app.exchange.convert import Converter, kept
from app.exchange.errors import NoSuchColumnError
from app.exchange.source import Column, FieldFacts, Sheet, named
from app.model.schema import FIELDS, Collection, Field, FieldSpec, check_fields
from app.workspace import Workspace
from storage import Query, Table

Converting = Callable[[list[Any], list[int]], list[Any]]


@dataclass
class Plan:
    """One sheet and the collection that it goes into; `there` is None for one that is still to be made."""

    sheet: Sheet
    slug: str
    there: Collection | None
    names: list[str]  # the field of each column
    converters: list[Converting]
    added: list[Field]
    key: int | None = None  # the column whose values tell records
    notes: list[str] = field(default_factory=list)

    def prepare(self, workspace: Workspace) -> Table:
        """Make the collection and the fields that are missing; inside a transaction."""
        specs: list[FieldSpec] = [(each.slug, each.kind, each.options) for each in self.added]
        if self.there is None:
            workspace.create_collection(self.slug, specs, self.sheet.icon)
            if self.sheet.title and self.sheet.title != self.slug:
                workspace.rename_collection(self.slug, self.sheet.title)
        else:
            for name, kind, *options in specs:
                workspace.add_field(self.slug, name, kind, options[0] if options else None)
        self._title_fields(workspace)
        return workspace.store.table(self.slug)

    def _title_fields(self, workspace: Workspace) -> None:
        for each in self.added:
            if each.title != each.slug:
                of_field = (Query().collection == self.slug) & (Query().slug == each.slug)
                workspace.store.table(FIELDS).update({"title": each.title}, of_field)

    def refusals(self) -> list[str]:
        """A sentence for each field that did not take all values."""
        said = []
        for converter in self.converters:
            if isinstance(converter, Converter) and converter.refused.count:
                met, of = converter.refused, converter.field
                said.append(
                    f"{quoted(of.title)} is a field of kind {of.kind}, and what stands in "
                    f"{named(self.sheet.unit, met.count, met.lines)} is none: it was kept as it is."
                )
        return said


def make_plan(workspace: Workspace, sheet: Sheet, name: str, key: str | None) -> Plan:
    """Match a sheet with the collection called `name`, by its slug or its title."""
    there = _find_collection(workspace, name)
    slug = there.slug if there else name
    notes: list[str] = []
    by_name = _fields_by_name(there)
    names: list[str] = []
    converters: list[Converting] = []
    added: list[Field] = []
    for column, facts in _described(sheet):
        known = by_name.get(column.name)
        if known is None and facts is None and sheet.exported:
            names.append(column.name)  # a value without a field: kept, and as before without one
            converters.append(kept)
            continue
        target = known or _new_field(column, facts, notes)
        if known is None:
            added.append(target)
        elif facts is not None and facts.kind != known.kind:
            notes.append(
                f"{quoted(known.title)} is a field of kind {known.kind} here and of kind {facts.kind} in "
                "the file: it stays what it is here."
            )
        names.append(target.slug)
        converters.append(
            kept if sheet.exported else Converter(target, column, texts=sheet.unit == "line")
        )
    return Plan(sheet, slug, there, names, converters, added, _key(sheet, key, by_name), notes)


def _find_collection(workspace: Workspace, name: str) -> Collection | None:
    found = workspace.collections()
    by_slug = next((each for each in found if each.slug == name), None)
    titled = [each for each in found if each.title == name]
    return by_slug or (titled[0] if len(titled) == 1 else None)


def _fields_by_name(there: Collection | None) -> dict[str, Field]:
    """Fields by slug, and by title where that is no other field's slug."""
    fields = there.fields if there else ()
    found: dict[str, Field] = {}
    for each in fields:
        found.setdefault(each.title, each)
    return found | {each.slug: each for each in fields}


def _described(sheet: Sheet) -> list[tuple[Column, FieldFacts | None]]:
    """Columns in the order of their fields, with what an export says of them."""
    facts: Mapping[str, FieldFacts] = {each.name: each for each in sheet.fields}
    return [(column, facts.get(column.name)) for column in sheet.columns]


def _new_field(column: Column, facts: FieldFacts | None, notes: list[str]) -> Field:
    if facts is None:
        return Field(column.name, column.name, column.verdict.kind, column.verdict.options)
    made = Field(facts.name, facts.title, facts.kind, facts.options)
    try:
        check_fields([(made.slug, made.kind, made.options)])
    except KindError:
        notes.append(
            f"{quoted(made.title)} is a field of kind {made.kind}, which this version cannot make: it "
            "becomes a text field, and its values are kept as they are."
        )
        return Field(facts.name, facts.title, "text")
    return made


def _key(sheet: Sheet, key: str | None, by_name: Mapping[str, Field]) -> int | None:
    """The column of the key, which may be told by the name of its field too."""
    if key is None:
        return None
    names = [column.name for column in sheet.columns]
    if key in names:
        return names.index(key)
    for at, name in enumerate(names):
        if name in by_name and key in {by_name[name].slug, by_name[name].title}:
            return at
    raise NoSuchColumnError(
        f"There is no column {quoted(key)} in the file, so records cannot be told by it. Nothing was "
        "imported.",
        hint=did_you_mean(key, names) or f"There are: {', '.join(quoted(n) for n in names[:10])}.",
    )
