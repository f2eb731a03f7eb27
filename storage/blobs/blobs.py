"""The face of a store's blobs: putting one, opening it, checking it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

from storage.blobs import tables
from storage.blobs.folder import folder_of
from storage.blobs.leases import Lease
from storage.blobs.reading import BlobReader, Fault, faults
from storage.blobs.sealer import BlobSealer, Fresh
from storage.blobs.sealing import Sealing, Source
from storage.blobs.unused import Unused
from storage.blobs.value import Reference, read_token, reference
from storage.changes.sealer import Sealer
from storage.durable import sync_file, sync_folder
from storage.engine import Engine

_PRIVATE_FILE: Final = 0o600


class Blobs:
    """The blobs of one store. Any thread."""

    def __init__(self, engine: Engine, store: Path, sealer: BlobSealer, changes: Sealer) -> None:
        self._engine, self._sealer = engine, sealer
        self._folder = folder_of(store)
        self._unused = Unused(engine, self._folder, changes)
        self._lease: Lease | None = None
        self._guard = threading.Lock()

    def put(self, source: Source, *, name: str) -> dict[str, Any]:
        """Take in a content; gives the value that a record is to hold, which has to be written next.

        The disk has it when this returns. Of two equal contents one is kept. Raises TooLargeError, StoreFileError, and
        what the source raises; then nothing was kept. Not inside a transaction: others would wait for all of it.
        """
        if self._engine.db.holds_transaction():
            raise RuntimeError("a blob cannot be put inside a transaction")
        self._folder.make()
        blob, lease = self._sealer.fresh(), self._leased()
        part = self._folder.part(lease, blob.id)
        try:
            made = self._sealed(part, blob, source)
            kept = self._kept(made, lease, part)
        finally:
            with self._folder.told():
                part.unlink(missing_ok=True)
        return kept.value(name)

    def open(self, value: object) -> BlobReader:
        """The content of an attachment. Raises NoAttachmentError, BlobError."""
        blob = reference(value)
        return BlobReader(self._folder.whole(blob.id), blob, self._sealer)

    def check(self, value: object) -> list[Fault]:
        """What is wrong with the file of an attachment: nothing, as a rule. Raises NoAttachmentError."""
        return self._faults(reference(value))

    def tidy(self, seconds: float = 1.0) -> None:
        """Take away what was left behind, as `storage.blobs.unused` says, for about that long."""
        if not self._engine.db.read_only and not self._engine.db.holds_transaction():
            self._unused.run(seconds)

    def tidy_a_little(self) -> bool:
        """One step of it; true if there is more to do."""
        return not self._engine.db.read_only and self._unused.step()

    def close(self) -> None:
        """Let go of what was put and is not in use."""
        with self._guard:
            if self._lease is not None:
                self._lease.release()
                self._lease = None

    # -- inside --------------------------------------------------------------------------------------------------
    def _leased(self) -> str:
        with self._guard, self._folder.told():
            if self._lease is None:
                self._lease = Lease(self._folder, self._name)
            return self._lease.name

    def _name(self) -> str:
        return self._sealer.fresh().id.hex()

    def _sealed(self, part: Path, blob: Fresh, source: Source) -> Reference:
        """Seal into a file beside its place, and have the disk keep it."""
        with self._written(part) as file:

            def write(data: bytes) -> None:
                with self._folder.told():
                    file.write(data)

            made = Sealing(self._sealer, blob, source).run(write)
            with self._folder.told():
                file.flush()
                sync_file(file.fileno())
        return made

    @contextmanager
    def _written(self, part: Path) -> Iterator[BinaryIO]:
        with self._folder.told():
            file = part.open("xb")
        try:
            with self._folder.told():
                part.chmod(_PRIVATE_FILE)
            yield file
        finally:
            with self._folder.told():
                file.close()

    def _kept(self, made: Reference, lease: str, part: Path) -> Reference:
        """The equal blob that is here already, if it is sound; else this one, noted and then laid in its place."""
        content = self._sealer.content(made.content)
        there = [each for each in self._equal(content) if not self._faults(each)]
        with self._engine.writing() as connection:
            known = {row[0] for row in connection.execute(tables.FIND, (content,)).fetchall()}
            for each in there:
                if each.token in known:  # else it was taken away while it was checked
                    connection.execute(tables.EXPECT_AGAIN, (lease, each.id))
                    return each
            connection.execute(tables.PUT, (made.id, content, made.token))
            connection.execute(tables.EXPECT, (made.id, lease))
        with self._folder.told():
            part.replace(self._folder.whole(made.id))
            sync_folder(self._folder.path)
        return made

    def _equal(self, content: bytes) -> list[Reference]:
        with self._engine.db.reading() as connection:
            rows = connection.execute(tables.FIND, (content,)).fetchall()
        return [read_token(row[0]) for row in rows]

    def _faults(self, blob: Reference) -> list[Fault]:
        return faults(self._folder.whole(blob.id), blob, self._sealer)
