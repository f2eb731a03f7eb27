"""Rows into a collection: which are new, which change a record, which are there already.

Three ways to tell a record: by its id (our own export), by the value of a key field, or by all values of
the row, counted – two equal rows in a file stand for two records.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from app.exchange.fingerprint import Bag, Keys, document_digest, row_digest, same
from app.exchange.plan import Plan
from app.exchange.read_csv import Named
from app.exchange.source import Batch, counted, named
from app.exchange.values import ABSENT
from storage import Document, Table

_CHECK_EVERY: Final = 1_000
_Row = Sequence[Any]


@dataclass
class Counts:
    """What became of the rows of one sheet."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0


@dataclass
class Said:
    """What there is to say of rows, besides counting them."""

    doubled_keys: Named = field(default_factory=Named)
    trashed: Named = field(default_factory=Named)
    elsewhere: Named = field(default_factory=Named)
    keys_twice_here: int = 0
    emptied: int = 0


class _Way(Protocol):
    """A way to tell records; writes through the `Filling`."""

    def take(self, rows: list[_Row], batch: Batch) -> None:
        """Deal with some rows."""


class Filling:
    """Takes the batches of one sheet; with no `table` (a dry run, a collection still to be made) only counts."""

    def __init__(
        self,
        plan: Plan,
        table: Table | None,
        others: Sequence[Table],
        *,
        dry: bool,
        check: Callable[[], None],
    ) -> None:
        self.plan = plan
        self.table = table
        self.others = others
        self.counts = Counts(skipped=plan.sheet.skipped)
        self.said = Said()
        self._dry = dry
        self._check = check
        self._way: _Way | None = None

    def take(self, batch: Batch) -> None:
        """Turn the cells into values, and deal with the rows."""
        if self._way is None:
            self._way = self._choose()
        columns = [
            convert(cells, batch.numbers)
            for convert, cells in zip(self.plan.converters, batch.cells, strict=True)
        ]
        rows: list[_Row] = [*zip(*columns, strict=True)] if columns else [()] * len(batch.numbers)
        self._way.take(rows, batch)

    def _choose(self) -> _Way:
        if self.plan.sheet.exported:
            return _ById(self)
        if self.plan.key is not None:
            return _ByKey(self, self.plan.key)
        return _ByRow(self)

    # -- what the ways do ----------------------------------------------------------------------

    def existing(self) -> Iterator[Document]:
        """All records that the collection has."""
        for count, document in enumerate(self.table if self.table is not None else ()):
            if count % _CHECK_EVERY == 0:
                self._check()
            yield document

    def fields(self, row: _Row) -> dict[str, Any]:
        """A row as the fields of a record."""
        return {
            name: value
            for name, value in zip(self.plan.names, row, strict=True)
            if value is not ABSENT
        }

    def create(self, rows: Sequence[_Row], ids: Sequence[int] | None = None) -> None:
        """Make a record of each row."""
        self.counts.created += len(rows)
        if self._dry or not rows or self.table is None:
            return
        documents: list[Mapping[str, Any]] = [self.fields(row) for row in rows]
        if ids is not None:
            documents = [
                Document(each, doc_id) for each, doc_id in zip(documents, ids, strict=True)
            ]
        self.table.insert_multiple(documents)

    def change(self, document: Document, row: _Row, *, blank_empties: bool) -> None:
        """Set what differs in a record; a blank cell empties its field."""
        new: dict[str, Any] = {}
        gone: list[str] = []
        for name, value in zip(self.plan.names, row, strict=True):
            old = document.get(name, ABSENT)
            if value is ABSENT:
                if blank_empties and not same(old, ABSENT):
                    gone.append(name)
            elif not same(old, value):
                new[name] = value
        if not new and not gone:
            self.counts.unchanged += 1
            return
        self.counts.updated += 1
        self.said.emptied += len(gone)
        if self._dry or self.table is None:
            return

        def apply(found: dict[str, Any]) -> None:
            found.update(new)
            for name in gone:
                found.pop(name, None)

        self.table.update(apply, doc_ids=[document.doc_id])

    def sentences(self) -> list[str]:
        """What there is to say."""
        unit, said = self.plan.sheet.unit, self.said
        found = [*self.plan.notes, *self.plan.refusals()]
        if said.doubled_keys.count:
            where = named(unit, said.doubled_keys.count, said.doubled_keys.lines)
            found.append(
                f"What tells the record in {where} stands in the file before: the first one counts, the "
                "other was skipped."
            )
        if said.keys_twice_here:
            what = counted(said.keys_twice_here, "record shares its", "records share their")
            found.append(
                f"In the collection {what} key with another: the one that was there first was compared, "
                "the other left as it is."
            )
        if said.emptied:
            what = counted(said.emptied, "value was", "values were")
            found.append(f"{what} emptied, because the file has a blank cell there.")
        if said.trashed.count:
            what = counted(said.trashed.count, "record", "records")
            found.append(
                f"{what} of the file in the trash here: left there. Restore what you want to have back."
            )
        if said.elsewhere.count:
            where = named(unit, said.elsewhere.count, said.elsewhere.lines)
            found.append(
                f"The id in {where} belongs to a record of another collection: it was skipped."
            )
        return found


class _ByRow:
    """By all values: what the collection has already is taken out of a bag, the rest is new."""

    def __init__(self, filling: Filling) -> None:
        self._filling = filling
        self._bag: Bag | None = None
        for document in filling.existing():
            self._bag = self._bag or Bag()
            self._bag.put(document_digest(document, filling.plan.names))

    def take(self, rows: list[_Row], _batch: Batch) -> None:
        """Make records of the rows that are not there yet."""
        bag = self._bag
        new = rows if bag is None else [row for row in rows if not bag.take(row_digest(row))]
        self._filling.counts.unchanged += len(rows) - len(new)
        self._filling.create(new)


class _ByKey:
    """By the value of one field; rows without one are told by all their values."""

    def __init__(self, filling: Filling, key: int) -> None:
        self._filling = filling
        self._key = key
        self._seen = Keys()
        self._keys = Keys()
        self._bag = Bag()
        name = filling.plan.names[key]
        for document in filling.existing():
            if same(document.get(name), None):
                self._bag.put(document_digest(document, filling.plan.names))
            elif not self._keys.put(document_digest(document, [name]), document.doc_id):
                filling.said.keys_twice_here += 1

    def take(self, rows: list[_Row], batch: Batch) -> None:
        """Change the records with the keys of the rows, and make those that are missing."""
        filling = self._filling
        new: list[_Row] = []
        changed: list[tuple[int, _Row]] = []
        for row, number in zip(rows, batch.numbers, strict=True):
            value = row[self._key]
            if same(value, None):
                if self._bag.take(row_digest(row)):
                    filling.counts.unchanged += 1
                else:
                    new.append(row)
                continue
            digest = row_digest([value])
            if not self._seen.put(digest, 0):
                filling.counts.skipped += 1
                filling.said.doubled_keys.add(number)
            elif (record := self._keys.get(digest)) is not None:
                changed.append((record, row))
            else:
                new.append(row)
        filling.create(new)
        if changed and filling.table is not None:
            found = filling.table.fetch([record for record, _ in changed])
            blank_empties = filling.plan.sheet.unit == "line"
            for document, (_, row) in zip(found, changed, strict=True):
                if document is not None:
                    filling.change(document, row, blank_empties=blank_empties)


class _ById:
    """By id, as our own export has them."""

    def __init__(self, filling: Filling) -> None:
        self._filling = filling
        table = filling.table
        self._any_trashed = table is not None and bool(table.trashed(limit=1))
        self._seen = Keys()

    def take(self, rows: list[_Row], batch: Batch) -> None:
        """Change the records that are there, and make the others with the ids they had."""
        filling = self._filling
        ids = batch.ids or []
        there = filling.table.fetch(ids) if filling.table is not None else [None] * len(ids)
        elsewhere = {
            found.doc_id
            for table in filling.others
            for found in table.fetch(ids)
            if found is not None
        }
        new: list[tuple[_Row, int]] = []
        for row, record, document, number in zip(rows, ids, there, batch.numbers, strict=True):
            if not self._seen.put(row_digest([record]), 0):
                filling.counts.skipped += 1
                filling.said.doubled_keys.add(number)
            elif document is not None:
                filling.change(document, row, blank_empties=False)
            elif self._any_trashed and filling.table and filling.table.in_trash(record):
                filling.counts.skipped += 1
                filling.said.trashed.add(number)
            elif record in elsewhere:
                filling.counts.skipped += 1
                filling.said.elsewhere.add(number)
            else:
                new.append((row, record))
        filling.create([row for row, _ in new], [record for _, record in new])
