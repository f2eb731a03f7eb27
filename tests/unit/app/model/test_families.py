"""The families of fields are those of the schema as a transaction sees it, read no oftener than it changes."""

from pathlib import Path

import pytest

from app.home import Home
from app.model.families import Families
from app.model.schema import FIELDS
from app.workspace import Workspace
from storage import Store


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    Home.create(tmp_path / "home", member="Ann", device="desk", unprotected=True, clock=lambda: 1e9)
    return Home.open(tmp_path / "home", clock=lambda: 1e9).workspace()


class Counted(Families):
    """Families that count how often the schema is read."""

    reads = 0

    def watch(self, store: Store) -> None:
        search = store.table(FIELDS).search

        def counting(*arguments: object) -> object:
            self.reads += 1
            return search(*arguments)  # type: ignore[arg-type]

        store.table(FIELDS).search = counting  # type: ignore[method-assign,assignment]
        super().watch(store)


def test_a_schema_that_stays_is_read_once_for_many_transactions(workspace: Workspace) -> None:
    workspace.create_collection("notes", [("body", "longtext")])
    families, store = Counted(), workspace.store
    families.watch(store)
    reads = []
    for n in range(5):
        with store.transaction():
            store.table("other").insert({"n": n})
            assert families.of("notes") == {"body": "text"}
        reads.append(families.reads)
    assert reads[0] > 0
    assert reads == reads[:1] * 5
    workspace.close()


def test_a_field_counts_in_the_transaction_that_adds_it_and_not_once_it_is_taken_back(
    workspace: Workspace,
) -> None:
    workspace.create_collection("notes", [("body", "longtext")])
    families, store = Families(), workspace.store
    families.watch(store)

    def abandoned() -> None:
        with store.transaction():
            workspace.add_field("notes", "labels", "tags")
            assert families.of("notes") == {"body": "text", "labels": "set"}
            raise LookupError("abandoned")

    with pytest.raises(LookupError, match="abandoned"):
        abandoned()
    with store.transaction():
        assert families.of("notes") == {"body": "text"}
        with pytest.raises(LookupError, match="abandoned"):
            abandoned()
        assert families.of("notes") == {"body": "text"}
    workspace.add_field("notes", "labels", "tags")
    assert "labels" in families.of("notes")
    with store.transaction():
        assert "labels" in families.of("notes")
    workspace.close()


def test_a_field_that_another_process_added_counts_in_the_next_transaction(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.create_collection("notes", [("body", "longtext")])
    families, store = Families(), workspace.store
    families.watch(store)
    with store.transaction():
        assert "labels" not in families.of("notes")
    other = Home.open(tmp_path / "home", clock=lambda: 1e9).workspace()
    other.add_field("notes", "labels", "tags")
    with store.transaction():
        assert "labels" in families.of("notes")
    other.close()
    workspace.close()
