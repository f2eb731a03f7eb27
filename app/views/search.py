"""The search screen: a box, where to look, and the hits."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

from kivy.metrics import dp, sp
from kivy.properties import BooleanProperty, ListProperty, ObjectProperty, StringProperty

from app.model.snippets import Piece
from app.viewmodels.desk import Desk
from app.viewmodels.search import SearchHit, SearchState
from app.views.house import looks
from app.views.house.batch import Batch
from app.views.house.controls import Chip
from app.views.house.panes import EmptyState
from app.views.house.scroller import VirtualList
from app.views.house.theme import Roles, mix
from app.views.screen import ScreenView

looks.load("search.kv")

ROW_DP = 64
MARK = 0.2  # how much of the main colour is behind a word that was searched for


class HitList(VirtualList):
    """The hits: the record's name, its collection, and where the words stand in it."""

    hits: list[SearchHit] = ListProperty()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(row_dp=ROW_DP, **kwargs)
        self.fbind("hits", self._listed)

    def _listed(self, *_: Any) -> None:
        self.count = len(self.hits)
        self.repaint()

    def key(self, index: int) -> Hashable:
        """The hit itself."""
        return self.hits[index]

    def paint_row(self, b: Batch, index: int, w: int, h: int, r: Roles) -> None:
        """Two lines; the words found stand out in both."""
        hit, x, line = self.hits[index], dp(18), sp(20)
        chosen = index == self.cursor
        ink, quiet = (r.on_selected, r.on_selected) if chosen else (r.text, r.muted)
        room, top = w - dp(40), h / 2 + line
        side = min(b.width("small", hit.collection), room / 3)
        b.write("small", hit.collection, x, top - line, line, quiet, room, "right")
        named = hit.named or (("No name yet", False),)
        ground = r.selected if chosen else r.ground(self.ground)
        wash = (
            mix(r.selected, r.ground(self.ground), 0.5) if chosen else mix(ground, r.primary, MARK)
        )
        above = Line("strong", x, top - line, x + room - side - dp(12))
        paint_pieces(b, named, above, (ink, ink, wash))
        below = Line("small", x, top - 2 * line, x + room)
        paint_pieces(b, hit.snippet, below, (quiet, ink, wash))


class Line(NamedTuple):
    """Where a line of text stands: its style, left end, lower edge and right end."""

    style: str
    x: float
    y: float
    end: float


def paint_pieces(
    b: Batch, pieces: tuple[Piece, ...], line: Line, inks: tuple[int, int, int]
) -> None:
    """A line in pieces; what was searched for stands out. The inks: text, what is marked, and the wash behind that."""
    plain, strong, wash = inks
    x, high = line.x, sp(20)
    for text, found in pieces:
        if line.end - x < dp(16):
            return
        if found:
            wide = min(b.width(line.style, text), line.end - x)
            b.rounded(x - 1, line.y + dp(1), wide + 2, high - dp(2), dp(3), wash)
        x += b.write(line.style, text, x, line.y, high, strong if found else plain, line.end - x)


class SearchView(ScreenView):
    """`narrow`: no pane of its own under it."""

    desk = ObjectProperty()
    narrow = BooleanProperty(False)
    note = StringProperty()

    def __init__(self, desk: Desk, **kwargs: Any) -> None:
        self.hits = HitList(size_hint=(None, None))
        self.empty = EmptyState()
        self._scopes: dict[str | None, Chip] = {}
        super().__init__(desk.search, desk=desk, **kwargs)
        self.hits.bind(on_open=lambda _, index: self._open(index))
        self.ids.body.bind(pos=self._place, size=self._place)
        self.fbind("narrow", lambda *_: self.shown(self.state))
        self._stop_lists = desk.collections.observe(lambda _: self._show_scopes())
        self.shown(self.state)

    def close(self) -> None:
        """Listen no longer."""
        super().close()
        self._stop_lists()

    @property
    def stop(self) -> Any:
        """Where F6 leads: the box."""
        return self.ids.field.input

    def to_hits(self) -> None:
        """From the box to the first hit."""
        if self.hits.count:
            self.hits.cursor = max(0, self.hits.cursor)
            self.hits.focus = True

    def open_first(self) -> None:
        """Enter in the box opens the best hit."""
        if self.state.hits:
            self._open(0)

    def _open(self, index: int) -> None:
        hit = self.state.hits[index]
        self.desk.open_record(hit.slug, hit.doc_id)

    def shown(self, state: SearchState) -> None:
        """The hits, or what stands in their place."""
        if "body" not in self.ids:
            return  # the rule is not applied yet
        ground = "page" if self.narrow else "pane"
        self.hits.ground = self.empty.ground = ground
        if tuple(self.hits.hits) != state.hits:
            self.hits.hits = list(state.hits)
            self.hits.cursor, self.hits.scroll_y = -1, 0
        if self.ids.field.text != state.text:
            self.ids.field.text = state.text
        self.note = self._note(state)
        body: Any = self.hits
        if not state.text.strip():
            body = self._say(
                "magnify",
                "Search all records",
                "Words may be unfinished, and one slip is forgiven.",
            )
        elif state.nothing_found:
            body = self._say(
                "magnify-close", f"Nothing holds “{state.asked[:60]}”", "Try fewer or other words."
            )
        if self.ids.body.children != [body]:
            self.ids.body.clear_widgets()
            self.ids.body.add_widget(body)
        self._show_scopes()
        self._place()

    def _note(self, state: SearchState) -> str:
        if state.error or state.slow:
            return state.error or "Searching…"
        if not state.hits:
            return ""
        shown = len(state.hits)
        if state.total > shown:
            return f"The best {shown} of {state.total:,} or more"
        return f"{shown:,} record{'' if shown == 1 else 's'}"

    def _say(self, icon: str, title: str, text: str) -> EmptyState:
        self.empty.icon, self.empty.title, self.empty.text = icon, title, text
        return self.empty

    def _show_scopes(self) -> None:
        """All, then each collection."""
        if "scopes" not in self.ids:
            return
        names = {
            None: "All",
            **{item.slug: item.title for item in self.desk.collections.state.items},
        }
        if list(names) != list(self._scopes):
            self.ids.scopes.clear_widgets()
            self._scopes = {slug: self._scope(slug) for slug in names}
            for chip in self._scopes.values():
                self.ids.scopes.add_widget(chip)
        for slug, chip in self._scopes.items():
            chip.text, chip.selected = names[slug], slug == self.state.scope
            chip.ground = "page" if self.narrow else "pane"

    def _scope(self, slug: str | None) -> Chip:
        chip = Chip(pos_hint={"center_y": 0.5})
        chip.bind(on_release=lambda *_: self.vm.look_in(slug))
        return chip

    def _place(self, *_: Any) -> None:
        body = self.ids.body
        for part in (self.hits, self.empty):
            part.pos, part.size = body.pos, body.size
