"""The import's sheet: a look at the file, a bar while it runs, and what came of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from kivy.clock import Clock
from kivy.metrics import dp, sp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from app.model.fields import KINDS
from app.viewmodels.desk import Desk
from app.viewmodels.importing import ImportStage, ImportState
from app.views.house import looks
from app.views.house.batch import Batch
from app.views.house.cells import ICON
from app.views.house.controls import NavRow, PushButton
from app.views.house.menus import MenuItem, MenuSheet
from app.views.house.panes import Caption
from app.views.house.progress import ProgressPanel
from app.views.house.scroller import VirtualList
from app.views.house.skin import grown, skin
from app.views.house.theme import Roles
from app.views.screen import ScreenView

if TYPE_CHECKING:
    from app.exchange.preview import SheetPreview
    from app.exchange.run import CollectionResult

looks.load("components/menus.kv")
looks.load("importing.kv")

SAMPLES = 3
RUNS = frozenset({ImportStage.READING, ImportStage.RUNNING, ImportStage.STOPPING})
WHOLE_ROW = "The whole row"


class ColumnList(VirtualList):
    """What each column becomes: its name, its kind, and what stands in its first rows."""

    sheet: SheetPreview | None = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(row_dp=48, ground="sheet", **kwargs)
        self.fbind("sheet", self._listed)

    def _listed(self, *_: Any) -> None:
        self.count = 0 if self.sheet is None else len(self.sheet.columns)
        self.scroll_y, self.cursor = 0, -1
        self.repaint()

    def paint_row(self, b: Batch, index: int, w: int, h: int, r: Roles) -> None:
        """Icon and name at the left, examples at the right."""
        if self.sheet is None:
            return
        column, side, x = self.sheet.columns[index], int(grown(18)), dp(14)
        chosen = index == self.cursor
        ink, quiet = (r.on_selected, r.on_selected) if chosen else (r.text, r.muted)
        b.icon(ICON.get(column.kind, ICON["text"]), x, (h - side) / 2, side, quiet)
        left = x + side + dp(12)
        name = (w - left) * 0.42
        line = sp(20)
        y = h / 2
        b.write("strong", column.name, left, y, line - dp(1), ink, name)
        b.write("small", spoken_kind(column.kind), left, y - line + dp(1), line, quiet, name)
        seen = [row[index] for row in self.sheet.rows[:SAMPLES] if index < len(row) and row[index]]
        words = " · ".join(" ".join(text.split()) for text in seen)
        at = left + name + dp(12)
        b.write("small", words, at, 0, h, quiet, w - at - dp(20))


class ImportPanel(ScreenView):
    """One column of widgets for each stage; `natural_height` shows all of them, in pixels."""

    desk = ObjectProperty()
    title = StringProperty()
    words = StringProperty()
    failed = BooleanProperty(False)
    natural_height = NumericProperty(0)

    def __init__(self, desk: Desk, **kwargs: Any) -> None:
        self.progress = ProgressPanel(ground="sheet")
        self.into = NavRow(ground="sheet", icon="table")
        self.key = NavRow(ground="sheet", icon="key-outline")
        self.counts = Caption(style="strong", lines=0, ground="sheet")
        self.columns = ColumnList()
        self.said = Caption(role="muted", style="small", lines=4, ground="sheet")
        self.cancel = PushButton(text="Cancel", kind="text", ground="sheet")
        self.back = PushButton(text="Undo the import", kind="text", ground="sheet")
        self.main = PushButton(text="Import", ground="sheet")
        self._stage: ImportStage | None = None
        self._fit_later = Clock.create_trigger(self._fit, -1)
        super().__init__(desk.importing, desk=desk, **kwargs)
        self.progress.bind(on_cancel=lambda *_: self.vm.cancel())
        self.cancel.bind(on_release=lambda *_: self.vm.cancel())
        self.back.bind(on_release=lambda *_: self.vm.undo())
        self.main.bind(on_release=lambda *_: self._forward())
        self.into.bind(on_release=lambda *_: self._choose_place())
        self.key.bind(on_release=lambda *_: self._choose_key())
        for part in (self.counts, self.said, self.ids.title, self.ids.words, self.ids.answers):
            part.fbind("height", self._ask_fit)
        self.columns.fbind("count", self._ask_fit)
        skin.bind(text_scale=self._ask_fit)
        self.shown(self.state)

    @property
    def stop(self) -> Any:
        """Where the keyboard goes: the main answer."""
        return self.progress.button if self.state.stage in RUNS else self.main

    def shown(self, state: ImportState) -> None:
        """Words, then the widgets of the stage."""
        if "body" not in self.ids or not state.open:
            return
        self._show_words(state)
        self._show_parts(state)
        if state.stage is not self._stage:
            self._stage = state.stage
            self._fill(state)

    def _ask_fit(self, *_: Any) -> None:
        self._fit_later()

    def _fit(self, _dt: float) -> None:
        """As high as all its parts; the list of columns scrolls where the window is lower than that."""
        body = self.ids.body
        inner = sum(
            max(1, part.count) * part.row_h if part is self.columns else part.height
            for part in body.children
        )
        body.size_hint_y = 1 if self.columns in body.children else None
        inner += body.spacing * max(0, len(body.children) - 1)
        if body.size_hint_y is None:
            body.height = inner
        parts = [self.ids.title.height, self.ids.words.height, inner, self.ids.answers.height]
        shown = [high for high in parts if high]
        left, top, right, bottom = self.padding
        del left, right
        self.natural_height = top + bottom + sum(shown) + self.spacing * (len(parts) - 1)

    def _show_words(self, state: ImportState) -> None:
        name = state.path.name
        self.failed = state.stage is ImportStage.FAILED
        self.title = {
            ImportStage.DONE: f"{name} is in",
            ImportStage.FAILED: f"{name} was not imported",
        }.get(state.stage, f"Import {name}")
        found = state.preview
        self.words = state.failed
        if found is not None and state.stage is ImportStage.PREVIEW:
            parts = [found.format.upper(), found.encoding]
            self.words = " · ".join(part for part in parts if part)

    def _show_parts(self, state: ImportState) -> None:
        running = state.stage is ImportStage.RUNNING
        self.progress.title = (
            "Stopping…"
            if state.stage is ImportStage.STOPPING
            else "Importing…"
            if running
            else "Looking at the file…"
        )
        rows = f"{state.rows:,} records" if state.rows else ""
        self.progress.note = " · ".join(part for part in (rows, state.left) if part)
        self.progress.value = state.share
        self.progress.stoppable = state.stage is not ImportStage.STOPPING
        self.into.text, self.into.trailing = "Into the list", f"{state.into or 'of its name'} ▾"
        self.key.text, self.key.trailing = (
            "Match records by",
            f"{state.key or WHOLE_ROW.lower()} ▾",
        )
        report = state.report
        self.counts.text = (
            "" if report is None else "\n".join(spoken_counts(each) for each in report.collections)
        )
        self.said.text = "" if report is None else " ".join(report.warnings)
        self.said.opacity = 1 if self.said.text else 0
        self.columns.sheet = (
            state.preview.sheets[0] if state.preview is not None and state.preview.sheets else None
        )
        done = state.stage is ImportStage.DONE
        self.main.text = "Open the list" if done else "Import"
        self.main.disabled = False
        self.cancel.text = "Close" if done or state.stage is ImportStage.FAILED else "Cancel"
        if state.stage is ImportStage.PREVIEW and state.nothing_new:
            self.words = (
                "Everything in it is here already; importing it again would change nothing."
            )

    def _fill(self, state: ImportState) -> None:
        place: list[Widget] = [self.into, self.key] if state.single else []
        bodies: dict[ImportStage, list[Widget]] = {
            ImportStage.PREVIEW: [*place, self.counts, self.columns, self.said],
            ImportStage.DONE: [self.counts, self.said],
            ImportStage.FAILED: [],
        }
        body = bodies.get(state.stage, [self.progress])
        answers: list[Widget] = {
            ImportStage.PREVIEW: [Widget(), self.cancel, self.main],
            ImportStage.DONE: [
                *([] if state.nothing_new else [self.back]),
                Widget(),
                self.cancel,
                self.main,
            ],
            ImportStage.FAILED: [Widget(), self.cancel],
        }.get(state.stage, [])
        for home, parts in ((self.ids.body, body), (self.ids.answers, answers)):
            home.clear_widgets()
            for part in parts:
                home.add_widget(part)
        self._answer_room(bool(answers))
        self._fit_later()
        if answers:
            (self.main if self.main in answers else self.cancel).focus = True

    def _answer_room(self, on: bool) -> None:  # noqa: FBT001 -- whether there are answers
        """While it runs there is nothing to answer."""
        self.ids.answers.height = max(dp(48), sp(40)) if on else 0

    def _forward(self) -> None:
        if self.state.stage is ImportStage.DONE:
            self.vm.go()
        else:
            self.vm.run()

    def _choose_place(self) -> None:
        """The name of the file's own, then the lists there are."""
        names = [self.columns.sheet.name if self.columns.sheet is not None else ""]
        names += [item.slug for item in self.desk.collections.state.items if item.slug not in names]
        items = [
            MenuItem(
                name if at else f"{name} (as the file is called)",
                "table",
                partial(self.vm.choose_place, name),
                checked=name == self.state.into,
            )
            for at, name in enumerate(names)
        ]
        MenuSheet(items, anchor=self.into).open()

    def _choose_key(self) -> None:
        columns = self.columns.sheet.columns if self.columns.sheet is not None else ()
        items = [
            MenuItem(
                WHOLE_ROW, "table-row", partial(self.vm.choose_key, ""), checked=not self.state.key
            )
        ]
        items += [
            MenuItem(
                column.name,
                ICON.get(column.kind, ""),
                partial(self.vm.choose_key, column.name),
                checked=column.name == self.state.key,
            )
            for column in columns[:200]
        ]
        MenuSheet(items, anchor=self.key).open()


def spoken_counts(result: CollectionResult) -> str:
    """What became of a list's rows, leaving out what did not happen."""
    parts = [
        f"{count:,} {word}"
        for count, word in (
            (result.created, "new"),
            (result.updated, "changed"),
            (result.unchanged, "here already"),
            (result.skipped, "left out"),
        )
        if count
    ]
    return f"{', '.join(parts) or 'Nothing'} in {result.name}"


KIND_WORDS = {
    "longtext": "long text", "datetime": "date and time", "checkbox": "tick box", "choice": "one choice",
    "choices": "several choices", "email": "e-mail", "url": "web address", "barcode": "barcode", "currency": "money",
    "checklist": "checklist",
}  # fmt: skip


def spoken_kind(kind: str) -> str:
    """A kind of field as people call it."""
    return KIND_WORDS.get(kind, kind if kind in KINDS else "text")
