"""A flow is data: its steps in order, what each asks, and what must hold before the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.viewmodels.observed import Observed

Answers = Mapping[str, str]
Check = Callable[[Answers], str]


def nothing_wrong(_answers: Answers) -> str:
    """A check that everything passes."""
    return ""


def always(_answers: Answers) -> bool:
    """A question that is asked whatever was answered."""
    return True


@dataclass(frozen=True)
class Question:
    """One thing asked; `check` returns the sentence of what is wrong, or nothing. `secret` is not shown."""

    name: str
    title: str
    check: Check = nothing_wrong
    asked: Callable[[Answers], bool] = always
    secret: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Step:
    """One page of a flow."""

    name: str
    title: str
    words: str = ""
    questions: tuple[Question, ...] = ()
    forward: str = "Next"


@dataclass(frozen=True)
class FlowState:
    """Where the walker stands; `running` while the work after the last step is done."""

    at: int = 0
    answers: Answers = field(default_factory=lambda: MappingProxyType({}))
    wrong: Answers = field(default_factory=lambda: MappingProxyType({}))
    running: bool = False
    failed: str = ""


class Walker(Observed[FlowState]):
    """Walks the steps of a flow; after the last one calls `finish` with the answers."""

    def __init__(
        self, steps: tuple[Step, ...], answers: Answers, finish: Callable[[Answers], None]
    ) -> None:
        super().__init__(FlowState(answers=MappingProxyType(dict(answers))))
        self.steps = steps
        self._finish = finish

    @property
    def step(self) -> Step:
        """The page that is shown."""
        return self.steps[self.state.at]

    def questions(self) -> tuple[Question, ...]:
        """What this step asks, given what is answered already."""
        return tuple(q for q in self.step.questions if q.asked(self.state.answers))

    def answer(self, name: str, text: str) -> None:
        """Take an answer; what was wrong with the old one is forgotten."""
        wrong = {key: value for key, value in self.state.wrong.items() if key != name}
        self._show(
            answers=MappingProxyType({**self.state.answers, name: text}),
            wrong=MappingProxyType(wrong),
            failed="",
        )

    def forward(self) -> None:
        """Go on when nothing is wrong; else say what is, under each question."""
        if self.state.running:
            return
        wrong = {q.name: q.check(self.state.answers) for q in self.questions()}
        wrong = {name: sentence for name, sentence in wrong.items() if sentence}
        if wrong:
            self._show(wrong=MappingProxyType(wrong))
        elif self.state.at + 1 < len(self.steps):
            self._show(at=self.state.at + 1, wrong=MappingProxyType({}), failed="")
        else:
            self._show(running=True, wrong=MappingProxyType({}), failed="")
            self._finish(self.state.answers)

    def back(self) -> None:
        """One step back; what was answered stays."""
        if self.state.at and not self.state.running:
            self._show(at=self.state.at - 1, wrong=MappingProxyType({}), failed="")

    def fail(self, sentence: str) -> None:
        """The work after the last step did not come through; the answers stay."""
        self._show(running=False, failed=sentence)
