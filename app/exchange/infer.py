"""What a column of texts is: a kind only where every value says so, else text, untouched.

1. The whole column is looked at, batch by batch; a verdict is never taken back by a later row.
2. A value is turned into a number, a day, a time or yes/no only if it can be shown again as it stood
   (days: if no other reading is possible). One value that does not fit makes the column text.
3. Codes stay text: leading zeros, a plus, an exponent, more than 15 digits, or a column whose name says
   phone, postcode, account and the like.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from app.errors import quoted
from app.exchange.cells import decimal_text, is_guarded, unguard
from app.exchange.dates import DateColumn, DateForm, moment

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.([0-9]+))?")
_COMMA_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:,([0-9]+))?")
_DIGITS: Final = re.compile(r"[0-9]{16,}")
_YES_NO: Final = tuple(
    frozenset(change(word) for word in pair)
    for pair in (("true", "false"), ("yes", "no"))
    for change in (str.lower, str.title, str.upper)
)
_TRUE: Final = frozenset({"true", "yes"})
_CODES: Final = frozenset({
    "phone", "tel", "telephone", "telefon", "mobile", "mobil", "cell", "fax",
    "zip", "zipcode", "postcode", "postal", "plz", "postleitzahl",
    "code", "barcode", "ean", "upc", "gtin", "isbn", "issn", "sku", "serial",
    "iban", "bic", "ssn", "vat", "account", "konto",
})  # fmt: skip
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LONG_CHARS: Final = 250


@dataclass(frozen=True)
class Verdict:
    """The kind of a column and why.

    `form` is how its days are written, `comma` that its decimals have one; `whole` says that its values are
    not made texts, though it is a column of text.
    """

    kind: str
    reason: str
    options: Mapping[str, Any] = field(default_factory=dict)
    form: DateForm | None = None
    comma: bool = False
    whole: bool = False
    warning: tuple[str, int] | None = (
        None  # a value that is no day though it looks like one, its line
    )


class _Probe(Protocol):
    def feed(self, values: Iterable[str]) -> str | None:
        """The first value that ends the guess, or None."""

    def verdict(self) -> Verdict | None:
        """What the column is, if the guess held."""


class _Numbers:
    """Whole numbers and decimals that show again as they stood, or all with equally many places."""

    def __init__(self, pattern: re.Pattern[str] = _NUMBER, *, comma: bool = False) -> None:
        self._fullmatch = pattern.fullmatch
        self._comma = comma
        self._proved = not comma  # that a comma is the decimal one, and not one of thousands
        self._exact = True
        self._places: int | None = None
        self._even = True

    def feed(self, values: Iterable[str]) -> str | None:
        for value in values:
            found = self._fullmatch(value)
            if found is None or value in {"-0", "-0,0"}:
                return value
            places = found[1]
            count = len(places) if places else 0
            if places:
                text = value.replace(",", ".") if self._comma else value
                if self._exact and decimal_text(float(text)) != text:
                    self._exact = False
                if not self._exact and f"{float(text):.{count}f}" != text:
                    return value
                self._proved = self._proved or count != _THOUSAND or value.lstrip("-")[0] == "0"
            if count != self._places:
                self._even = self._even and self._places is None
                self._places = count
            if not self._exact and not self._even:
                return value
        return None

    def verdict(self) -> Verdict | None:
        if not self._proved:
            return None
        reason = "every value is a number" + (" with a decimal comma" if self._comma else "")
        options = {"decimals": self._places} if self._even and self._places else {}
        return Verdict("number", reason, options, comma=self._comma)


_THOUSAND: Final = 3


class _YesNo:
    """One pair of words, written one way."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def feed(self, values: Iterable[str]) -> str | None:
        for value in values:
            if not any(self._seen | {value} <= pair for pair in _YES_NO):
                return value
            self._seen.add(value)
        return None

    def verdict(self) -> Verdict | None:
        if len(self._seen) == 1 and not self._seen & {"true", "false"}:
            return None  # "No" in every row may be a code for a country
        return Verdict("checkbox", f"only {' and '.join(sorted(self._seen, reverse=True))}")


class _Days:
    """Days, all written one way."""

    def __init__(self) -> None:
        self.days = DateColumn()

    def feed(self, values: Iterable[str]) -> str | None:
        return self.days.feed(values)

    def verdict(self) -> Verdict | None:
        form = self.days.verdict()
        return Verdict("date", f"every value is a date ({form.shown})", form=form) if form else None


class _Moments:
    """Days with a time, ISO 8601, all with the same parts."""

    def __init__(self) -> None:
        self._shape = ""

    def feed(self, values: Iterable[str]) -> str | None:
        for value in values:
            shape = _DIGIT.sub("0", value)
            if not moment(value) or shape != (self._shape or shape):
                return value
            self._shape = shape
        return None

    def verdict(self) -> Verdict | None:
        return Verdict("datetime", "every value is a date and time")


_DIGIT: Final = re.compile("[1-9]")


class TextColumn:
    """All values of one column, seen batch by batch; `texts_only` for a source that has numbers itself."""

    def __init__(
        self, name: str, *, texts_only: bool = False, comma_decimals: bool = False
    ) -> None:
        self._probes: dict[str, _Probe] = {"date": _Days(), "datetime": _Moments()}
        self._is_code = bool(_CODES.intersection(word.lower() for word in _WORD.findall(name)))
        if not texts_only:
            self._probes["checkbox"] = _YesNo()
            if not self._is_code:
                self._probes["number"] = _Numbers()
                if comma_decimals:
                    self._probes["comma"] = _Numbers(_COMMA_NUMBER, comma=True)
        self._ended: dict[str, tuple[str, int]] = {}
        self._no_such_day: dict[str, int] = {}
        self._long = False
        self.values = 0
        self.guarded = 0

    def feed(self, values: list[str], lines: list[int]) -> None:
        """Look at more values, each with the line it stands on; "" is none."""
        distinct = dict.fromkeys(values)
        distinct.pop("", None)
        if not distinct:
            return
        self.values += len(values) - values.count("")
        if any(value[0] == "'" for value in distinct):
            self._unguard(values, lines)
        for name, probe in list(self._probes.items()):
            bad = probe.feed(distinct)
            if bad is not None:
                self._ended[name] = (bad, lines[values.index(bad)])
                del self._probes[name]
            elif isinstance(probe, _Days):
                for wrong, _ in probe.days.impossible.values():
                    if wrong not in self._no_such_day:
                        self._no_such_day[wrong] = lines[values.index(wrong)]
        self._long = self._long or any("\n" in one or len(one) > _LONG_CHARS for one in distinct)

    def _unguard(self, values: list[str], lines: list[int]) -> None:
        """A guarded cell was a text where it came from: the column is text."""
        for value, line in zip(values, lines, strict=True):
            if is_guarded(value):
                if not self.guarded:
                    self._ended = dict.fromkeys(self._probes, (unguard(value), line))
                    self._probes.clear()
                self.guarded += 1

    def verdict(self) -> Verdict:
        """What the column is, by all that was seen."""
        if not self.values:
            return Verdict("text", "no value")
        for name in ("number", "comma", "date", "datetime", "checkbox"):
            probe = self._probes.get(name)
            if probe is not None and (found := probe.verdict()) is not None:
                return found
        days = self._probes.get("date")
        if isinstance(days, _Days):
            return self._unclear_days(days.days)
        wrong, line = self._ended.get("datetime", ("", 0))
        warning = (wrong, line) if moment(wrong) == "" else None
        if self._long:
            return Verdict("longtext", "long texts, or several lines in one", warning=warning)
        return Verdict("text", self._reason(), warning=warning)

    def _unclear_days(self, days: DateColumn) -> Verdict:
        if wrong := days.no_such_day():
            line = self._no_such_day[wrong]
            return Verdict("text", f"there is no day {quoted(wrong)}", warning=(wrong, line))
        orders = " or ".join(form.shown for form in days.forms)
        return Verdict("text", f"dates that can be read in more than one way: {orders}")

    def _reason(self) -> str:
        """Why the column is text: the value that ended the likeliest guess."""
        if self.guarded:
            return "marked as text where it comes from"
        if self._is_code:
            return "by its name, a number in it is a code"
        bad, line = self._ended.get("number", ("", 0))
        if re.fullmatch(r"-?0[0-9]+", bad):
            return f"a leading zero ({quoted(bad)}, line {line})"
        if _DIGITS.fullmatch(bad):
            return f"more digits than a number keeps ({quoted(bad)}, line {line})"
        return f"for example {quoted(bad)} (line {line})" if bad else "texts"
