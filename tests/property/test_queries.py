"""Compiled queries find what TinyDB finds in memory, or raise the same, whatever the store knows of its fields."""

import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from storage.indexes import WORTH_ROWS
from tests.support.scripts import Ask, Maintain, Step, Swap, compare, compare_many, draw_script
from tests.support.stores import ENCRYPTED, IN_MEMORY, ON_FILE, StoreKind

PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)  # explaining takes minutes
SHORT = settings(deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))

scripts = st.randoms(use_true_random=False).map(draw_script)


@pytest.mark.timeout(600)  # of which a failing script needs most, to get short
@given(scripts)
@settings(SHORT, max_examples=60)
def test_a_store_in_memory_answers_as_tinydb(script: list[Step]) -> None:
    compare(IN_MEMORY, script)


@pytest.mark.timeout(600)  # of which a failing script needs most, to get short
@given(scripts)
@settings(SHORT, max_examples=40)
def test_two_handles_of_a_file_answer_as_tinydb_and_after_reopening(script: list[Step]) -> None:
    compare(ON_FILE, script)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("kind", "many"), [(IN_MEMORY, 300), (ON_FILE, 60)], ids=str)
def test_hundreds_of_scripts_answer_as_tinydb(
    kind: StoreKind, many: int, dice: random.Random
) -> None:
    compare_many(kind, (draw_script(dice, 12, 16) for _ in range(many)))


@pytest.mark.timeout(600)
def test_scripts_over_tables_worth_an_index_answer_as_tinydb(dice: random.Random) -> None:
    compare_many(IN_MEMORY, (large_script(dice) for _ in range(4)))


def large_script(chance: random.Random) -> list[Step]:
    """A script over so many records that a store makes indexes by itself; each question is asked twice."""
    strays = chance.choice([0, 0, 0.0001])  # more, and no field is of one kind
    script = draw_script(chance, WORTH_ROWS + 50, 12, at_least=WORTH_ROWS, strays=strays)
    asked = [step for step in script if isinstance(step, Ask)]
    return [*script, Maintain(), *asked, Swap(), *asked]


@pytest.mark.full
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("kind", "many"), [(IN_MEMORY, 6_000), (ON_FILE, 800), (ENCRYPTED, 200)], ids=str
)
def test_thousands_of_scripts_answer_as_tinydb(
    kind: StoreKind, many: int, dice: random.Random
) -> None:
    compare_many(kind, (draw_script(dice, 12, 16) for _ in range(many)))


@pytest.mark.full
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("kind", "many"), [(IN_MEMORY, 60), (ON_FILE, 15)], ids=str)
def test_many_scripts_over_large_tables_answer_as_tinydb(
    kind: StoreKind, many: int, dice: random.Random
) -> None:
    compare_many(kind, (large_script(dice) for _ in range(many)))
