"""The pane of one collection: heading and tools, the grid or the cards, and what stands there when there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from kivy.clock import Clock
from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty
from kivy.uix.widget import Widget

from app.model.schema import Field
from app.viewmodels.desk import Desk
from app.viewmodels.forms import Ask
from app.viewmodels.records import RecordsState
from app.views.cards import RecordCards
from app.views.columns import column_of
from app.views.grid.grid import Grid
from app.views.grid.source import NoRows, RowSource
from app.views.house import looks
from app.views.house.controls import FloatingButton, IconButton, PushButton
from app.views.house.menus import MenuItem, MenuSheet
from app.views.house.panes import Caption, EmptyState
from app.views.screen import ScreenView
from app.views.undo import UndoButtons

looks.load("records.kv")


class EmptyWords(NamedTuple):
    """What an empty state says: icon, title, text, action."""

    icon: str
    title: str
    text: str
    action: str


class RecordsView(ScreenView):
    """`narrow`: cards in place of the grid; `compact`: it is the whole screen, with a way back."""

    desk = ObjectProperty()
    narrow = BooleanProperty(False)
    compact = BooleanProperty(False)
    import_file = ObjectProperty(None, allownone=True)
    open_drawer = ObjectProperty(None, allownone=True)
    lift = NumericProperty(0)  # pixels that a notice takes below

    def __init__(self, desk: Desk, **kwargs: Any) -> None:
        self.grid: Grid | None = None
        self.cards: RecordCards | None = None
        self.way_back = IconButton(icon="arrow-left", label="Back to the lists")
        self.heading = Caption(style="title", size_hint=(None, 1))
        self.note = Caption(style="small", role="muted", size_hint=(None, 1))
        self.space = Widget()
        self.back = UndoButtons(desk.undoing, spacing=dp(8))
        self.more = IconButton(icon="dots-vertical", label="More")
        self.new = PushButton(text="New", icon="plus", label="New record")
        self.floating = FloatingButton(text="New", icon="plus", label="New record", ground="page")
        self.empty = EmptyState(size_hint=(None, None))
        self._fields: tuple[Field, ...] = ()
        self._chosen: int | None = None
        self._epoch = 0
        super().__init__(desk.records, desk=desk, **kwargs)
        self.way_back.bind(on_release=lambda *_: desk.show_lists())
        self.more.bind(on_release=lambda *_: self.open_menu())
        for button in (self.new, self.floating):
            button.bind(on_release=lambda *_: desk.new_record())
        self.empty.bind(on_action=lambda *_: self._act())
        self.ids.body.bind(pos=self._place, size=self._place)
        for name in ("narrow", "compact"):
            self.fbind(name, lambda *_: self.shown(self.state))
        self.fbind("lift", self._place)
        self.ids.head.bind(width=lambda *_: self._fit_head())
        for part in (self.heading, self.note, self.new):
            part.fbind("natural_width", lambda *_: self._fit_head())
        self.shown(self.state)
        desk.records.settle = self._settle
        self._stop_deciding = desk.deciding.observe(lambda _: self._mark_undecided())

    def close(self) -> None:
        """The view is going away; what is being typed into a cell is kept."""
        self._settle()
        self.back.close()
        self._stop_deciding()
        super().close()

    @property
    def stop(self) -> Any:
        """Where F6 leads: the rows, or what stands in their place."""
        shown = self.ids.body.children
        if self.empty in shown:
            return self.empty.button if self.empty.action_text else None
        return next((view for view in (self.grid, self.cards) if view in shown), None)

    # -- what is shown ---------------------------------------------------------------------------
    def shown(self, state: RecordsState) -> None:
        """Heading, then the body that fits the state."""
        if "head" not in self.ids:
            return  # the rule is not applied yet
        self._show_head(state)
        top = self._top_row(state)
        button = self._button(state)
        parts = [*self._body(state), *([] if button is None else [button])]
        shown = list(reversed(self.ids.body.children))
        if parts != shown:
            self._chosen = None  # what is shown now has not been told yet
            self.ids.body.clear_widgets()
            for part in parts:
                self.ids.body.add_widget(part)
        self._place()
        arrived = self.cards if self.narrow else self.grid
        if top and arrived is not None and arrived in self.ids.body.children:
            arrived.show_from(top)
        self._mark(state.chosen)
        self._mark_undecided()

    def _top_row(self, state: RecordsState) -> int:
        """Where the grid stands when cards take its place, or the other way round; 0 when nothing changes places."""
        same, self._epoch = state.epoch == self._epoch, state.epoch
        leaving = self.grid if self.narrow else self.cards
        shown = leaving is not None and leaving in self.ids.body.children
        return leaving.top_row if same and leaving is not None and shown else 0

    def _mark(self, chosen: int | None) -> None:
        """The row of the record that stands beside is marked, wherever it was opened from."""
        rows = self.vm.rows
        if chosen == self._chosen or rows is None or not rows.ready:
            return
        self._chosen = chosen
        if chosen is None:
            if self.cards is not None:
                self.cards.cursor = -1
            return
        rows.locate(chosen, lambda row: self._go_to(row, chosen))

    def _go_to(self, row: int | None, chosen: int) -> None:
        if row is None or chosen != self._chosen:
            return
        body = self.ids.body.children
        if self.cards is not None and self.cards in body:
            self.cards.cursor = row
            self.cards.reveal(row)
        elif self.grid is not None and self.grid in body and self.grid.cursor[0] != row:
            self.grid.go(row, max(0, self.grid.cursor[1]))

    def _mark_undecided(self) -> None:
        """The rows in which something waits for a decision have a sign."""
        waits = self.desk.deciding.state.records
        here = frozenset(doc_id for slug, doc_id in waits if slug == self.state.slug)
        for view in (self.grid, self.cards):
            if view is not None:
                view.marked = here

    def _show_head(self, state: RecordsState) -> None:
        self.heading.text = state.title or "Records"
        self.note.text = state.note
        parts: list[Widget] = [self.way_back] if self.compact else []
        parts += [self.heading, self.note, self.space]
        if self.compact:
            parts.append(self.back)
        if state.slug:
            parts.append(self.more)
        if state.slug and not self.narrow:
            parts.append(self.new)
        if parts != list(reversed(self.ids.head.children)):
            self.ids.head.clear_widgets()
            for part in parts:
                self.ids.head.add_widget(part)
        for part in parts:
            part.ground = "page" if self.narrow else "pane"
            part.pos_hint = {"center_y": 0.5}
        self._fit_head()

    def _fit_head(self) -> None:
        """The title takes what it needs of the room; the note goes when the tools reach it."""
        tools = sum(
            w.width + dp(8)
            for w in self.ids.head.children
            if isinstance(w, IconButton | PushButton | UndoButtons)
        )
        room = max(0.0, self.ids.head.width - tools - dp(48))
        self.heading.width = min(self.heading.natural_width, room)
        left = room - self.heading.width - dp(8)
        fits = self.note.natural_width <= left
        self.note.opacity = 1 if fits else 0
        self.note.width = self.note.natural_width if fits else 0

    def _body(self, state: RecordsState) -> list[Widget]:
        """What stands in place of rows, or the rows; an empty list still shows its headings."""
        words = self._words(state)
        rows = self.desk.records.rows
        source: RowSource = NoRows() if rows is None else rows
        if words is None:
            return [self._cards(source) if self.narrow else self._grid(source, state)]
        if state.empty and not self.narrow:
            return [self._grid(source, state), self._say(words)]
        return [self._say(words)]

    def _words(self, state: RecordsState) -> EmptyWords | None:
        if state.error:
            return EmptyWords(
                "alert-circle-outline", "This list cannot be read", state.error, "Try again"
            )
        if not state.slug:
            return EmptyWords(
                "table-plus",
                "No list yet",
                "A list holds records of one kind: stock, contacts, visits. "
                "Make one, or drop a spreadsheet on the window.",
                "New list",
            )
        if state.empty:
            names = spoken_list([field.title for field in state.fields])
            verb = "field is" if len(state.fields) == 1 else "fields are"
            fields = f"Its {verb} {names}. " if self.narrow else ""  # else the headings say it
            return EmptyWords(
                "tray-arrow-down",
                f"Nothing in {state.title} yet",
                f"{fields}Write the first record, or drop a spreadsheet on the window.",
                "New record",
            )
        return None

    def _say(self, words: EmptyWords) -> EmptyState:
        self._forget_rows()
        empty = self.empty
        empty.icon, empty.title, empty.text, empty.action_text = words
        empty.ground = "page" if self.narrow else "pane"
        return empty

    def _button(self, state: RecordsState) -> Widget | None:
        return (
            self.floating
            if self.narrow and state.slug and not state.empty and not state.error
            else None
        )

    def _grid(self, rows: RowSource, state: RecordsState) -> Grid:
        if self.cards is not None:
            self.cards.source = NoRows()
        grid = self.grid
        if grid is None:
            grid = self.grid = Grid(size_hint=(None, None))
            grid.bind(
                on_edit=lambda _grid, _row, *edit: self.vm.edit(*edit),
                on_draft=lambda _grid, *draft: self.vm.keep_draft(*draft),
                on_choose=lambda _grid, row, column: self._choose(row, column),
                on_sort=lambda _grid, column, *_: self.vm.sort_by(self.state.fields[column].slug),
                on_open=lambda _grid, _row, doc_id: self._open(doc_id),
                on_delete=lambda _, *what: self._delete(*what),
                on_paste=lambda _, row, column, lines: self._paste(row, column, lines),
                on_cell_menu=lambda _grid, row, _column, pos: self._cell_menu(row, pos),
                on_header_menu=lambda _, column, pos: self._header_menu(column, pos),
                on_widths=lambda _, widths: self._keep_widths(widths),
                on_refused=lambda _, column: self._refused(column),
                on_copied=lambda _, count: self._copied(count),
            )
        columns = [column_of(field, state.widths.get(field.slug, 0)) for field in state.fields]
        shown = [(column.name, column.width) for column in grid.columns]
        if shown != [(c.name, c.width) for c in columns] or self._fields != state.fields:
            more = self._fields and state.fields[: len(self._fields)] == self._fields
            self._fields = state.fields
            grid.columns = columns
            if more:  # a field was added: it comes into sight
                Clock.schedule_once(lambda _: grid.reveal(grid.cursor[0], len(columns) - 1), 0)
        if grid.source is not rows:
            grid.source = rows
        names = [field.slug for field in state.fields]
        sort = state.sort
        grid.sorting = [(names.index(sort.field), sort.descending)] if sort is not None else []
        return grid

    def _cards(self, rows: RowSource) -> RecordCards:
        if self.grid is not None:
            self._settle()
            self.grid.source = NoRows()
        cards = self.cards
        if cards is None:
            cards = self.cards = RecordCards(size_hint=(None, None))
            cards.bind(
                on_open=lambda _, index: self._open(cards.doc_id(index)),
                on_menu=lambda _, index, pos: self._cell_menu(index, pos),
            )
        cards.foot = self.floating.height + dp(24)  # the last card can be read beside it
        cards.columns = [column_of(field) for field in self.state.fields]
        if cards.source is not rows:
            cards.source = rows
        return cards

    def _forget_rows(self) -> None:
        for view in (self.grid, self.cards):
            if view is not None and view.parent is None:
                view.source = NoRows()

    def _place(self, *_: Any) -> None:
        body = self.ids.body
        pad = dp(8) if self.narrow else 0
        for view in (self.grid, self.cards):
            if view is not None and view.parent == body:
                view.pos = body.x + pad, body.y
                view.size = body.width - 2 * pad, body.height
        below = self.grid is not None and self.grid.parent == body
        head = self.grid.geometry.head_h if self.grid is not None and below else 0
        self.empty.pos, self.empty.size = body.pos, (body.width, body.height - head)
        self.floating.pos = (
            body.x + body.width - self.floating.width - dp(16),
            body.y + dp(16) + self.lift,
        )

    def _settle(self) -> None:
        """Before the rows go away: what is typed into a cell is stored, or kept with its record."""
        if self.grid is not None:
            self.grid.editing.settle()

    # -- what is done ----------------------------------------------------------------------------
    def _open(self, doc_id: int | None) -> None:
        if doc_id is not None:
            self.desk.open_record(self.state.slug, doc_id)

    def _open_history(self, doc_id: int) -> None:
        self._open(doc_id)
        self.desk.show_history()

    def _act(self) -> None:
        if self.state.error:
            self.vm.retry()
        elif not self.state.slug:
            self.desk.ask_new_collection()
        else:
            self.desk.new_record()

    def _delete(self, rows: range, columns: range, records: bool) -> None:  # noqa: FBT001 -- an event's
        if records:
            self.vm.trash_rows(rows)
        else:
            self.vm.clear(rows, [self.state.fields[i].slug for i in columns])

    def _paste(self, row: int, column: int, lines: list[list[str]]) -> None:
        self.vm.paste(row, [field.slug for field in self.state.fields[column:]], lines)

    def _keep_widths(self, widths: list[int]) -> None:
        """Those that are not what suits their kind."""
        usual = [column_of(field).width_dp for field in self.state.fields]
        names = [field.slug for field in self.state.fields]
        self.vm.keep_widths(
            {
                name: width
                for name, width, own in zip(names, widths, usual, strict=True)
                if width != own
            }
        )

    def _refused(self, column: int) -> None:
        title = self.state.fields[column].title
        self.desk.notices.say(f"“{title}” is not written by hand here; it stays as it is.")

    def _copied(self, count: int) -> None:
        self.desk.notices.say(f"{count:,} row{'' if count == 1 else 's'} copied")

    # -- menus -----------------------------------------------------------------------------------
    def open_menu(self) -> None:
        """What can be done to the collection."""
        desk = self.desk
        MenuSheet(
            [
                MenuItem(
                    "Add a field", "table-column-plus-after", partial(desk.form.open, Ask.NEW_FIELD)
                ),
                MenuItem(
                    "Rename",
                    "pencil-outline",
                    partial(desk.form.open, Ask.RENAME, self.state.title),
                ),
                MenuItem("Import a file", "table-arrow-left", self.import_file, "Ctrl I"),
                MenuItem(
                    "Move the list to Trash",
                    "trash-can-outline",
                    desk.trash_collection,
                    danger=True,
                ),
            ],
            anchor=self.more,
        ).open()

    def _cell_menu(self, row: int, pos: tuple[float, float]) -> None:
        rows = self.vm.rows
        doc_id = None if rows is None else rows.id_at(row)
        if doc_id is None:
            return
        MenuSheet(
            [
                MenuItem("Open", "open-in-app", partial(self._open, doc_id), "Ctrl Enter"),
                MenuItem("History", "history", partial(self._open_history, doc_id)),
                MenuItem(
                    "Move to Trash",
                    "trash-can-outline",
                    partial(self.vm.trash, [doc_id]),
                    "Ctrl Del",
                    danger=True,
                ),
            ],
            at=pos,
        ).open()

    def _choose(self, row: int, column: int) -> None:
        """The options of a cell, the one it holds marked."""
        grid, field = self.grid, self.state.fields[column]
        cells = None if grid is None else grid.source.row(row)
        if grid is None or cells is None:
            return
        held, take = cells[column], partial(self.vm.choose_value, row, field.slug)
        items = [
            MenuItem(name, run=partial(take, name), checked=name == held)
            for name in grid.columns[column].options
        ]
        items.append(MenuItem("No value", "close", None if held is None else partial(take, None)))
        MenuSheet(items, at=grid.below(row, column)).open()

    def _header_menu(self, column: int, pos: tuple[float, float]) -> None:
        field, sort = self.state.fields[column], self.state.sort
        here = sort is not None and sort.field == field.slug
        up, down = here and not sort.descending, here and sort.descending
        order = partial(self.vm.order_by, field.slug)
        MenuSheet(
            [
                MenuItem(
                    "Sort A to Z, 1 to 9",
                    "sort-ascending",
                    partial(order, descending=False),
                    checked=up,
                ),
                MenuItem(
                    "Sort Z to A, 9 to 1",
                    "sort-descending",
                    partial(order, descending=True),
                    checked=down,
                ),
                MenuItem(
                    "As the records came", "sort-variant-remove", self.vm.unsort if sort else None
                ),
                MenuItem(
                    "Make it fit", "arrow-expand-horizontal", partial(self._fit_column, column)
                ),
            ],
            at=pos,
        ).open()

    def _fit_column(self, column: int) -> None:
        if self.grid is not None:
            self.grid.fit_column(column)


def spoken_list(names: Sequence[str], most: int = 6) -> str:
    """Names as a sentence has them: a, b and c; of many, the first few and how many more."""
    shown = list(names[:most])
    rest = len(names) - len(shown)
    last = f"{rest} more" if rest else shown.pop() if shown else "no field"
    return f"{', '.join(shown)} and {last}" if shown else last
