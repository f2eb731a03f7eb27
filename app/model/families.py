"""How the fields of each collection merge, by their kinds: long texts sign by sign, lists of choices as sets.

Every other field is a value, of which the later one is shown; numbers add up by themselves.
"""

import threading
from collections.abc import Mapping
from typing import Final

from app.model.schema import FIELDS
from storage import Family, Query, Store, Touched

_BY_KIND: Final[Mapping[str, Family]] = {
    "longtext": "text",
    "choices": "set",
    "tags": "set",
}


class Families:
    """The families of a store's fields, read from its schema when first asked. Any thread."""

    def __init__(self) -> None:
        self._store: Store | None = None
        self._known: dict[str, Mapping[str, Family]] = {}
        self._moment = (-1, -1)  # of what is known inside a transaction, which may never be
        self._inside: dict[str, Mapping[str, Family]] = {}
        self._guard = threading.Lock()

    def watch(self, store: Store) -> None:
        """Read the schema of this store from now on."""
        self._store = store
        store.watch(self._forget)

    def of(self, collection: str) -> Mapping[str, Family]:
        """Field slug to family, for the fields that have one."""
        store = self._store
        if store is None or collection.startswith("_"):
            return {}
        inside = store.in_transaction
        with self._guard:
            if inside:
                self._notice(store.moment(FIELDS))
            cache = self._inside if inside else self._known
            known = cache.get(collection)
        if known is None:
            fields = store.table(FIELDS).search(Query().collection == collection)
            known = {
                each["slug"]: _BY_KIND[each["kind"]]
                for each in fields
                if each.get("kind") in _BY_KIND
            }
            with self._guard:
                cache[collection] = known
        return known

    def _notice(self, moment: tuple[int, int]) -> None:
        if moment != self._moment:
            self._moment = moment
            self._inside.clear()

    def _forget(self, touched: Touched) -> None:
        if touched.covers(FIELDS):
            with self._guard:
                self._known.clear()
