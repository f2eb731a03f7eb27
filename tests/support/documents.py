"""The project's Markdown documents, taken apart for the tests that hold them to the truth."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from tests.support.project import ROOT, tracked_files

FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: the document, the line it starts on, its language and its text."""

    document: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        """Where it stands."""
        return f"{self.document}:{self.line}"


def documents() -> list[Path]:
    """Every Markdown file, relative to the root."""
    return [path for path in tracked_files() if path.suffix == ".md"]


def blocks(*languages: str) -> list[Block]:
    """The fenced blocks in some languages, in the order they stand."""
    return [
        Block(document, text[: match.start()].count("\n") + 1, match[1], match[2])
        for document in documents()
        for text in [(ROOT / document).read_text("utf-8")]
        for match in FENCE.finditer(text)
        if match[1] in languages
    ]


def command_lines(block: Block) -> list[list[str]]:
    """The words of each line of a block that is shown as typed at a terminal."""
    return [shlex.split(line[2:]) for line in block.text.splitlines() if line.startswith("$ ")]
