"""The public sample data beside the checkout, where it is: read as records, without the program's own import."""

import csv
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.project import ROOT

DATA = ROOT.parent / "shared" / "data"
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")


@cache
def records(name: str) -> tuple[dict[str, Any], ...]:
    """The records of a sample file; a column of a CSV file is numbers if every cell of it that is not empty is one."""
    path = DATA / name
    if path.suffix == ".json":
        return tuple(json.loads(path.read_text(encoding="utf-8")))
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = {column for column in rows[0] if _holds_numbers([row[column] for row in rows])}
    return tuple(
        {
            column: _number(cell) if column in numbers else cell
            for column, cell in row.items()
            if cell or column not in numbers
        }
        for row in rows
    )


def _holds_numbers(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(_NUMBER.fullmatch(cell) for cell in filled)


def _number(cell: str) -> int | float:
    return float(cell) if "." in cell else int(cell)


def path_of(name: str) -> Path:
    """Where a sample file is, or would be."""
    return DATA / name
