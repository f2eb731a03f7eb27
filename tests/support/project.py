"""The project's own files, as the tests of its quality see them."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that git tracks or would track, relative to the root, by name.

    In a copy without git's own folder: every file that is not in a hidden or a built folder.
    """
    if not (ROOT / ".git").exists():
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        return tuple(sorted(path for path in found if not any(map(is_made, path.parts))))
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = (
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        .stdout.decode()
        .split("\0")
    )
    return tuple(sorted(Path(name) for name in names if name and (ROOT / name).is_file()))


def is_made(part: str) -> bool:
    """Whether a part of a path is what tools make: caches, environments, builds."""
    return (
        part in {"build", "dist", "__pycache__"}
        or part.startswith(".")
        or part.endswith(".egg-info")
    )


def text_of(path: Path) -> str | None:
    """The text of a tracked file, or None when it is no text."""
    try:
        return (ROOT / path).read_text("utf-8")
    except UnicodeDecodeError:
        return None
