"""`record history|restore-version|purge`, `undo`, `redo`, `conflicts`: what was, and what is to be decided."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.failures import UsageError
from app.cli.output import plain
from app.cli.records import Ids, for_each, located, records, time_text
from app.cli.session import Session, record_id, session

if TYPE_CHECKING:
    from app.model.past import Decision, Undone, Version
    from app.model.schema import Collection
    from app.workspace import Workspace

conflicts = typer.Typer(
    help="What people wrote apart and somebody has to decide on.", invoke_without_command=True
)

Record = Annotated[str, typer.Argument(metavar="ID")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(conflicts, name="conflicts")
    app.command("undo")(undo)
    app.command("redo")(redo)


# ---------------------------------------------------------------------------------- records


@records.command("history")
def history(context: typer.Context, record: Record) -> None:
    """Show every version of a record: who wrote what, and when."""
    run = session(context)
    with run.workspace() as workspace:
        found = located(workspace, record)
        collection = workspace.collection(found.collection)
        versions = workspace.history(found.collection, found.document.doc_id)
    if run.output.as_json:
        run.output.value({"versions": [_version(each) for each in versions]})
        return
    rows = [
        (
            str(each.n),
            time_text(each.at_ms) or "",
            each.member,
            each.device,
            _told(each, collection),
        )
        for each in versions
    ]
    run.output.table(("n", "at", "by", "on", "what"), rows)


@records.command("restore-version")
def restore_version(
    context: typer.Context,
    record: Record,
    n: Annotated[int, typer.Argument(metavar="N", help="As 'record history' numbers them.")],
) -> None:
    """Make a record what it was in one of its versions; 'undo' takes it back."""
    run = session(context)
    with run.workspace() as workspace:
        found = located(workspace, record)
        workspace.restore_version(found.collection, found.document.doc_id, n)
    run.output.ids([record_id(record)])


@records.command("purge")
def purge(context: typer.Context, ids: Ids) -> None:
    """Delete records for good: out of lists and trash. Until 'undo', nobody sees them."""
    for_each(context, ids, lambda workspace, slug, record: workspace.purge(slug, [record]))


# ------------------------------------------------------------------------------ undo and redo


def undo(context: typer.Context) -> None:
    """Take back what was done last on this computer."""
    run = session(context)
    with run.workspace() as workspace:
        done = workspace.undo()
    _tell_undone(run, done, "undo", "Undone")


def redo(context: typer.Context) -> None:
    """Do again what was undone last."""
    run = session(context)
    with run.workspace() as workspace:
        done = workspace.redo()
    _tell_undone(run, done, "redo", "Done again")


def _tell_undone(run: Session, done: "Undone | None", verb: str, told: str) -> None:
    records_done = done.records if done else 0
    left, texts = (done.left, done.texts) if done else (0, 0)
    if run.output.as_json:
        run.output.value({"records": records_done, "left": left, "texts": texts})
        return
    if done is None:
        run.output.say(f"There is nothing to {verb}.")
        return
    run.output.line(f"{told}, in {records_done} record{'' if records_done == 1 else 's'}.")
    if left:
        run.output.say(
            f"What was written over meanwhile stays as it is ({left}): 'record history' shows by whom."
        )
    if texts:
        run.output.say(
            f"Long texts in which others wrote stay as they are ({texts}): "
            "'record restore-version' brings an earlier one back."
        )


# --------------------------------------------------------------------------------- conflicts


@conflicts.callback()
def listed_by_default(context: typer.Context) -> None:
    """Without a command: list them."""
    if context.invoked_subcommand is None:
        list_conflicts(context)


@conflicts.command("list")
def list_conflicts(context: typer.Context) -> None:
    """List what waits for a decision."""
    run = session(context)
    with run.workspace() as workspace:
        found = workspace.decisions()
    if run.output.as_json:
        run.output.value({"conflicts": [_conflict(each) for each in found]})
        return
    from storage import encode_id

    if not found:
        run.output.say("Nothing waits for a decision.")
    rows = [
        (
            encode_id(each.record),
            each.collection,
            each.field,
            str(one.n),
            plain(one.value),
            one.member,
        )
        for each in found
        if each.field is not None
        for one in each.choices
    ]
    rows += [
        (encode_id(each.record), each.collection, "", "", "deleted by one, edited by another", "")
        for each in found
        if each.field is None
    ]
    run.output.table(("id", "collection", "field", "n", "value", "by"), rows)


@conflicts.command("resolve")
def resolve(
    context: typer.Context,
    record: Record,
    field: Annotated[
        str | None,
        typer.Argument(metavar="FIELD", help="None for a record that was deleted while edited."),
    ] = None,
    keep: Annotated[
        str | None,
        typer.Option("--keep", metavar="N|both", help="The value of this number, or both texts."),
    ] = None,
    value: Annotated[
        str | None, typer.Option("--value", metavar="V", help="Another value, as one types it.")
    ] = None,
) -> None:
    """Decide what a field holds; 'undo' takes it back."""
    run = session(context)
    with run.workspace() as workspace:
        found = located(workspace, record)
        slug, doc_id = found.collection, found.document.doc_id
        waiting = {each.field: each for each in workspace.decisions_in(slug, doc_id)}
        if field not in waiting:
            raise UsageError(
                f"Nothing waits for a decision {'there' if field is None else 'in that field'}. "
                "Nothing was changed; 'conflicts list' names what does."
            )
        chosen = _chosen(workspace, slug, waiting[field], keep, value)
        workspace.decide(slug, doc_id, field, chosen)
    run.output.ids([doc_id])


def _chosen(
    workspace: "Workspace", slug: str, decision: "Decision", keep: str | None, value: str | None
) -> Any:
    if decision.field is None:
        return None
    if (keep is None) == (value is None):
        raise UsageError("Give either --keep N, --keep both, or --value V. Nothing was changed.")
    if value is not None:
        return workspace.collection(slug).field(decision.field).parse(value)
    if keep == "both":
        return decision.both()
    choices = {str(one.n): one.value for one in decision.choices}
    if keep not in choices:
        raise UsageError(f"--keep takes one of {', '.join(choices)}, or both. Nothing was changed.")
    return choices[keep]


# ------------------------------------------------------------------------------------ shapes


def _version(each: "Version") -> dict[str, Any]:
    return {
        "n": each.n,
        "at": time_text(each.at_ms),
        "member": each.member,
        "device": each.device,
        "what": each.what,
        "fields": {name: list(pair) for name, pair in each.fields.items()},
    }


def _told(version: "Version", collection: "Collection") -> str:
    known = {each.slug: each for each in collection.fields}
    parts = []
    for name, (old, new) in version.fields.items():
        field = known.get(name)
        before, after = (
            "–" if one is None else field.show(one) if field else str(one) for one in (old, new)
        )
        title = field.title if field else name
        parts.append(f"{title}: {after}" if old is None else f"{title}: {before} → {after}")
    return f"{version.what}  {'; '.join(parts)}".strip()


def _conflict(each: "Decision") -> dict[str, Any]:
    from storage import encode_id

    return {
        "id": encode_id(each.record),
        "collection": each.collection,
        "field": each.field,
        "values": [
            {
                "n": one.n,
                "value": one.value,
                "member": one.member,
                "device": one.device,
                "at": time_text(one.at_ms),
            }
            for one in each.choices
        ],
    }
