"""The vault's file on the disk: read as a whole, written as a whole, by one process at a time."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sync.durable import alone, leftovers, sweep, write_durably
from sync.errors import (
    DamagedVaultError,
    NoVaultError,
    UnreadableVaultError,
    VaultNotWrittenError,
)
from sync.vault.form import File, decoded, encoded

SIZE_LIMIT_BYTES: Final = 1 << 20


def read(path: Path) -> File:
    """Read a vault; NoVaultError, UnreadableVaultError, DamagedVaultError or NewerVaultError."""
    try:
        with path.open("rb") as source:
            data = source.read(SIZE_LIMIT_BYTES + 1)
    except FileNotFoundError:
        raise NoVaultError(path) from None
    except OSError as error:
        raise UnreadableVaultError(path, error.strerror or str(error)) from error
    if len(data) > SIZE_LIMIT_BYTES:
        raise DamagedVaultError(path, "it is far too large")
    return decoded(path, data)


def tidy(path: Path) -> None:
    """Clear away what killed writers left; where that is not possible it stays, and harms nobody."""
    with contextlib.suppress(VaultNotWrittenError, OSError):
        if any(leftovers(path)):
            with writing(path):
                pass  # which sweeps


def write(path: Path, file: File) -> None:
    """Replace the file; inside `writing` only."""
    write_durably(path, encoded(file))


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Alone among all processes, with the disk's errors put in words."""
    try:
        with alone(path.with_suffix(".lock")):
            sweep(path)
            yield
    except OSError as error:
        raise VaultNotWrittenError(path, error.strerror or str(error)) from error
