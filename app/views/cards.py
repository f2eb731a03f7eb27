"""The narrow form of a collection: one card a record, over the same rows as the grid."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from kivy.metrics import dp, sp
from kivy.properties import ListProperty, ObjectProperty

from app.views.grid.source import NoRows, RowSource
from app.views.house.batch import Batch
from app.views.house.cells import NUMERIC, UNDECIDED, Look, paint_chip
from app.views.house.column import Column
from app.views.house.scroller import VirtualList
from app.views.house.skin import grown
from app.views.house.theme import Roles, hue_of, mix

CHIPS = frozenset({"choice", "choices", "tags"})
WORDLESS = frozenset({"checkbox", "longtext", *CHIPS})
ROW_DP, PLAIN_ROW_DP = 96, 72
SECOND_LINE = 3  # fields named on it, at most


class RecordCards(VirtualList):
    """`source` is a row source, `columns` what its cells are; the first text names the card."""

    source: RowSource = ObjectProperty()
    columns: list[Column] = ListProperty()
    marked: frozenset[int] = ObjectProperty(
        frozenset()
    )  # records in which something waits for a decision

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("source", NoRows())
        super().__init__(row_dp=ROW_DP, ground="page", **kwargs)
        self.fbind("source", self._new_source)
        self.fbind("columns", self._new_columns)
        self.fbind("marked", self.repaint)
        self._new_columns()
        self._new_source()

    def _new_source(self, *_: Any) -> None:
        self.source.on_rows = lambda _first, _last: self.ask_frame()
        self.source.on_reset = self._counted
        self.cursor, self.scroll_y = -1, 0
        self._counted()

    def _new_columns(self, *_: Any) -> None:
        """A card is as high as its lines: two, and chips where the list has any."""
        chips = any(column.kind in CHIPS for column in self.columns)
        self.row_dp = ROW_DP if chips else PLAIN_ROW_DP
        self.repaint()

    def _counted(self) -> None:
        self.count = self.source.count
        self.repaint()

    def doc_id(self, index: int) -> int | None:
        """The record of a card."""
        return self.source.id_at(index)

    def key(self, index: int) -> Hashable:
        """The cells as they are now; a list cannot be a key, so its text is."""
        cells = self.source.row(index)
        return None if cells is None else repr(cells)

    def paint_ground(self, b: Batch, index: int, r: Roles) -> None:
        """A framed card with a gap below it."""
        ground = r.sheet
        chosen = index == self.cursor  # a filled card would swallow the chips of its colour
        fill = mix(ground, r.text, 0.05 if index == self.hovered_row else 0.0)
        line, edge = (r.primary, int(dp(2))) if chosen else (mix(ground, r.line, 0.6), 1)
        if self.ringed(index):
            edge = int(dp(3))
        wide, high = int(self.width) - dp(8), self.row_h - dp(8)
        b.framed(dp(4), dp(4), wide, high, dp(12), line, fill, edge)

    def paint_row(self, b: Batch, index: int, w: int, h: int, r: Roles) -> None:
        """Title, a line of values, chips; bars while it is not here yet."""
        cells = self.source.row(index)
        x, room = dp(18), w - dp(40)
        if cells is None:
            b.rounded(x, h / 2, min(room, dp(160)), dp(8), dp(4), mix(r.sheet, r.text, 0.07))
            return
        named = _name_at(self.columns)
        title = self.columns[named].show(cells[named]) if cells[named] is not None else ""
        said = sorted(enumerate(self.columns), key=lambda each: each[1].kind in NUMERIC)
        rest = [  # words say more in a line than numbers without their names do
            column.show(cells[i])
            for i, column in said
            if i != named and column.kind not in WORDLESS and cells[i] not in (None, "")
        ]
        chips = self._chips(cells)
        line, top = sp(20), h - dp(14)
        if not chips:
            top = h / 2 + line
        if self.marked and self.source.id_at(index) in self.marked:
            side = int(grown(18))
            b.icon(UNDECIDED, w - dp(18) - side, top - line, side, r.error)
            room -= side + dp(8)
        b.write(
            "strong",
            title or "No name yet",
            x,
            top - line,
            line,
            r.text if title else r.muted,
            room,
        )
        b.write("small", " · ".join(rest[:SECOND_LINE]), x, top - 2 * line, line, r.muted, room)
        self._paint_chips(b, chips, x, room, r)

    def _chips(self, cells: Any) -> list[tuple[str, int]]:
        """(label, hue) of the choices and tags of a record."""
        found: list[tuple[str, int]] = []
        for column, value in zip(self.columns, cells, strict=True):
            if column.kind not in CHIPS:
                continue
            names = value if isinstance(value, list) else [value]
            for name in names:
                if isinstance(name, str) and name:
                    listed = column.options
                    found.append(
                        (name, listed.index(name) if name in listed else hue_of(name[:64]))
                    )
        return found

    def _paint_chips(
        self, b: Batch, chips: list[tuple[str, int]], x: float, room: float, r: Roles
    ) -> None:
        look = Look(r, int(grown(28)))
        inner, at = Batch(), 0.0
        for label, hue in chips:
            if at + b.width("label", label) + dp(16) > room:
                break
            at += paint_chip(inner, label, x + at, room - at, look, hue) + dp(4)
        b.add(inner, 0, int(dp(10)))


def _name_at(columns: list[Column]) -> int:
    texts = (i for i, column in enumerate(columns) if column.kind == "text")
    return next(texts, 0)
