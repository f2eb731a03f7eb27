"""`record attach` and `record file`: files in, files out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.failures import UsageError
from app.cli.records import located, records
from app.cli.session import record_id, session
from app.errors import BadInputError, quoted

if TYPE_CHECKING:
    from app.workspace import Found, Workspace

Record = Annotated[str, typer.Argument(metavar="ID", help="The record.")]
FieldName = Annotated[str, typer.Argument(metavar="FIELD", help="A field for files.")]


def add_to(_app: typer.Typer) -> None:
    """Add the commands of this module; they belong to `record`."""
    records.command("attach")(attach)
    records.command("file")(write_file)


def attach(
    context: typer.Context,
    record: Record,
    field: FieldName,
    file: Annotated[str, typer.Argument(metavar="FILE", help="What to attach; it stays as it is.")],
) -> None:
    """Attach a file to a record; 'undo' takes it back. Prints the id."""
    from app import attaching

    run = session(context)
    with run.workspace() as workspace:
        value = attaching.attach(workspace, record_id(record), field, Path(file))
    if run.output.as_json:
        run.output.value({"ids": [record], "field": field, "file": _shape(value)})
        return
    run.output.ids([record_id(record)])


def write_file(
    context: typer.Context,
    record: Record,
    field: FieldName,
    out: Annotated[str, typer.Argument(metavar="OUT", help="The file to write.")],
    which: Annotated[
        int | None,
        typer.Option("--which", metavar="N", min=1, help="Which of several, 1 is the first."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Take the place of a file that is there.")
    ] = False,
) -> None:
    """Write a file that is attached to a record, also when the record is in the trash."""
    from app import attaching

    run = session(context)
    with run.workspace() as workspace:
        value = _chosen(workspace, located(workspace, record), field, which)
        attaching.save(workspace, value, Path(out), force=force)
    if run.output.as_json:
        run.output.value({"path": out, **_shape(value)})
        return
    from app.model.attached import show

    run.output.line(f"{show(value, {})} is in {out} now.")


def _chosen(workspace: "Workspace", found: "Found", field: str, which: int | None) -> Any:
    """The attachment that is meant."""
    from app.model.attached import listed, show

    workspace.collection(found.collection).field(field)
    there = listed(found.document.get(field))
    if not there:
        raise BadInputError(
            f"Nothing is attached in the field {quoted(field)}. Nothing was written.",
            hint="'commonhold record get ID' shows what is in a record.",
        )
    if which is None and len(there) > 1:
        names = "; ".join(f"{n} {show(each, {})}" for n, each in enumerate(there, 1))
        raise UsageError(f"There are {len(there)} files. Say which with --which N: {names}.")
    if which is not None and which > len(there):
        raise UsageError(f"There {_are(len(there))} in the field {quoted(field)}.")
    return there[(which or 1) - 1]


def _are(count: int) -> str:
    return "is one file" if count == 1 else f"are {count} files"


def _shape(value: Any) -> dict[str, Any]:
    from storage.blobs.value import name_of

    return {"name": name_of(value), "size": value.get("size")}
