"""Drives of a test's own: mounted when the test may, taken away in any case."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{command[0]} is refused here: {done.stderr.strip()}")


def _need(*programs: str) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root may mount")
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed")


@contextmanager
def _mounted(point: Path, *arguments: str) -> Iterator[Path]:
    _need("mount", "umount")
    point.mkdir(exist_ok=True)
    _run("mount", *arguments, str(point))
    try:
        yield point
    finally:
        subprocess.run(["umount", "-l", str(point)], check=True)


@contextmanager
def small_drive(point: Path) -> Iterator[Path]:
    """A drive of one megabyte."""
    with _mounted(point, "-t", "tmpfs", "-o", "size=1m", "tmpfs") as drive:
        yield drive


@contextmanager
def read_only(folder: Path, point: Path) -> Iterator[Path]:
    """A folder, seen through a mount that refuses writes even to root."""
    with _mounted(point, "--bind", str(folder)) as drive:
        _run("mount", "-o", "remount,ro,bind", str(drive))
        yield drive


@contextmanager
def failing_drive(folder: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """An ext4 drive that gives input/output errors once a megabyte was written; and what mends it.

    It lies in a sparse file on a drive that is too small for it. Its syncs fail as those of a dying drive do.
    """
    _need("mkfs.ext4", "losetup")
    with _mounted(folder / "below", "-t", "tmpfs", "-o", "size=1m", "tmpfs") as below:
        image = below / "image"
        with image.open("wb") as file:
            file.truncate(16 << 20)
        _run("mkfs.ext4", "-q", "-F", "-O", "^has_journal", str(image))
        with _mounted(folder / "drive", "-o", "loop", str(image)) as drive:
            yield drive, lambda: _run("mount", "-o", "remount,size=64m", str(below))
