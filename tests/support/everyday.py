"""The sixty everyday queries, and the records that they are asked of."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from tinydb import Query

from tests.support.samples import path_of, records

FILE = path_of("queries.txt")
MADE = "made"
MADE_RECORDS = 5_000
# Ways to answer in which SQL looks at the values: it finds the records, or a few more that Python then tells apart.
COMPILED = frozenset({"index", "compiled", "narrowed"})
# What SQL can only narrow to the records that have the field at all; that does not count as compiled.
_FOR_PYTHON = (".test(", ".map(", ".any(q2", ".all(q2", ".any((q2", ".all((q2")


@dataclass(frozen=True)
class Everyday:
    """One query: which file it is asked of, and its expression."""

    file: str
    expression: str

    def query(self) -> Any:
        """The query itself."""
        return eval(self.expression, {"q": Query(), "q2": Query(), "len": len, "str": str})

    def is_compiled(self, explained: str) -> bool:
        """Whether a store that explains itself so has compiled this query."""
        return explained in COMPILED and not any(part in self.expression for part in _FOR_PYTHON)

    def __str__(self) -> str:
        return f"{self.file} {self.expression}"


@cache
def everyday() -> tuple[Everyday, ...]:
    """All of them, in the order of the file; none where the file is absent."""
    if not FILE.exists():
        return ()
    lines = FILE.read_text(encoding="utf-8").splitlines()
    parts = (line.split(" | ", 1) for line in lines if line and not line.startswith("#"))
    return tuple(Everyday(file.strip(), expression.strip()) for file, expression in parts)


def records_for(file: str) -> tuple[dict[str, Any], ...]:
    """The records that queries of this file are asked of."""
    return made() if file == MADE else records(file)


@cache
def made(count: int = MADE_RECORDS) -> tuple[dict[str, Any], ...]:
    """Records as a small team keeps them, the same at each call; some lack some fields."""
    return tuple(_made(random.Random("the everyday records"), count))


def _made(chance: random.Random, count: int) -> Iterator[dict[str, Any]]:
    for _ in range(count):
        record = {
            "tags": chance.sample(
                ["urgent", "lab", "done", "cold", "office", "client"], chance.randrange(4)
            ),
            "owner": _owner(chance),
            "due": _day(chance),
            "done": chance.random() < 0.4,
            "assignee": chance.choice(["ann", "bob", "emi", "li", None]),
            "lines": [_line(chance) for _ in range(chance.randrange(5))],
            "price": chance.choice([0, 5, 19.5, 99.95, 100, 250.25, 1200]),
            "count": chance.randrange(-2, 40),
            "note": chance.choice(
                ["", "call back", "Cold chain broken", "keep the COLD CHAIN", "ok"]
            ),
            "kind": chance.choice(["visit", "order", "repair", "call"]),
            "site": chance.choice(["north", "south", "east", "west"]),
            "state": chance.choice(["open", "cancelled", "closed"]),
            "start": f"{_day(chance)}T{chance.randrange(24):02}:{chance.choice(['00', '30'])}",
        }
        yield {name: value for name, value in record.items() if chance.random() < 0.85}


def _owner(chance: random.Random) -> dict[str, Any]:
    owner: dict[str, Any] = {"name": chance.choice(["Emi Tanaka", "Ann Lee", "Bo Ek", "Li Wei"])}
    if chance.random() < 0.7:
        owner["site"] = {"city": chance.choice(["Leeds", "York", "Lund", "Kobe"])}
    return owner


def _line(chance: random.Random) -> dict[str, Any]:
    return {
        "sku": chance.choice(["A-17", "B-2", "C-300"]),
        "qty": chance.randrange(1, 15),
        "paid": chance.random() < 0.6,
    }


def _day(chance: random.Random) -> str:
    return f"2026-{chance.choice([10, 11, 12])}-{chance.randrange(1, 31):02}"
