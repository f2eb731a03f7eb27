"""`record`: adding, looking at, changing and trashing records."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import entries
from app.cli.failures import UsageError
from app.cli.output import one_line
from app.cli.session import Session, record_id, session
from app.errors import NoSuchRecordError

if TYPE_CHECKING:
    from app.model.schema import Collection
    from app.workspace import Found, Workspace
    from storage import Document, Order, Stamp, Table

records = typer.Typer(help="The records of a collection.")

Coll = Annotated[str, typer.Argument(metavar="COLL", help="The collection.")]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of records.")]

_PEOPLE_SEE = 50  # records, if no limit is given; a program gets all
_PAGE = 500
_COLUMN_SIGNS = 18  # room for a column of a table, on average


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(records, name="record")


@records.command("add")
def add(
    context: typer.Context,
    collection: Coll,
    pairs: Annotated[list[str] | None, typer.Argument(metavar="NAME=VALUE...")] = None,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="FILE", help="One or many records in JSON; - for stdin."),
    ] = None,
    new_fields: Annotated[
        bool, typer.Option("--new-fields", help="Make fields that are not there yet.")
    ] = False,
) -> None:
    """Add one record from NAME=VALUE, or all or none of a file. Prints the ids."""
    run = session(context)
    if bool(pairs) == bool(file):
        raise UsageError("Give NAME=VALUE ..., or --file.")
    objects = entries.read_objects(file) if file else []
    with run.workspace() as workspace, workspace.store.transaction():
        found = workspace.collection(collection)
        examples = (
            _examples(objects)
            if file
            else dict(entries.split_pair(found, each) for each in pairs or ())
        )
        if new_fields:
            found = entries.add_missing_fields(workspace, found, examples)
        entries.refuse_unknown(found, examples)
        documents = (
            entries.from_file(found, objects) if file else [entries.from_pairs(found, pairs or ())]
        )
        ids = workspace.add(collection, documents)
    run.output.ids(ids)


@records.command("get")
def get(context: typer.Context, record: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Show one record, also when it is in the trash."""
    run = session(context)
    with run.workspace() as workspace:
        found = located(workspace, record)
        collection = workspace.collection(found.collection)
        shape = _shape(workspace, found)
    if run.output.as_json:
        run.output.value(shape)
        return
    run.output.line(
        f"{collection.title_of(found.document) or record} ({record}, {found.collection})"
    )
    run.output.table(("field", "value"), _values(collection, found.document))
    dates = {name: shape[name] for name in ("created", "changed", "trashed") if shape[name]}
    run.output.line(", ".join(f"{name} {when}" for name, when in dates.items()))


@records.command("list")
def list_records(
    context: typer.Context,
    collection: Coll,
    condition: Annotated[
        str | None,
        typer.Option("--where", metavar="EXPR", help='Such as: state == "NY" and latitude > 40'),
    ] = None,
    sort: Annotated[
        list[str] | None,
        typer.Option("--sort", metavar="F", help="Field to sort by; -F descending. Repeat."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", metavar="N", min=0, help="How many at most (people: 50, --json: all)."
        ),
    ] = None,
    trash: Annotated[bool, typer.Option("--trash", help="Those in the trash instead.")] = False,
) -> None:
    """List the records of a collection, and how many there are in all."""
    from app.workspace import Found, trashed_documents

    run = session(context)
    if trash and (condition or sort):
        raise UsageError(
            "--trash lists all that was trashed: it goes with neither --where nor --sort."
        )
    most = (
        min(limit, sys.maxsize)
        if limit is not None
        else (None if run.output.as_json else _PEOPLE_SEE)
    )
    with run.workspace() as workspace:
        found = workspace.collection(collection)
        table = workspace.table(collection)
        if trash:
            trashed = [Found(collection, each) for each in trashed_documents(table)]
            _print(run, found, iter(trashed[:most]), table, len(trashed))
            return
        query = _condition(found, condition)
        order = [_order(found, each) for each in sort or ()]
        total = table.tally(query)
        pages = _pages(table, query, order)
        listed = (Found(collection, each) for each in islice(pages, most))
        _print(run, found, listed, table, total)


@records.command("set")
def set_fields(
    context: typer.Context,
    target: Annotated[
        str, typer.Argument(metavar="ID|COLL", help="A record, or with --where a collection.")
    ],
    pairs: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...")],
    condition: Annotated[
        str | None,
        typer.Option("--where", metavar="EXPR", help="Set it in all records that match."),
    ] = None,
) -> None:
    """Set fields of a record, or of all records of a collection that match --where. Prints the ids."""
    run = session(context)
    with run.workspace() as workspace, workspace.store.transaction():
        if condition is None:
            found = located(workspace, target)
            if found.trashed_ms is not None:
                raise _in_trash(target)
            slug, ids = found.collection, [found.document.doc_id]
        else:
            slug = workspace.collection(target).slug
            ids = list(workspace.table(slug).ids(_condition(workspace.collection(slug), condition)))
        values = entries.from_pairs(workspace.collection(slug), pairs)
        changed = workspace.change(slug, ids, values) if ids else []
    run.output.ids(changed)


@records.command("trash")
def trash_records(context: typer.Context, ids: Ids) -> None:
    """Put records into the trash; 'restore' brings them back."""
    for_each(context, ids, lambda workspace, slug, record: workspace.trash(slug, [record]))


@records.command("restore")
def restore_records(context: typer.Context, ids: Ids) -> None:
    """Take records out of the trash."""
    for_each(context, ids, lambda workspace, slug, record: workspace.restore(slug, [record]))


def for_each(
    context: typer.Context, ids: Sequence[str], act: "Callable[[Workspace, str, int], object]"
) -> None:
    """Do one thing to each record, to all or none, and print their ids."""
    run = session(context)
    with run.workspace() as workspace, workspace.store.transaction():
        for each in ids:
            found = located(workspace, each)
            act(workspace, found.collection, found.document.doc_id)
    run.output.ids([record_id(each) for each in ids])


# ---------------------------------------------------------------------------------- reading


def located(workspace: "Workspace", text: str) -> "Found":
    """A record by its spelled id, also in the trash. Raises NoSuchRecordError."""
    found = workspace.locate(record_id(text))
    if found is None:
        raise NoSuchRecordError(text)
    return found


def _in_trash(text: str) -> NoSuchRecordError:
    error = NoSuchRecordError(text, inside=" outside the trash")
    error.hint = f"'commonhold record restore {text}' brings it back first."
    return error


def _condition(collection: "Collection", text: str | None) -> Any:
    if text is None:
        return None
    from app import where

    condition = where.read(text, {each.slug: each.kind for each in collection.fields})
    for path in condition.paths:
        collection.field(path[0])
    return condition.query


def _order(collection: "Collection", text: str) -> "Order":
    known = {each.slug for each in collection.fields}
    descending = text.startswith("-") and text not in known
    return collection.field(text[1:] if descending else text).order(descending=descending)


def _pages(table: "Table", query: Any, order: "list[Order]") -> "Iterator[Document]":
    after: Document | None = None
    while page := table.page(query, order, limit=_PAGE, after=after):
        yield from page
        after = page[-1]


def _examples(objects: list[dict[str, Any]]) -> dict[str, Any]:
    examples: dict[str, Any] = {}
    for each in objects:
        for name, value in each.items():
            if examples.get(name) is None:
                examples[name] = value
    return examples


# ---------------------------------------------------------------------------------- showing


def _print(
    run: Session, collection: "Collection", listed: "Iterator[Found]", table: "Table", total: int
) -> None:
    if run.output.as_json:
        run.output.listing("records", _shapes(listed, table), {"total": total})
        return
    from storage import encode_id

    room = max(1, (run.output.columns - 15) // _COLUMN_SIGNS)
    shown = collection.fields[:room]
    rows = [
        (
            encode_id(each.document.doc_id),
            *(field.show(each.document.get(field.slug)) for field in shown),
        )
        for each in listed
    ]
    run.output.table(("id", *(field.title for field in shown)), rows)
    more = len(collection.fields) - len(shown)
    rest = f"; {more} more fields with 'record get' or --json" if more else ""
    run.output.say(f"{len(rows)} of {total} records{rest}")


def _shapes(listed: "Iterator[Found]", table: "Table") -> Iterator[dict[str, Any]]:
    while page := list(islice(listed, _PAGE)):
        stamps = table.stamps([each.document.doc_id for each in page])
        for each in page:
            yield _shaped(each, _stamp(each.document, stamps))


def _shape(workspace: "Workspace", found: "Found") -> dict[str, Any]:
    record = found.document.doc_id
    stamps = workspace.store.table(found.collection).stamps([record])
    waiting = [each.field for each in workspace.decisions_in(found.collection, record)]
    return _shaped(found, _stamp(found.document, stamps), [each for each in waiting if each])


def _stamp(document: "Document", stamps: Mapping[int, "Stamp"]) -> "Stamp | None":
    trashed: Stamp | None = getattr(document, "stamp", None)
    return trashed or stamps.get(document.doc_id)


def _shaped(found: "Found", stamp: "Stamp | None", conflicts: Sequence[str] = ()) -> dict[str, Any]:
    from storage import encode_id

    return {
        "id": encode_id(found.document.doc_id),
        "collection": found.collection,
        "fields": dict(found.document),
        "created": time_text(stamp.created_ms if stamp else None),
        "changed": time_text(stamp.changed_ms if stamp else None),
        "trashed": time_text(found.trashed_ms),
        "conflicts": list(conflicts),
    }


def time_text(milliseconds: int | None) -> str | None:
    """A time as the contract spells it."""
    if milliseconds is None:
        return None
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _values(collection: "Collection", document: "Document") -> list[tuple[str, str]]:
    known = [each for each in collection.fields if each.slug in document]
    named = {each.slug for each in known}
    beyond = [(name, str(value)) for name, value in document.items() if name not in named]
    return [(each.title, one_line(each.show(document[each.slug]))) for each in known] + beyond
