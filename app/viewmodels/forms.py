"""Small forms over the window: a new collection, another title, a new field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from app.model.fields import KINDS
from app.viewmodels.observed import Observed

PLAIN_KINDS = (
    "text", "longtext", "number", "currency", "percent", "date", "datetime", "duration", "checkbox",
    "choice", "choices", "tags", "email", "phone", "url", "barcode", "rating", "quantity",
)  # fmt: skip
WITH_CHOICES = ("choice", "choices")
OFFERED = tuple(kind for kind in PLAIN_KINDS if kind in KINDS)


class Ask(Enum):
    """What a form is for."""

    NEW_COLLECTION = "New list"
    RENAME = "Rename the list"
    NEW_FIELD = "New field"


@dataclass(frozen=True)
class FormState:
    """`kind` and `choices` matter for a new field alone; `wrong` is the sentence of what was refused."""

    ask: Ask | None = None
    name: str = ""
    kind: str = "text"
    choices: str = ""
    busy: bool = False
    wrong: str = ""

    @property
    def takes_choices(self) -> bool:
        """Whether the new field has a list of choices."""
        return self.ask is Ask.NEW_FIELD and self.kind in WITH_CHOICES

    @property
    def options(self) -> dict[str, list[str]]:
        """The options of the new field."""
        named = [part.strip() for part in self.choices.split(",") if part.strip()]
        return {"choices": list(dict.fromkeys(named))} if self.takes_choices and named else {}


Submit = Callable[[FormState, Callable[[], None], Callable[[str], None]], None]


class Form(Observed[FormState]):
    """One form at a time; `submit` does the work and calls back when it is done, or refused with a sentence."""

    def __init__(self, submit: Submit) -> None:
        super().__init__(FormState())
        self._submit = submit

    def open(self, ask: Ask, name: str = "") -> None:
        """Ask, with a name filled in."""
        self._show(ask=ask, name=name, kind="text", choices="", busy=False, wrong="")

    def close(self) -> None:
        """Drop what was typed."""
        self._show(ask=None, wrong="", busy=False)

    def type(self, name: str) -> None:
        """Take the name as typed."""
        self._show(name=name, wrong="")

    def type_choices(self, choices: str) -> None:
        """Take the options of a choice field, one or more, separated by commas."""
        self._show(choices=choices, wrong="")

    def choose_kind(self, kind: str) -> None:
        """Take the kind of a new field."""
        self._show(kind=kind, wrong="")

    def send(self) -> None:
        """Do it, unless the name is missing."""
        if self.state.busy or self.state.ask is None:
            return
        if not self.state.name.strip():
            self._show(wrong="Type a name first.")
            return
        self._show(busy=True, wrong="")
        self._submit(
            self.state, self.close, lambda sentence: self._show(busy=False, wrong=sentence)
        )
