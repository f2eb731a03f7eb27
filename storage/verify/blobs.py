"""Attachments: every file that a record or a change refers to, chunk by chunk, and files that nothing refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from storage.blobs import tables
from storage.blobs.folder import Folder, folder_of
from storage.blobs.mentions import Mentions, UnreadableChangeError
from storage.blobs.reading import faults
from storage.blobs.sealer import BlobSealer
from storage.blobs.value import Reference, references_in
from storage.changes.sealer import Sealer
from storage.database import Connection, Database
from storage.journal.identity import Identity
from storage.verify.kept import kept_records
from storage.verify.report import Check

_CHANGES: Final = "SELECT lane, body FROM change ORDER BY seq"
_HISTORY: Final = "history"


class BlobCheck:
    """One run over one snapshot."""

    def __init__(
        self, check: Check, connection: Connection, names: Mapping[int, str], changes: Sealer
    ) -> None:
        self._check, self._connection, self._names = check, connection, names
        self._changes = changes
        self._found: dict[str, tuple[Reference, str]] = {}  # by token; who refers to it first

    def run(self, database: Database, folder: Folder, sealer: BlobSealer) -> None:
        """Check all of it."""
        self._check.count("blobs", 0)
        self._in_records()
        complete = self._in_changes()
        for blob, where in self._found.values():
            self._check.count("blobs")
            path = folder.whole(blob.id)
            for kind, detail in faults(
                path, blob, sealer, lambda: self._check.count("blob_chunks")
            ):
                self._check.bad(kind, where, f"blob {blob.file_name}: {detail}")
        if complete:
            self._nobody_s(database, set(folder.blobs()))

    def _in_records(self) -> None:
        for kept in kept_records(self._connection, self._names):
            if type(kept.text) is str and '"blob"' in kept.text:
                for blob in references_in(kept.text.encode(errors="surrogatepass")):
                    self._found.setdefault(blob.token, (blob, kept.where))

    def _in_changes(self) -> bool:
        """What only history refers to, or a change that waits; false if some of it cannot be read."""
        mentions, complete = Mentions(self._changes), True
        for lane, body in self._connection.execute(_CHANGES):
            complete &= self._mentioned(mentions.of(lane, body))
        for (body,) in self._connection.execute(tables.HELD):
            complete &= self._mentioned(mentions.of_held(body))
        return complete

    def _mentioned(self, bodies: Iterator[Reference]) -> bool:
        try:
            for blob in bodies:
                self._found.setdefault(blob.token, (blob, _HISTORY))
        except UnreadableChangeError:
            return False  # it was named already, where changes were looked at
        return True

    def _nobody_s(self, database: Database, there: set[bytes]) -> None:
        """Files that nothing refers to. What waits to be tidied up is only counted; there may be more since."""
        used = {blob.id for blob, _ in self._found.values()}
        waiting = {row[0] for row in self._connection.execute(tables.UNUSED)} - used
        if unused := len(waiting & there):
            self._check.count("unused_blobs", unused)
        with database.reading(new=True) as connection:
            known = {row[0] for row in connection.execute(tables.IDS)}
        for blob in sorted(there - used - known):
            detail = "nothing that is known here refers to it; a store that was put back to an older copy leaves such"
            self._check.bad("stray_blob", f"blobs/{blob.hex()}", detail)


def check_blobs(
    check: Check,
    database: Database,
    connection: Connection,
    identity: Identity,
    names: Mapping[int, str],
) -> None:
    """Check the attachments of a store that holds any; `names`: its collections by their numbers."""
    if identity.blobs is not None and database.path is not None:
        run = BlobCheck(check, connection, names, identity.sealer)
        run.run(database, folder_of(database.path), identity.blobs)
