"""Records out to a file: our own JSON with schema and ids, or CSV for spreadsheets.

JSON, one document, UTF-8, a record a line:
`{"format": "commonhold", "version": 1, "workspace", "collections": [{"name", "title", "icon", "fields":
[{"name", "title", "kind", "options"}], "records": [{"id", "created", "changed", "fields": {…}}]}]}`.
Importing it gives equal records with the same ids; created and changed are information.

CSV: one collection, UTF-8, RFC 4180, a name per column in the first line (`cells` says how values stand).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from app.errors import quoted
from app.exchange.cells import guard, json_text, to_cell
from app.exchange.errors import ExportStoppedError, NeedsCollectionError, UnknownFormatError
from app.exchange.files import CSV, LINES, format_of, replacing
from app.exchange.progress import Cancel, Meter, Report
from app.exchange.read_json import FORMAT, VERSION
from app.model.schema import Collection
from app.workspace import Workspace
from storage import Document, Table, encode_id

_PAGE: Final = 500
_STREAM: Final = Path("-.json")  # what stands for a stream, which has no name
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# What a reader could take for a delimiter, a quote or padding.
_QUOTED: Final = re.compile(r'[",;|\t\x1f^~\r\n]|^[ \']|[ \']$|^sep=', re.IGNORECASE)
_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class ExportReport:
    """What was written."""

    path: str
    format: str
    collections: tuple[str, ...]
    records: int
    warnings: tuple[str, ...] = ()


def export(
    workspace: Workspace,
    path: Path | str | BinaryIO,
    format: str | None = None,  # noqa: A002 - as the option is called
    collection: str | None = None,
    *,
    progress: Report | None = None,
    cancel: Cancel | None = None,
) -> ExportReport:
    """Write all collections (JSON) or one (CSV, JSON); the file is whole or, on any failure, as it was.

    A stream takes what is written as it comes, JSON unless told otherwise, and is left open. `progress` counts
    records; `cancel` is asked often and stops the export when it returns true.
    """
    place = Path(path) if isinstance(path, Path | str) else _STREAM
    kind = format_of(place, format, writing=True)
    if kind == LINES:
        raise UnknownFormatError(
            "An export is one JSON document, not a record a line. Nothing was exported.",
            hint="Let the name end in .json or .csv.",
        )
    chosen = workspace.collections() if collection is None else (workspace.collection(collection),)
    if kind == CSV and len(chosen) != 1:
        raise _not_one(chosen)
    meter = Meter(sum(each.records for each in chosen), _stopped(), progress, cancel)
    opened = replacing(place) if isinstance(path, Path | str) else nullcontext(path)
    with opened as file:
        write = _write_csv if kind == CSV else _write_json
        records = write(file, workspace, chosen, meter)
        meter.check()
    slugs = tuple(each.slug for each in chosen)
    left = _left_in_trash(workspace, slugs, whole=collection is None)
    return ExportReport("-" if place is _STREAM else str(place), kind, slugs, records, left)


def _left_in_trash(workspace: Workspace, slugs: Sequence[str], *, whole: bool) -> tuple[str, ...]:
    """What an export leaves out, in words."""
    said = []
    count = sum(workspace.table(slug).tally_trash() for slug in slugs)
    if count:
        what = "1 record in the trash was" if count == 1 else f"{count} records in the trash were"
        said.append(f"{what} not exported: an export holds what is in the lists.")
    lists = workspace.trashed_collections() if whole else ()
    if lists:
        named = ", ".join(quoted(each) for each in lists[:5])
        said.append(f"What is in the trash as a whole was not exported: {named}.")
    return tuple(said)


def _write_json(
    file: BinaryIO, workspace: Workspace, collections: Sequence[Collection], meter: Meter
) -> int:
    head = {"format": FORMAT, "version": VERSION, "workspace": workspace.name}
    file.write(_json(head)[:-1] + b',"collections":[')
    total = 0
    for at, each in enumerate(collections):
        fields = [
            {"name": f.slug, "title": f.title, "kind": f.kind, "options": dict(f.options)}
            for f in each.fields
        ]
        about = {"name": each.slug, "title": each.title, "icon": each.icon, "fields": fields}
        file.write((b",\n" if at else b"\n") + _json(about)[:-1] + b',"records":[')
        table = workspace.table(each.slug)
        for first, page in _pages(table):
            stamps = table.stamps([document.doc_id for document in page])
            lines = [
                _json(
                    {
                        "id": encode_id(document.doc_id),
                        "created": _time(stamps[document.doc_id].created_ms),
                        "changed": _time(stamps[document.doc_id].changed_ms),
                        "fields": document,
                    }
                )
                for document in page
                if document.doc_id in stamps
            ]
            file.write((b"\n" if first else b",\n") + b",\n".join(lines))
            total += len(lines)
            meter.at(total, total)
        file.write(b"]}")
    file.write(b"\n]}\n")
    return total


def _write_csv(
    file: BinaryIO, workspace: Workspace, collections: Sequence[Collection], meter: Meter
) -> int:
    (only,) = collections
    table = workspace.table(only.slug)
    kinds = {each.slug: each.kind for each in only.fields}
    for page in _batches(table):  # values under names that no field has are data all the same
        meter.check()
        for document in page:
            for name in document:
                kinds.setdefault(name, "text")
    titles = _titles(only, list(kinds))
    file.write(csv_line(guard(title) for title in titles))
    total = 0
    for page in _batches(table):
        lines = [
            csv_line(to_cell(kind, document.get(name)) for name, kind in kinds.items())
            for document in page
        ]
        file.write(b"".join(lines))
        total += len(page)
        meter.at(total, total)
    return total


def csv_line(cells: Iterable[str]) -> bytes:
    """Cells as a line of CSV, its end included."""
    shown = [
        '"' + cell.replace('"', '""') + '"' if _QUOTED.search(cell) else cell for cell in cells
    ]
    if shown == [""]:
        shown = ['""']  # a blank line would be no row
    return (",".join(shown) + "\r\n").encode("utf-8", "surrogatepass")


def _titles(collection: Collection, names: list[str]) -> list[str]:
    """What stands over the columns: titles, or slugs where two titles are one."""
    by_slug = {each.slug: each.title for each in collection.fields}
    titles = [by_slug.get(name, name) for name in names]
    return titles if len(set(titles)) == len(titles) else names


def _json(value: dict[str, Any]) -> bytes:
    try:
        return _encode(value)
    except UnicodeEncodeError:  # half of a surrogate pair: only escaped
        return json_text(value).encode()


def _time(ms: int) -> str:
    return (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")


def _batches(table: Table) -> Iterator[list[Document]]:
    documents = iter(table)
    while page := list(islice(documents, _PAGE)):
        yield page


def _pages(table: Table) -> Iterator[tuple[bool, list[Document]]]:
    for at, page in enumerate(_batches(table)):
        yield at == 0, page


def _not_one(chosen: Sequence[Collection]) -> NeedsCollectionError:
    if not chosen:
        return NeedsCollectionError(
            "There is no collection to export yet. Nothing was written.", hint="Import or make one."
        )
    listed = ", ".join(quoted(each.slug) for each in chosen[:5])
    return NeedsCollectionError(
        f"A CSV file holds one collection, and there are {len(chosen)} ({listed}). Nothing was written.",
        hint="Name one with --collection, or export to JSON, which holds all.",
    )


def _stopped() -> ExportStoppedError:
    return ExportStoppedError(
        "The export was stopped; no file was written, and one of that name is as it was.",
        hint="Start it again at any time.",
    )
