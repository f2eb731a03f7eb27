"""Stores that hold attachments, and contents that come as files do: in pieces of any size."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from storage import RecordIds, Store
from sync.blobs import BlobSeals
from tests.support.founders import founder

SECRET = b"tells equal ones".ljust(32)


def open_store(path: Path, **more: Any) -> Store:
    """A workspace's store at a path."""
    identity = replace(founder(), blobs=BlobSeals(SECRET, os.urandom))
    return Store(path, ids=RecordIds(clock=time.time), identity=identity, **more)


def put(store: Store, content: bytes, name: str = "file.bin") -> dict[str, Any]:
    """Put a content."""
    return store.blobs.put(io.BytesIO(content), name=name)


def content(store: Store, value: object) -> bytes:
    """All of an attachment."""
    with store.blobs.open(value) as reader:
        return b"".join(reader)


def files(store: Path) -> list[Path]:
    """What lies in the folder of a store's blobs: whole ones, those in the making, and leases."""
    folder = store.parent / "blobs"
    return sorted(folder.iterdir()) if folder.exists() else []


def whole(store: Path) -> list[Path]:
    """The whole ones."""
    return [each for each in files(store) if not each.name.startswith(".")]


def problems(store: Store) -> list[str]:
    """The kinds of what `verify` finds."""
    return [each.kind for each in store.verify().problems]


class Drops:
    """A source that gives these pieces, one a read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = b""

    def read(self, size: int, /) -> bytes:
        """The next piece, or as much of it as was asked for."""
        while not self._held:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._held = piece
        got, self._held = self._held[:size], self._held[size:]
        return got
