"""What a store asks of whoever makes changes of its writes. `storage.journal` answers; a plain store has nobody."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Protocol

from storage.row import Row, State


class Journal(Protocol):
    """Makes changes of the writes of a transaction, for the thread that has it."""

    # Each of these is called before the row is written, and says what stands beside it.

    def created(
        self, collection: str, doc_id: int, document: dict[str, Any], *, anew: bool = False
    ) -> State:
        """A new record; `anew`: others lie in the trash under its id, and get another one.

        Puts the document's values into their normal form.
        """

    def written(
        self,
        collection: str,
        doc_id: int,
        old: Row,
        before: dict[str, Any],
        document: dict[str, Any],
        added: Mapping[str, Fraction],
    ) -> State | None:
        """Other values of a record; `added` names those that differ because something was added to a number.

        None if nothing differs. Puts the document's values into the form in which they are shown.
        """

    def died(self, collection: str, doc_id: int, old: Row, *, purge: bool) -> State:
        """A record that goes into the trash, or is removed."""

    def revived(self, collection: str, doc_id: int, old: Row) -> State:
        """A record that comes back."""

    # The life of a transaction.

    def place(self) -> object:
        """Where the transaction stands, for `back_to`."""

    def back_to(self, place: object) -> None:
        """An inner write was taken back."""

    def finish(self) -> None:
        """The transaction is about to be committed: write its changes."""

    def committed(self) -> None:
        """It is durable."""

    def forget(self) -> None:
        """What is cached may be old: another connection has committed, or the transaction was taken back."""
