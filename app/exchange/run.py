"""Import and export from beginning to end.

1. An import is all or nothing: one transaction, begun when the whole file was seen. Cancelled, failed or cut
   off, it leaves the workspace as it was.
2. Importing a file twice changes nothing the second time.
3. A dry run does all but write, and reports what it would have done.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from app.errors import quoted
from app.exchange.csv_source import CsvSource
from app.exchange.errors import (
    ImportStoppedError,
    NeedsCollectionError,
    NoSuchColumnError,
    UnreadableFileError,
)
from app.exchange.export import ExportReport, export
from app.exchange.files import (
    CSV,
    LINES,
    format_of,
    format_sentences,
    identity,
    is_still,
    readable,
    unreadable,
)
from app.exchange.fill import Filling
from app.exchange.json_source import JsonSource
from app.exchange.names import collection_name, tidy
from app.exchange.plan import Plan, make_plan
from app.exchange.progress import Cancel, Meter, Report
from app.exchange.source import Sheet, Source
from app.workspace import Workspace
from storage import Action

__all__ = [
    "CollectionResult",
    "ExportReport",
    "ImportReport",
    "export",
    "import_file",
    "open_source",
]

_LOOKING = 0.2  # the share of the time that looking at the file takes


@dataclass(frozen=True)
class CollectionResult:
    """What became of the rows for one collection."""

    name: str
    created: int
    updated: int
    unchanged: int
    skipped: int


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do (`dry_run`)."""

    collections: tuple[CollectionResult, ...]
    warnings: tuple[str, ...]
    dry_run: bool


def import_file(  # noqa: PLR0913 - what the command line offers
    workspace: Workspace,
    path: Path | str,
    into: str | None = None,
    format: str | None = None,  # noqa: A002 - as the option is called
    key: str | None = None,
    *,
    dry_run: bool = False,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: bool | None = None,
    action: Action | None = None,
    progress: Report | None = None,
    cancel: Cancel | None = None,
) -> ImportReport:
    """Import a file, all of it or nothing.

    What is written is one action, `action` if given. `progress` is called on this thread; `cancel` is asked often and
    stops the import when it returns true (`threading.Event().is_set` is one). Raises ExchangeError and its kinds, and
    what the workspace raises.
    """
    path = readable(Path(path))
    before = identity(path)
    meter = Meter(before[1], _stopped(), progress, cancel)
    try:
        source = open_source(path, format, encoding, delimiter, meter, header=header)
        meter.stage(0.0, _LOOKING)
        sheets = _named(source.scan(meter), path, into)
        meter.stage(_LOOKING, 1.0)
        with nullcontext() if dry_run else workspace.acting(action):
            plans = _plans(workspace, sheets, key)
            fillings = [_filling(workspace, plan, plans, meter, dry=dry_run) for plan in plans]
            for batch in source.batches(meter):
                fillings[batch.sheet].take(batch)
            if not is_still(path, before):
                raise _changed(path)
            meter.check()
    except (ValueError, KeyError, TypeError):  # values that are not what the first walk found
        if not is_still(path, before):
            raise _changed(path) from None
        raise
    except OSError as error:
        raise unreadable(path, error) from None
    return ImportReport(
        tuple(_result(filling) for filling in fillings),
        (
            *format_sentences(path, format, source.facts.format),
            *source.warnings(),
            *(said for each in fillings for said in each.sentences()),
        ),
        dry_run,
    )


def open_source(
    path: Path,
    told: str | None,
    encoding: str | None,
    delimiter: str | None,
    meter: Meter,
    *,
    header: bool | None = None,
) -> Source:
    """The reader for a file, by its format."""
    kind = format_of(path, told)
    if kind == CSV:
        return CsvSource(path, meter, encoding, delimiter, header=header)
    return JsonSource(path, meter, encoding, lines=kind == LINES)


def _named(sheets: list[Sheet], path: Path, into: str | None) -> list[Sheet]:
    """Give each sheet the name of its collection."""
    if into is not None and len(sheets) > 1:
        listed = ", ".join(quoted(sheet.name) for sheet in sheets[:5])
        raise NeedsCollectionError(
            f"The file holds {len(sheets)} collections ({listed}), and one to import into was told. "
            "Nothing was imported.",
            hint="Leave it out: each goes into the collection of its name.",
        )
    for sheet in sheets:
        if into is not None:
            sheet.name = into
        elif not sheet.exported:
            sheet.name = tidy(sheet.name).lstrip("_ ") or collection_name(path)
    return sheets


def _plans(workspace: Workspace, sheets: Sequence[Sheet], key: str | None) -> list[Plan]:
    plans: list[Plan] = []
    for sheet in sheets:
        has_key = key is not None and (len(sheets) == 1 or key in {c.name for c in sheet.columns})
        plans.append(make_plan(workspace, sheet, sheet.name, key if has_key else None))
    if key is not None and not any(plan.key is not None for plan in plans):
        raise NoSuchColumnError(
            f"No collection in the file has {quoted(key)}, so records cannot be told by it. Nothing was "
            "imported.",
            hint="Leave the key out, or import the collections one by one.",
        )
    return plans


def _filling(
    workspace: Workspace, plan: Plan, plans: list[Plan], meter: Meter, *, dry: bool
) -> Filling:
    store = workspace.store
    others = []
    if plan.sheet.exported:
        slugs = {each.slug for each in workspace.collections()} | {each.slug for each in plans}
        others = [store.table(slug) for slug in sorted(slugs - {plan.slug})]
    there = store.table(plan.slug) if plan.there else None
    table = there if dry else plan.prepare(workspace)
    return Filling(plan, table, others, dry=dry, check=meter.check)


def _result(filling: Filling) -> CollectionResult:
    counts = filling.counts
    return CollectionResult(
        filling.plan.slug, counts.created, counts.updated, counts.unchanged, counts.skipped
    )


def _stopped() -> ImportStoppedError:
    return ImportStoppedError(
        "The import was stopped; nothing of the file was kept.", hint="Start it again at any time."
    )


def _changed(path: Path) -> UnreadableFileError:
    return UnreadableFileError(
        f"{path} was changed while it was being read. Nothing was imported.",
        hint="Import it again when no other program writes to it.",
    )
