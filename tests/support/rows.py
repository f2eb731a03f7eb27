"""Rows for grids without a store: made from their number, kept nowhere; pages come when the test lets them."""

from __future__ import annotations

from app.views.house.column import Column

NAMES = (
    "Bearing 6204-2RS", "Nitrile gloves M", "Hex bolt M8×40", "Filter cartridge", "Sample tube 15 ml",
    "検査キット 標準", "مضخة مياه صغيرة", "Drill bit 6.5 mm", "Label roll 62 mm 🏷", "Схема замены 4B",
)  # fmt: skip
STATES = ("In stock", "Ordered", "Low", "Out")
TAGS = ("fragile", "cold chain", "tools", "lab", "urgent")
PEOPLE = ("Ann Berger", "Bilal Khan", "Chloé Martin", "Emi Tanaka")


def whole(text):
    """A whole number, or the sentence that says what is wanted."""
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"“{text}” is not a number. Type digits, as 12 or 1200.") from None


def thousands(value):
    return f"{value:,}" if isinstance(value, int) else str(value)


def columns(count=20):
    """The first columns of twenty of all kinds."""
    made = [
        Column("Name", "text", width=200),
        Column("State", "choice", options=STATES),
        Column("Quantity", "number", parse=whole, show=thousands),
        Column("Price", "currency"),
        Column("Checked", "checkbox"),
        Column("Owner", "member"),
        Column("Due", "date"),
        Column(
            "Tags", "tags", parse=lambda text: [t.strip() for t in text.split(",") if t.strip()]
        ),
        Column("Stars", "rating"),
        Column("Site", "url"),
    ]
    more = [
        Column(f"{c.name} {n}", c.kind, options=c.options, show=c.show, parse=c.parse)
        for n in (2,)
        for c in made
    ]
    return [*made, *more][:count]


def values(index):
    """The twenty cells of a row."""
    ten = (
        f"{NAMES[index * 7 % len(NAMES)]} · {index % 977}",
        STATES[index % len(STATES)],
        (index * 7919) % 12000 - 20,
        f"{(index * 31 % 90000) / 100:.2f}",
        index % 3 == 0,
        PEOPLE[index % len(PEOPLE)],
        f"2026-{index % 12 + 1:02d}-{index % 28 + 1:02d}",
        [TAGS[(index + k) % len(TAGS)] for k in range(index % 4 + 1)],
        index % 6,
        f"example.org/{index}",
    )
    return ten + ten


class MadeUpRows:
    """A RowSource over made-up rows. With `slow`, pages of 128 come only when `arrive()` is called."""

    def __init__(self, count, *, slow=False, ready=True):
        self.count, self.ready, self.slow = count, ready, slow
        self.on_rows = lambda first, last: None
        self.on_reset = lambda: None
        self.typed, self.pages, self.wanted, self.held = {}, set(), [], []
        self.collected = 0

    def row(self, index):
        if not 0 <= index < self.count:
            return None
        page = index // 128
        if self.slow and page not in self.pages:
            if page not in self.wanted:
                self.wanted = [*self.wanted, page][-4:]
            return None
        got = self.typed.get(index)
        return tuple(got) if got else values(index)

    def arrive(self):
        for page in self.wanted:
            self.pages.add(page)
            self.on_rows(page * 128, min(self.count, page * 128 + 128))
        self.wanted = []

    def id_at(self, index):
        return index + 1000 if 0 <= index < self.count else None

    def index_of(self, doc_id):
        return doc_id - 1000 if 0 <= doc_id - 1000 < self.count else None

    def locate(self, doc_id, found):
        found(self.index_of(doc_id))

    def loaded(self, first, last):
        return not self.slow or all(n in self.pages for n in range(first // 128, last // 128 + 1))

    def put(self, doc_id, changed):
        names = [column.name for column in columns()]
        row = list(self.row(doc_id - 1000))
        for name, value in changed.items():
            row[names.index(name)] = value
        self.typed[doc_id - 1000] = row

    def hold(self, on):
        self.held.append(on)

    def collect(self, first, count, done):
        self.collected += 1
        done([values(index) for index in range(first, min(self.count, first + count))])
