"""The first run's screen: a card with the step's words and questions."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.widget import Widget

from app.viewmodels import first_run
from app.viewmodels.flow import FlowState, Question, Walker
from app.views.house import looks
from app.views.house.controls import NavRow
from app.views.house.fields import TextField
from app.views.screen import ScreenView

looks.load("first_run.kv")

LOCKS = (
    (first_run.WITH_PASSPHRASE, "With a passphrase"),
    (first_run.UNPROTECTED, "Not at all: whoever can read the disk can read it"),
)


class FirstRunView(ScreenView):
    """One step at a time; Enter goes on."""

    title = StringProperty()
    words = StringProperty()
    forward = StringProperty()
    steps = StringProperty()
    first = BooleanProperty(True)

    def __init__(self, walker: Walker, **kwargs: Any) -> None:
        self._at = -1
        self._asked: tuple[str, ...] = ()
        self.fields: dict[str, TextField] = {}
        self.locks: dict[str, NavRow] = {}
        super().__init__(walker, **kwargs)
        self.shown(self.state)

    def shown(self, state: FlowState) -> None:
        """The step's words, and its questions when they are others."""
        if "questions" not in self.ids:
            return  # the rule is not applied yet
        step, questions = self.vm.step, self.vm.questions()
        self.title, self.words, self.forward = step.title, step.words, step.forward
        self.first = state.at == 0
        self.steps = "" if self.first else f"Step {state.at} of {len(self.vm.steps) - 1}"
        names = tuple(question.name for question in questions)
        if (state.at, names) != (self._at, self._asked):
            moved = state.at != self._at
            self._at, self._asked = state.at, names
            self._ask(questions, focus=moved)
        for name, field in self.fields.items():
            field.error = state.wrong.get(name, "")
            field.disabled = state.running
        for lock, row in self.locks.items():
            chosen = state.answers.get(first_run.LOCK, first_run.WITH_PASSPHRASE) == lock
            row.selected = chosen
            row.icon = "radiobox-marked" if chosen else "radiobox-blank"
            row.disabled = state.running

    def _ask(self, questions: tuple[Question, ...], *, focus: bool) -> None:
        home = self.ids.questions
        home.clear_widgets()
        self.fields, self.locks = {}, {}
        for question in questions:
            if question.name == first_run.LOCK:
                for lock, title in LOCKS:
                    home.add_widget(self._lock(lock, title))
            else:
                home.add_widget(self._field(question))
        if focus:
            Clock.schedule_once(lambda _: self._focus_first(), 0)

    def _field(self, question: Question) -> Widget:
        field = TextField(
            label=question.title,
            password=question.secret,
            text=self.state.answers.get(question.name, ""),
        )
        field.bind(
            text=lambda _, text: self.vm.answer(question.name, text),
            on_enter=lambda *_: self._enter(question),
        )
        self.fields[question.name] = field
        return field

    def _lock(self, lock: str, title: str) -> Widget:
        row = NavRow(text=title)
        row.bind(on_release=lambda *_: partial(self.vm.answer, first_run.LOCK, lock)())
        self.locks[lock] = row
        return row

    def _enter(self, question: Question) -> None:
        """Enter goes to the next question, and after the last one to the next step."""
        names = list(self.fields)
        following = names[names.index(question.name) + 1 :]
        if following:
            self.fields[following[0]].input.focus = True
        else:
            self.go_on()

    def go_on(self) -> None:
        """The next step; what is wrong takes the focus."""
        self.vm.forward()
        wrong = next((name for name in self.fields if name in self.vm.state.wrong), None)
        if wrong is not None:
            self.fields[wrong].input.focus = True

    def _focus_first(self) -> None:
        if self.get_root_window() is None:
            return
        first = next(iter(self.fields.values()), None)
        target = self.ids.forward if first is None else first.input
        target.focus = True
