"""`collection` and `field`: what kinds of records there are, and what they are made of."""

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from app.cli.failures import UsageError
from app.cli.output import plain
from app.cli.session import Session, session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.model.schema import Collection, Field, FieldSpec

collections = typer.Typer(help="Collections: records of one kind.")
fields = typer.Typer(help="The fields of a collection.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The collection's name.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(collections, name="collection")
    app.add_typer(fields, name="field")


@collections.command("list")
def list_collections(
    context: typer.Context,
    trash: Annotated[bool, typer.Option("--trash", help="Those in the trash instead.")] = False,
) -> None:
    """List the collections."""
    run = session(context)
    with run.workspace() as workspace:
        if trash:
            _list_trash(run, workspace.trashed_collections())
            return
        found = workspace.collections()
    if run.output.as_json:
        run.output.value({"collections": [_shape(each) for each in found]})
        return
    if not found:
        run.output.say(
            "There is no collection yet: 'commonhold collection create' or 'import' makes one."
        )
    run.output.table(
        ("name", "title", "records", "fields"),
        [(each.slug, each.title, str(each.records), str(len(each.fields))) for each in found],
    )


@collections.command("create")
def create(
    context: typer.Context,
    name: Name,
    definitions: Annotated[
        str,
        typer.Option(
            "--fields", metavar="NAME:KIND,...", help="Its fields; text where no kind is given."
        ),
    ] = "",
    icon: Annotated[str | None, typer.Option(metavar="ICON", help="Name of an icon.")] = None,
) -> None:
    """Make a collection. Its name stays; 'rename' changes the title."""
    run = session(context)
    with run.workspace() as workspace:
        made = workspace.create_collection(name, _definitions(definitions), icon)
    _show(run, made)


@collections.command("show")
def show(context: typer.Context, name: Name) -> None:
    """Show a collection and its fields."""
    run = session(context)
    with run.workspace() as workspace:
        found = workspace.collection(name)
    _show(run, found)


@collections.command("rename")
def rename(
    context: typer.Context,
    name: Name,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="The new title; the name stays.")],
) -> None:
    """Change the title of a collection."""
    run = session(context)
    with run.workspace() as workspace:
        renamed = workspace.rename_collection(name, title)
    _show(run, renamed)


@collections.command("trash")
def trash_collection(context: typer.Context, name: Name) -> None:
    """Put a collection into the trash; 'restore' brings it back with its records."""
    run = session(context)
    with run.workspace() as workspace:
        workspace.trash_collection(name)
    if run.output.as_json:
        run.output.value({"name": name, "trashed": True})
    else:
        run.output.line(
            f"{name} is in the trash; 'commonhold collection restore {name}' brings it back."
        )


@collections.command("restore")
def restore_collection(context: typer.Context, name: Name) -> None:
    """Take a collection out of the trash."""
    run = session(context)
    with run.workspace() as workspace:
        restored = workspace.restore_collection(name)
    _show(run, restored)


@fields.command("list")
def list_fields(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="COLL", help="The collection.")],
) -> None:
    """List the fields of a collection."""
    show(context, name)


@fields.command("add")
def add_field(  # noqa: PLR0917 - options of a command
    context: typer.Context,
    collection: Annotated[str, typer.Argument(metavar="COLL", help="The collection.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The field's name.")],
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="Its kind, such as text, number or date.")
    ],
    choice: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="One of its choices (repeat).")
    ] = None,
    currency: Annotated[
        str | None, typer.Option(metavar="CODE", help="Currency of its amounts, such as EUR.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(metavar="UNIT", help="Unit of its quantities, such as kg.")
    ] = None,
    decimals: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=15, help="Decimals its numbers are shown with."),
    ] = None,
    most: Annotated[
        int | None, typer.Option("--max", metavar="N", help="Most stars of a rating.")
    ] = None,
    several: Annotated[
        bool, typer.Option("--several", help="It holds several files, not one.")
    ] = False,
) -> None:
    """Add a field to a collection."""
    run = session(context)
    given = {
        "choices": choice,
        "currency": currency,
        "unit": unit,
        "decimals": decimals,
        "max": most,
        "several": several or None,
    }
    options = {key: value for key, value in given.items() if value not in (None, [])}
    _refuse_unfit(kind, options)
    with run.workspace() as workspace:
        made = workspace.add_field(collection, name, kind, options)
    if run.output.as_json:
        run.output.value(_field_shape(made))
    else:
        run.output.line(f"{collection} has the field {made.slug} now ({made.kind}).")


_OPTIONS: Final = {  # what each is called on the command line, and the kinds that it means something to
    "choices": ("--choice", ("choice", "choices", "tags")),
    "currency": ("--currency", ("currency",)),
    "unit": ("--unit", ("quantity",)),
    "decimals": ("--decimals", ("number", "quantity", "percent")),
    "max": ("--max", ("rating",)),
    "several": ("--several", ("attachment", "image")),
}


def _refuse_unfit(kind: str, options: "Iterable[str]") -> None:
    """Refuse an option that a field of this kind would never use; an unknown kind is refused elsewhere."""
    from app.model.fields import KINDS

    for option, fits in (_OPTIONS[each] for each in options):
        if kind in KINDS and kind not in fits:
            *first, last = fits
            kinds = f"{', '.join(first)} or {last}" if first else last
            raise UsageError(
                f"{option} means nothing to a field of kind {kind}: it is for {kinds}. Nothing was changed.",
                hint=f"Leave {option} out, or choose another kind.",
            )


def _definitions(text: str) -> "list[FieldSpec]":
    found: list[FieldSpec] = []
    for part in text.split(",") if text.strip() else ():
        name, colon, kind = part.rpartition(":")
        found.append((name.strip(), kind.strip()) if colon else (part.strip(), "text"))
    return found


def _list_trash(run: Session, names: tuple[str, ...]) -> None:
    if run.output.as_json:
        run.output.value({"collections": [{"name": each, "trashed": True} for each in names]})
    else:
        run.output.table(("name",), [(each,) for each in names])


def _shape(collection: "Collection") -> dict[str, Any]:
    return {
        "name": collection.slug,
        "title": collection.title,
        "icon": collection.icon,
        "records": collection.records,
        "fields": [_field_shape(each) for each in collection.fields],
    }


def _field_shape(field: "Field") -> dict[str, Any]:
    return {
        "name": field.slug,
        "title": field.title,
        "kind": field.kind,
        "options": dict(field.options),
    }


def _show(run: Session, collection: "Collection") -> None:
    if run.output.as_json:
        run.output.value(_shape(collection))
        return
    run.output.line(f"{collection.title} ({collection.slug}), {collection.records} records")
    run.output.table(
        ("field", "kind", "options"),
        [(each.slug, each.kind, _options(each)) for each in collection.fields],
    )


def _options(field: "Field") -> str:
    return ", ".join(
        f"{key}: {', '.join(value) if isinstance(value, list) else plain(value)}"
        for key, value in field.options.items()
    )
