"""The open workspace in its window: which panes stand side by side, and what lies over them."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from app.viewmodels.appearance import Appearance
from app.viewmodels.deciding import DecidingState
from app.viewmodels.desk import Desk, DeskState
from app.viewmodels.layout import Panes, Place, Width, panes, width_of
from app.viewmodels.undoing import Undoing
from app.views.collections import CollectionsView
from app.views.deciding import DecidingView
from app.views.drawer import Drawer
from app.views.history import HistoryHome
from app.views.house import looks
from app.views.house.controls import IconButton
from app.views.house.focus import by_keyboard, focused
from app.views.house.skin import grown, skin
from app.views.record import RecordView
from app.views.records import RecordsView
from app.views.search import SearchView
from app.views.settings import SettingsView
from app.views.trash import TrashView
from app.views.undo import UndoButtons

looks.load("desk.kv")

COLLECTIONS_DP, RECORD_DP, HISTORY_DP, NARROW_DP = 248, 368, 336, 520


class RailView(BoxLayout):
    """Places, one below the other; `folded`: the collections are in a drawer that its first button opens."""

    place = StringProperty("records")
    folded = BooleanProperty(False)
    undecided = NumericProperty(0)
    go = ObjectProperty(None, allownone=True)
    open_drawer = ObjectProperty(None, allownone=True)

    def __init__(self, undoing: Undoing, **kwargs: Any) -> None:
        self.button = IconButton(icon="menu", label="Lists", ground="page")
        self.back = UndoButtons(undoing, orientation="vertical", spacing=dp(8))
        super().__init__(**kwargs)
        self.ids.back.add_widget(self.back)
        self.button.bind(on_release=lambda *_: self.open_drawer())
        self.fbind("folded", self._fold)
        self.fbind("width", self._fold)
        self.button.fbind("width", self._fold)
        self._fold()

    def _fold(self, *_: Any) -> None:
        home = self.ids.menu
        home.padding = (self.width - self.button.width) / 2, dp(4)
        if self.folded and self.button.parent is None:
            home.add_widget(self.button)
        elif not self.folded:
            home.clear_widgets()


class BarView(BoxLayout):
    """The same places at the bottom of a narrow window."""

    place = StringProperty("records")
    undecided = NumericProperty(0)
    go = ObjectProperty(None, allownone=True)


class DeskView(BoxLayout):
    """Panes are made once and only moved; the order of adding is the order of Tab."""

    def __init__(
        self, desk: Desk, appearance: Appearance, sheets: Any, place: str, **kwargs: Any
    ) -> None:
        super().__init__(orientation="vertical", **kwargs)
        self.desk = desk
        self.sheets = sheets
        self.rail = RailView(desk.undoing, go=self._go, open_drawer=self.open_drawer)
        self.bar = BarView(go=self._go)
        self.collections = CollectionsView(
            desk, size_hint_x=None, open_palette=sheets.open_palette, import_file=desk.choose_file
        )
        self.records = RecordsView(desk, import_file=desk.choose_file, open_drawer=self.open_drawer)
        self.record = RecordView(desk)
        self.history = HistoryHome(desk)
        self.deciding = DecidingView(desk)
        self.search = SearchView(desk)
        self.trash = TrashView(desk)
        self.settings = SettingsView(desk, appearance, place, show_keys=sheets.show_keys)
        self.drawer: Drawer | None = None
        self.row = BoxLayout()
        self._place_shown: Place | None = None
        self.arrange_later = Clock.create_trigger(lambda _: self.arrange(), -1)
        self.fbind("size", self._arrange_again)
        skin.bind(text_scale=self._arrange_again)
        self._stops = [
            desk.observe(self._moved),
            desk.deciding.observe(self._counted),
            desk.history.observe(self._arrange_again),
        ]

    def _counted(self, state: DecidingState) -> None:
        self.rail.undecided = self.bar.undecided = state.count

    def _arrange_again(self, *_: Any) -> None:
        self.arrange_later()

    def close(self) -> None:
        """The workspace closes."""
        for stop in self._stops:
            stop()
        if self.drawer is not None:
            self.drawer.dismiss()
        for view in (
            self.rail.back, self.collections, self.records, self.record, self.history, self.deciding,
            self.search, self.trash, self.settings,
        ):  # fmt: skip
            view.close()

    # -- what is shown ---------------------------------------------------------------------------
    def _moved(self, state: DeskState) -> None:
        self.rail.place = self.bar.place = state.place.value
        self.arrange_later()
        if state.place is not self._place_shown and self._place_shown is not None:
            Clock.schedule_once(lambda _: self._arrived(state.place), 0)
        self._place_shown = state.place
        self.collections.marked = state.place is Place.RECORDS

    def _arrived(self, place: Place) -> None:
        """The search box takes the keyboard at once; elsewhere it follows who came by keyboard."""
        main = self.main(place)
        if main.get_root_window() is None:
            return
        stop = getattr(main, "stop", None)
        if stop is not None and (
            place is Place.SEARCH or (by_keyboard.on and focused(self) is None)
        ):
            stop.focus = True

    def main(self, place: Place) -> Any:
        """The pane of a place."""
        return {
            Place.RECORDS: self.records,
            Place.SEARCH: self.search,
            Place.DECIDE: self.deciding,
            Place.TRASH: self.trash,
            Place.SETTINGS: self.settings,
        }[place]

    @property
    def width_class(self) -> Width:
        """Compact, medium or expanded, by the window's width in dp; large text makes it less."""
        return width_of(self.width / grown(1))

    @property
    def lift(self) -> float:
        """What the bar takes of the bottom, in pixels."""
        return float(self.bar.height) if self.bar.parent is not None else 0.0

    def _panes(self) -> Panes:
        state = self.desk.state
        return panes(
            self.width / grown(1),
            collection_open=state.collection,
            record_open=state.record,
            records=state.place is Place.RECORDS,
            history_open=self.desk.history.state.open,
        )

    def arrange(self) -> None:
        """Put the panes in that the width and the state ask for."""
        if self.width <= 1:
            return
        shown = self._panes()
        compact = self.width_class is Width.COMPACT
        main = self.main(self.desk.state.place)
        self._size(shown, compact=compact)
        wanted: list[Widget] = []
        for on, view in (
            (shown.rail, self.rail),
            (shown.collections, self.collections),
            (shown.view, main),
            (shown.record, self.record),
            (shown.history, self.history.view),
        ):
            if on:
                wanted.append(view)
        self.history.stand(beside=shown.history)
        _fill(self.row, wanted)
        _fill(self, [self.row, self.bar] if shown.bar else [self.row])
        self.sheets.notices.lift = self.lift
        self.sheets.notices.on_snackbar = self._make_room
        self._make_room(self.sheets.notices.taken)  # one may have come before there was a bar

    def _size(self, shown: Panes, *, compact: bool) -> None:
        gap = 0 if compact else dp(8)
        self.row.padding = 0, gap, gap, gap
        self.row.spacing = gap
        beside = self.width - (self.rail.width if shown.rail else 0)
        beside -= grown(COLLECTIONS_DP) + gap if shown.collections and not compact else 0
        half = (beside - 2 * gap) * 0.52
        record = int(grown(RECORD_DP) if self.width_class is Width.EXPANDED else half)
        history = int(grown(HISTORY_DP))
        room = beside - gap - (record + gap if shown.record and not compact else 0)
        room -= history + gap if shown.history else 0
        self.rail.folded = shown.rail and not shown.collections
        self.collections.compact = compact
        self.collections.size_hint_x = 1 if compact else None
        self.collections.width = grown(COLLECTIONS_DP)
        for view in (self.records, self.record, self.deciding, self.trash):
            view.compact = compact
        if shown.history:
            self.history.view.size_hint_x, self.history.view.width = None, history
        for pane in (self.records, self.search, self.deciding, self.trash, self.settings):
            pane.narrow = compact or room < grown(NARROW_DP)
        self.record.size_hint_x = 1 if compact else None
        self.record.width = record

    def _make_room(self, height: float) -> None:
        """What stands at the bottom moves up while a notice lies there."""
        self.records.lift = height
        self.collections.lift = height if self.width_class is Width.COMPACT else 0

    # -- going about -----------------------------------------------------------------------------
    def _go(self, place: str) -> None:
        self.desk.go(Place(place))

    def open_drawer(self) -> None:
        """The collections, over the window, where they have no pane."""
        if self.collections.parent is not None:
            return
        self.drawer = Drawer(self.collections)
        self.drawer.open()

    def go_round(self, *, back: bool) -> None:
        """To the next pane: its first control takes the keyboard."""
        by_keyboard.on = True
        stops = [
            pane
            for pane in (*reversed(self.row.children), self.bar)
            if pane.get_root_window() is not None
        ]
        holder = focused(self)
        at = next(
            (i for i, pane in enumerate(stops) if holder is not None and _holds(pane, holder)), -1
        )
        for step in range(1, len(stops) + 1):
            pane = stops[(at - step if back else at + step) % len(stops)]
            first = first_stop(pane)
            if first is not None:
                first.focus = True
                return


def _fill(home: BoxLayout, wanted: list[Widget]) -> None:
    if list(reversed(home.children)) == wanted:
        return
    home.clear_widgets()
    for widget in wanted:
        if widget.parent is not None:
            widget.parent.remove_widget(widget)
        home.add_widget(widget)


def _holds(pane: Widget, widget: Widget) -> bool:
    return any(child is widget for child in pane.walk(restrict=True))


def first_stop(pane: Widget) -> Any:
    """Where the keyboard goes in a pane: what it prefers, else its first control."""
    preferred = getattr(pane, "stop", None)
    if preferred is not None:
        return preferred
    return next(
        (
            w
            for w in pane.walk(restrict=True)
            if getattr(w, "is_focusable", False) and not w.disabled and w.opacity
        ),
        None,
    )
