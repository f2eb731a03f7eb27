"""To decide: a card for each field that was set apart, with its values, and for each record deleted while edited."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from typing import Any

from kivy.metrics import dp, sp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.stacklayout import StackLayout

from app.viewmodels.deciding import ChoiceLine, DecidingState, DecisionItem
from app.viewmodels.desk import Desk
from app.views.house import looks
from app.views.house.batch import Batch, wrap
from app.views.house.controls import PushButton
from app.views.house.dialogs import Answer, Dialog
from app.views.house.fields import TextField
from app.views.house.painted import Control, Painted
from app.views.house.panes import Caption, EmptyState
from app.views.house.scroll import HouseScroll
from app.views.house.skin import skin
from app.views.house.theme import Roles
from app.views.screen import RowStack, ScreenView
from app.views.undo import UndoButtons

looks.load("deciding.kv")

KEEP = "Keep this one"
LINES = 6  # of a value, at most
WIDEST = 720  # dp
APART = "It was set on several computers that did not know of each other. Which one is right?"
DELETED = "It was moved to the trash on one computer while somebody edited it on another, so it is still here."


class ChoiceRow(Control):
    """A value, who gave it and when; pressing it keeps this one."""

    choice: ChoiceLine = ObjectProperty()
    natural_height = NumericProperty(0)
    watch = (*Control.watch, "choice")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("choice", "width"):
            self.fbind(name, self._measure)
        skin.bind(text_scale=self._measure)
        self._measure()

    def _room(self, b: Batch) -> tuple[float, float]:
        """(pixels for the value, pixels for what a press does)."""
        act = b.width("strong", KEEP) + dp(8)
        return max(1.0, self.width - act - dp(44)), act

    def _lines(self, room: float) -> list[str]:
        found = wrap("body", self.choice.text, room)
        return [*found[: LINES - 1], " ".join(found[LINES - 1 :])] if len(found) > LINES else found

    def _measure(self, *_: Any) -> None:
        if self.choice is not None:
            room, _act = self._room(Batch())
            said = wrap("small", self._who(), room)
            self.natural_height = (
                dp(20) + sp(20) * len(self._lines(room)) + sp(16) * len(said) + dp(2)
            )

    def _who(self) -> str:
        line = self.choice
        shown = " · shown now" if line.n == 1 else ""
        return f"{line.who} · {line.when} ({line.exact}){shown}"

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A framed row."""
        fill = self.layer_of(self.under(r), r.text)
        b.framed(0, 2, w, h - 4, dp(12), r.hair(self.under(r)), fill)
        room, act = self._room(b)
        y = h - dp(10)
        for words in self._lines(room):
            y -= sp(20)
            b.write("body", words, dp(14), y, sp(20), r.text, room)
        y -= dp(2)
        for words in wrap("small", self._who(), room):
            y -= sp(16)
            b.write("small", words, dp(14), y, sp(16), r.muted, room)
        b.write("strong", KEEP, w - act - dp(16), 0, h, r.primary, act, "right")


class DecisionCard(Painted, BoxLayout):
    """One thing to decide."""

    def __init__(self, view: DecidingView, item: DecisionItem, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.item = item
        field, ground = item.field, {"ground": "sheet"}
        where = item.collection if field is None else f"{item.collection} · {field.title}"
        self.add_widget(Caption(text=item.title, style="strong", **ground))
        self.add_widget(Caption(text=where, style="small", role="muted", **ground))
        said = DELETED if field is None else APART
        self.add_widget(Caption(text=said, role="muted", lines=0, **ground))
        for choice in item.choices:
            row = ChoiceRow(choice=choice, label=KEEP, **ground)
            row.bind(on_release=partial(self._keep, view, choice))
            self.add_widget(row)
        self.buttons = StackLayout(
            size_hint_y=None, spacing=(dp(8), dp(8)), padding=(0, dp(8), 0, 0)
        )
        self.buttons.bind(minimum_height=self.buttons.setter("height"))
        self.add_widget(self.buttons)
        self._add_answers(view, item)

    def paint(self, b: Batch, w: int, h: int, r: Roles) -> None:
        """A framed card."""
        b.framed(0, 0, w, h, dp(16), r.hair(r.sheet), r.sheet)

    def _keep(self, view: DecidingView, choice: ChoiceLine, *_: Any) -> None:
        view.vm.keep(self.item, choice)

    def _add_answers(self, view: DecidingView, item: DecisionItem) -> None:
        if item.field is None:
            self._answer("Keep the record", "check", "tonal", partial(view.vm.keep_record, item))
            trash = partial(view.vm.trash_record, item)
            self._answer("Move to Trash", "trash-can-outline", "text", trash)
        else:
            if item.both is not None:
                self._answer("Keep both", "set-merge", "tonal", partial(view.vm.keep_both, item))
            self._answer("Type another", "pencil-outline", "text", partial(view.ask, item))
        if view.can_open(item):
            self._answer("Open the record", "open-in-app", "text", partial(view.open, item))

    def _answer(self, text: str, icon: str, kind: str, run: Any) -> None:
        button = PushButton(text=text, icon=icon, kind=kind, ground="sheet")
        button.bind(on_release=lambda *_: run())
        self.buttons.add_widget(button)


class DecidingView(ScreenView):
    """`narrow`: no pane of its own under it; `compact`: there is no rail."""

    desk = ObjectProperty()
    narrow = BooleanProperty(False)
    compact = BooleanProperty(False)
    under = StringProperty("pane")

    def __init__(self, desk: Desk, **kwargs: Any) -> None:
        self.cards = RowStack(
            spacing=dp(12), padding=(dp(12), dp(4), dp(12), dp(88)), size_hint_x=None
        )
        self.scroll = HouseScroll(size_hint=(None, None))
        self.scroll.add_widget(self.cards)
        self.empty = EmptyState(icon="check")
        self.back = UndoButtons(desk.undoing, spacing=dp(8), pos_hint={"center_y": 0.5})
        super().__init__(desk.deciding, desk=desk, **kwargs)
        self.ids.body.bind(pos=self._place, size=self._place)
        for name in ("narrow", "compact"):
            self.fbind(name, lambda *_: self.shown(self.state))
        self.shown(self.state)

    def close(self) -> None:
        """The view is going away."""
        self.back.close()
        super().close()

    @property
    def stop(self) -> Any:
        """Where F6 leads: the first value."""
        rows = [
            w for card in self.cards.rows.values() for w in card.walk() if isinstance(w, Control)
        ]
        return rows[0] if rows else None

    def shown(self, state: DecidingState) -> None:
        """The cards, or what stands in their place."""
        if "body" not in self.ids:
            return  # the rule is not applied yet
        self.under = self.empty.ground = "page" if self.narrow else "pane"
        self.back.ground = self.under
        if self.compact and self.back.parent is None:
            self.ids.head.add_widget(self.back)
        elif not self.compact and self.back.parent is not None:
            self.ids.head.remove_widget(self.back)
        body: Any = self.scroll
        if state.error:
            body = self._say("What is to be decided cannot be read", state.error)
        elif state.empty:
            body = self._say(
                "Nothing to decide",
                "When two computers set one field apart from each other, both values wait here.",
            )
        self.cards.show(state.items, _shows, self._card, lambda _card, _item: None)
        for card in self.cards.rows.values():
            card.ground = self.under
        if self.ids.body.children != [body]:
            self.ids.body.clear_widgets()
            self.ids.body.add_widget(body)
        self._place()

    def _say(self, title: str, text: str) -> EmptyState:
        self.empty.title, self.empty.text = title, text
        return self.empty

    def _card(self, item: DecisionItem) -> DecisionCard:
        return DecisionCard(self, item)

    def can_open(self, item: DecisionItem) -> bool:
        """Whether there is a page for it; a list's own name has none."""
        return self.desk.collections.find(item.slug) is not None

    def open(self, item: DecisionItem) -> None:
        """To the record."""
        self.desk.open_record(item.slug, item.doc_id)

    def ask(self, item: DecisionItem) -> None:
        """Ask for another value."""
        AnotherValue(self.vm, item).open()

    def _place(self, *_: Any) -> None:
        body = self.ids.body
        self.empty.pos, self.empty.size = body.pos, body.size
        self.scroll.pos, self.scroll.size = body.pos, body.size
        self.cards.width = min(body.width, dp(WIDEST) * max(1, skin.text_scale))


class AnotherValue(Dialog):
    """A value that nobody gave yet, typed."""

    def __init__(self, vm: Any, item: DecisionItem) -> None:
        self._vm, self._item = vm, item
        name = item.field.title if item.field is not None else ""
        self.field = TextField(label=name, ground="sheet")
        super().__init__(
            f"{name} of “{item.title}”",
            "",
            [Answer("Cancel"), Answer("Decide", self._decide, kind="filled")],
            content=self.field,
        )
        self.field.text = "" if item.field is None else _first(item)
        self.field.bind(on_enter=lambda *_: self._enter())

    def _decide(self) -> bool:
        return bool(self._vm.type(self._item, self.field.text, self._refused))

    def _enter(self) -> None:
        if self._decide():
            self.dismiss()

    def _refused(self, sentence: str) -> None:
        self.field.error = sentence


def _shows(item: DecisionItem) -> Hashable:
    """What a card shows; another one is made when that differs."""
    return item.key, item.title, item.collection, repr(item.choices)


def _first(item: DecisionItem) -> str:
    return item.choices[0].text if item.choices and item.choices[0].value is not None else ""
