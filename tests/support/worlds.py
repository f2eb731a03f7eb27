"""Documents and the queries asked of them, drawn by chance: fields of one type and of every type, nested, missing, odd.

A query is drawn as the text of a Python expression: what fails is read, and copied, as it stands. Everything is drawn
from a `random.Random`; one of Hypothesis's own makes it shrink, one with a seed makes thousands in a second.
"""

import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from tinydb import Query

NAN, INF = float("nan"), float("inf")

WHOLE = [0, 1, 2, 3, 10, -1]
NUMBERS = [0, 1, 1.0, 2, 0.5, -0.0, 2.5, -7, 2**31, 2**53 - 1, 1e15]
TEXTS = [
    "a",
    "",
    "ab",
    "b",
    "A",
    "aB",
    "ä",
    "é",
    "10",
    "9",
    "007",
    "a\nb",
    "%",
    "_",
    "null",
    "true",
    "東京",
]
DATES = ["2026-01-01", "2026-01-31", "2026-11-25", "2026-11-25T09:00", "1999-12-31"]
# What SQLite's JSON cannot hold, or compares otherwise than Python.
ODD_NUMBERS = [
    2**53,
    2**53 + 1,
    float(2**53),
    2**63 - 1,
    2**63,
    -(2**63),
    -(2**63) - 1,
    2**70,
    9.3e18,
    1e300,
    5e-324,
]
ODD_TEXTS = ["a\0b", "x\ud800", "\U0001f600", "\uffff", "[1]", '{"k": 1}', "\x7f"]
NAMES = ["a", "b", "c", "n", "d.e", 'q"t', "it's", "ключ", "$", "", "back\\slash", "[0]", "A"]
PATTERNS = [
    "a",
    "^a",
    "b$",
    "(?i)A",
    ".",
    "a.b",
    r"\d+",
    "",
    "a|z",
    r"^\w+$",
    "[",
    "ä",
    "(?s)a.b",
    "ab?",
    "a+",
]
FLAGS = [
    0,
    0,
    re.IGNORECASE,
    re.DOTALL,
    re.MULTILINE,
    re.ASCII,
    re.IGNORECASE | re.DOTALL,
    re.VERBOSE,
    re.LOCALE,
]
COMPARISONS = ["==", "!=", "<", "<=", ">", ">="]

Draw = Callable[[random.Random], Any]
Schema = Mapping[str, str]


def one_of(*options: Any) -> Draw:
    """Draw one of these."""
    return lambda chance: chance.choice(options)


def listed(item: Draw, most: int = 3) -> Draw:
    """Draw a list."""
    return lambda chance: [item(chance) for _ in range(chance.randrange(most + 1))]


def scalar(chance: random.Random) -> Any:
    """Draw any value that is neither a list nor an object."""
    pools = (WHOLE, NUMBERS, TEXTS, DATES, [None, True, False], ODD_NUMBERS, ODD_TEXTS)
    pool: list[Any] = chance.choice(pools)
    return chance.choice(pool)


def item(chance: random.Random) -> dict[str, Any]:
    """Draw an object as a list of lines may hold it."""
    drawn = {
        "k": chance.choice(WHOLE),
        "s": chance.choice(TEXTS),
        "ok": chance.choice([True, False]),
    }
    return {name: value for name, value in drawn.items() if chance.random() < 0.7}


def anything(chance: random.Random, depth: int = 2) -> Any:
    """Draw any JSON value."""
    shape = chance.randrange(5 if depth else 3)
    if shape < 3:
        return scalar(chance)
    if shape == 3:
        return [anything(chance, depth - 1) for _ in range(chance.randrange(4))]
    return {
        name: anything(chance, depth - 1) for name in ("k", "s", "a", "0") if chance.random() < 0.4
    }


KINDS: dict[str, Draw] = {
    "whole": one_of(*WHOLE),
    "number": one_of(*NUMBERS),
    "truth": one_of(True, False),
    "truth or number": one_of(True, False, 0, 1, 1.0, 2),
    "text": one_of(*TEXTS),
    "date": one_of(*DATES),
    "number or null": one_of(None, *NUMBERS),
    "text or null": one_of(None, *TEXTS),
    "number or text": one_of(*WHOLE, *TEXTS[:8]),
    "odd number": one_of(*WHOLE, *ODD_NUMBERS),
    "odd text": one_of(*TEXTS, *ODD_TEXTS),
    "tags": listed(one_of(*TEXTS[:6])),
    "numbers": listed(one_of(*WHOLE, 1.0, True)),
    "items": listed(item),
    "object": item,
    "mixed": anything,
}


def draw_schema(chance: random.Random) -> dict[str, str]:
    """Which fields a table has, and the kind of each."""
    names = chance.sample(NAMES, chance.randrange(2, 6))
    return {name: chance.choice(list(KINDS)) for name in names}


def draw_document(chance: random.Random, schema: Schema, strays: float = 0.02) -> dict[str, Any]:
    """A document of this schema; any field may be missing, and a share of them holds something else."""
    document = {}
    for name, kind in schema.items():
        if chance.random() < 0.8:
            document[name] = anything(chance) if chance.random() < strays else KINDS[kind](chance)
    return document


# ------------------------------------------------------------------------------ what a query may call


def between(value: Any, low: Any, high: Any) -> bool:
    """A custom test with arguments; it raises TypeError on what does not compare."""
    return bool(low <= value <= high)


def half(value: Any) -> Any:
    """A function for a path; it raises TypeError on text and null."""
    return value / 2


def shout(value: Any) -> Any:
    """A function for a path; it raises AttributeError on what is no text."""
    return value.upper()


def first(value: Any) -> Any:
    """A function for a path; it raises IndexError, KeyError or TypeError by what it gets."""
    return value[0]


CALLABLE: dict[str, Callable[..., Any]] = {
    "between": between,
    "half": half,
    "shout": shout,
    "first": first,
    "length": len,
    "truth": bool,
    "text": str,
}


def compile_query(expression: str) -> Any:
    """The query that an expression means."""
    names = {**CALLABLE, "q": Query(), "item": Query(), "NAN": NAN, "INF": INF}
    return eval(expression, {"__builtins__": {"set": set, "iter": iter}}, names)


# --------------------------------------------------------------------------------------- expressions


def draw_query(chance: random.Random, schema: Schema, depth: int = 2) -> str:
    """A query of documents of this schema, as text."""
    shape = chance.random()
    if depth == 0 or shape < 0.45:
        return _leaf(chance, schema)
    if shape < 0.6:
        return f"~{draw_query(chance, schema, depth - 1)}"
    one, two = draw_query(chance, schema, depth - 1), draw_query(chance, schema, depth - 1)
    return f"({one} {chance.choice('&|')} {two})"


def _leaf(chance: random.Random, schema: Schema) -> str:
    if chance.random() < 0.08:
        wanted = {name: _likely(chance, schema[name]) for name in schema if chance.random() < 0.4}
        return chance.choice(
            [f"q.fragment({wanted!r})", "q.noop()", "q['absent'].exists()", "(q['absent'] != 1)"]
        )
    name = chance.choice(list(schema))
    path, kind = f"q[{name!r}]", schema[name]
    if kind in ("items", "object", "mixed") and chance.random() < 0.5:
        if chance.random() < 0.5:
            return _of_items(chance, path)
        path, kind = chance.choice(
            [(f"{path}['k']", "whole"), (f"{path}['s']", "text"), (f"{path}['ok']", "truth")]
        )
    if kind in ("tags", "numbers") and chance.random() < 0.6:
        return _of_values(chance, path, kind)
    return _test(chance, path, kind)


def _likely(chance: random.Random, kind: str) -> Any:
    """A value to compare with: mostly one that the field may hold."""
    return KINDS[kind](chance) if chance.random() < 0.8 else anything(chance, 1)


def _value(chance: random.Random, kind: str) -> str:
    return (
        chance.choice(["NAN", "INF", "-INF"])
        if chance.random() < 0.02
        else repr(_likely(chance, kind))
    )


def _values(chance: random.Random, kind: str, most: int = 4) -> str:
    return ", ".join(_value(chance, kind) for _ in range(chance.randrange(most)))


def _test(chance: random.Random, path: str, kind: str) -> str:
    """A test of one field."""
    shape = chance.randrange(20)
    if shape < 4:
        return f"({path} {chance.choice(COMPARISONS[:2])} {_value(chance, kind)})"
    if shape < 8:
        return f"({path} {chance.choice(COMPARISONS)} {_value(chance, kind)})"
    if shape < 10:
        return f"{path}.one_of([{_values(chance, kind)}])"
    if shape < 13:
        how, pattern, flags = (
            chance.choice(["matches", "search"]),
            chance.choice(PATTERNS),
            chance.choice(FLAGS),
        )
        return f"{path}.{how}({pattern!r}, {int(flags)})"
    if shape < 15:
        return _seldom(chance, path, kind)
    if shape < 16:
        return f"{path}.fragment({{{chance.choice('ksa')!r}: {_value(chance, 'whole')}}})"
    if shape < 17:
        return _of_values(chance, path, kind)
    if shape < 18:
        return f"{path}.test({chance.choice(['truth', 'length', 'first'])})"
    return f"{path}.exists()"


def _seldom(chance: random.Random, path: str, kind: str) -> str:
    """Tests that few write, and that SQL cannot do."""
    return chance.choice(
        [
            f"{path}.test(between, {_value(chance, kind)}, {_value(chance, kind)})",
            f"({path}.map({chance.choice(list(CALLABLE))}) {chance.choice(COMPARISONS)} {_value(chance, kind)})",
            f"{path}[{chance.choice(['length', 'first'])}].exists()",
            f"{path}.one_of({'a' * chance.randrange(3)!r})",
            f"{path}.one_of(({_values(chance, kind)}))",
            f"{path}.any({chance.choice(['truth', 'length'])})",
            f"{path}.any({chance.choice(['aä', 'b'])!r})",
        ]
    )


def _of_values(chance: random.Random, path: str, kind: str) -> str:
    element = {"tags": "text", "numbers": "whole"}.get(kind, kind)
    return f"{path}.{chance.choice(['any', 'all'])}([{_values(chance, element)}])"


def _of_items(chance: random.Random, path: str) -> str:
    """A test of a list by a query on its items."""
    parts = [
        _test(chance, f"item[{name!r}]", kind)
        for name, kind in chance.sample(
            [("k", "whole"), ("s", "text"), ("ok", "truth")], chance.choice([1, 1, 2])
        )
    ]
    inner = parts[0] if len(parts) == 1 else f"({parts[0]} {chance.choice('&|')} {parts[1]})"
    return f"{path}.{chance.choice(['any', 'all'])}({inner})"
