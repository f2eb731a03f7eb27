"""Records that no single change can hold, in a store whose writes are changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from storage import Family, Store
from storage.journal.identity import no_families
from tests.support.founders import founder

LARGE = "z" * 200_000


def texts(_: str) -> Mapping[str, Family]:
    return {"text": "text"}


@pytest.mark.parametrize("families", [no_families, texts], ids=["register", "text"])
def test_a_large_new_record_is_what_its_changes_say(
    families: Callable[[str], Mapping[str, Family]],
) -> None:
    with Store(identity=founder(families)) as store:
        doc_id = store.insert({"text": LARGE, "n": 1})
        store.update({"n": 2}, doc_ids=[doc_id])

        assert store.verify().problems == ()
        assert store.journal.digest != 0
        (record,) = store.all()
        assert record == {"text": LARGE, "n": 2}


def test_many_large_fields_of_one_record_are_what_its_changes_say() -> None:
    fields: dict[str, Any] = {f"field {n}": f"{n}" * 30_000 for n in range(10)}
    with Store(identity=founder()) as store:
        store.insert(fields)
        store.insert({"small": 1})

        assert store.verify().problems == ()
