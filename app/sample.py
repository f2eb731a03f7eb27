"""A made-up workspace to look at: a small clinic's stock, contacts, visits, tasks and notes.

The same every time: no clock and no chance goes into it, so that pictures of it can be compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from app.workspace import Workspace

NAME = "Northside Clinic"
FIRST_DAY = date(2026, 3, 2)

T = TypeVar("T")

THINGS = (
    "Drill bit 6.5 mm", "Drive belt SPZ 987", "Bearing 6204-2RS", "مضخة مياه صغيرة", "検査キット 標準",
    "Cable H07RN-F", "Battery pack 18 V", "Sample tube 15 ml", "Схема замены 4В", "Hex bolt M8×40",
    "Nitrile gloves M", "Infusion set", "Filter cartridge", "Καθετήρας 14 Fr", "Wound dressing 10×10",
    "Pulse oximeter 🫀", "Vaccine carrier ❄", "Tongue depressor", "血圧計 上腕式", "Défibrillateur DAE",
    "Examination lamp", "Skalpell Nr. 11", "حقيبة إسعاف", "Blood lancet 28 G", "Autoclave tape",
)  # fmt: skip
STATES = ("In stock", "Low", "Ordered", "Reserved", "Returned")
TAGS = ("fragile", "cold chain", "lab", "tools", "returns", "urgent")
SITES = ("Clinic", "Workshop", "Van 2", "Cold room", "North store")
PEOPLE = (
    "Ann Berger", "Chloé Martin", "Femi Ade", "Emi Tanaka", "Dmitri Orlov", "Greta Holm", "Bilal Khan",
    "José Álvarez", "Ngọc Trần", "Zoë Müller", "Łukasz Nowak", "Σοφία Παππά",
)  # fmt: skip
ROLES = ("Supplier", "Patient", "Doctor", "Nurse", "Courier", "Laboratory")
PLACES = ("Hamburg", "Lyon", "大阪", "Kraków", "القاهرة", "Lagos", "São Paulo", "Tromsø")
VISITS = ("Check-up", "Vaccination", "Blood sample", "Follow-up", "First visit", "Home visit")
TASKS = (
    "Call the lab about batch 17", "Review contract draft", "Calibrate scale B", "検査キットを数える",
    "Replace drive belt, press 2", "مراجعة المخزون", "Return pump to supplier", "Print labels for shelf 4",
    "Order infusion sets", "Write up Tuesday's visit", "Check the cold room log ❄", "Send recall letters",
)  # fmt: skip
NOTES = (
    (
        "Opening the clinic",
        "Lights, alarm, then the cold room log. The spare key hangs behind the second door.",
    ),
    ("Delivery days", "Tuesday and Friday before ten. The driver rings twice. Frozen goods first."),
    ("在庫の数え方", "毎月最終金曜日に数えます。箱ではなく個数を書いてください。"),
    (
        "When the autoclave stops",
        "Note the code, switch off at the wall, wait five minutes. Code E4 is the door seal.",
    ),
    ("ملاحظات التسليم", "يوم الأحد في الصباح الباكر، الباب الخلفي."),
    (
        "Words for the phone",
        "Say the name of the clinic, then your own. Ask for the date of birth last.",
    ),
)
REMARKS = (
    "Two boxes arrived damp; the supplier takes them back. Keep the rest above 12 °C until counted.",
    "Counted twice, agrees with the delivery note.",
    "The last lot was paler than the one before. Ask before ordering again.",
)

FIELDS: dict[str, tuple[str, tuple[tuple[Any, ...], ...]]] = {
    "Stock": (
        "package-variant-closed",
        (
            ("Name", "text"),
            ("State", "choice", {"choices": list(STATES)}),
            ("Quantity", "number"),
            ("Price", "currency"),
            ("Checked", "checkbox"),
            ("Due", "date"),
            ("Tags", "tags"),
            ("Site", "choice", {"choices": list(SITES)}),
            ("Note", "longtext"),
        ),
    ),
    "Contacts": (
        "card-account-details-outline",
        (
            ("Name", "text"),
            ("Role", "choice", {"choices": list(ROLES)}),
            ("Place", "text"),
            ("E-mail", "email"),
            ("Phone", "phone"),
            ("Since", "date"),
        ),
    ),
    "Visits": (
        "map-marker-outline",
        (
            ("Visit", "text"),
            ("When", "datetime"),
            ("Person", "text"),
            ("Place", "text"),
            ("Done", "checkbox"),
            ("Note", "longtext"),
        ),
    ),
    "Tasks": (
        "checkbox-marked-circle-outline",
        (
            ("Task", "text"),
            ("State", "choice", {"choices": ["To do", "Doing", "Waiting", "Done"]}),
            ("Due", "date"),
            ("Person", "text"),
            ("Tags", "tags"),
        ),
    ),
    "Notes": ("text-box-outline", (("Title", "text"), ("Text", "longtext"), ("Tags", "tags"))),
}


def fill(workspace: Workspace) -> None:
    """Make the five collections and their few hundred records."""
    for title, (icon, fields) in FIELDS.items():
        workspace.create_collection(title, fields=fields, icon=icon)
    for title, records in (
        ("Stock", _stock(204)),
        ("Contacts", _contacts(96)),
        ("Visits", _visits(120)),
        ("Tasks", _tasks(48)),
        ("Notes", _notes()),
    ):
        workspace.add(title, list(records))


def _stock(count: int) -> Iterator[dict[str, Any]]:
    for i in range(count):
        lot = f", lot {100 + i}" if i >= len(THINGS) else ""
        yield {
            "Name": _of(THINGS, i, 1, spread=True) + lot,
            "State": _of(STATES, i, 3),
            "Quantity": (i * 7919 + 930) % 12_000,
            "Price": f"{(i * 104_729 + 7735) % 90_000 / 100:.2f}",
            "Checked": i % 3 != 1,
            "Due": (FIRST_DAY + timedelta(days=(i * 37) % 300)).isoformat(),
            "Tags": sorted({_of(TAGS, i, 5), _of(TAGS, i, 11), _of(TAGS, i // 2, 17)}),
            "Site": _of(SITES, i, 13),
            "Note": _of(REMARKS, i, 7) if i % 4 == 0 else None,
        }


def _contacts(count: int) -> Iterator[dict[str, Any]]:
    for i in range(count):
        given, family = _of(PEOPLE, i, 1).split(" ")[0], _of(PEOPLE, i, 5).split(" ")[-1]
        yield {
            "Name": f"{given} {family}",
            "Role": _of(ROLES, i, 3),
            "Place": _of(PLACES, i, 5),
            "E-mail": f"person{i + 1}@example.org",
            "Phone": f"+49 40 {(i * 7919) % 900_000 + 100_000}",
            "Since": (FIRST_DAY - timedelta(days=(i * 53) % 2_000)).isoformat(),
        }


def _visits(count: int) -> Iterator[dict[str, Any]]:
    start = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 8)  # noqa: DTZ001 -- a wall clock's time
    for i in range(count):
        yield {
            "Visit": _of(VISITS, i, 1),
            "When": (start + timedelta(days=i // 6, minutes=45 * (i % 6))).isoformat(
                timespec="minutes"
            ),
            "Person": _of(PEOPLE, i, 5),
            "Place": _of(PLACES, i, 3),
            "Done": i < count // 2,
            "Note": _of(REMARKS, i, 2) if i % 5 == 0 else None,
        }


def _tasks(count: int) -> Iterator[dict[str, Any]]:
    for i in range(count):
        yield {
            "Task": _of(TASKS, i, 1, spread=True),
            "State": _of(("To do", "Doing", "Waiting", "Done"), i, 3),
            "Due": (FIRST_DAY + timedelta(days=(i * 11) % 60)).isoformat(),
            "Person": _of(PEOPLE, i, 7),
            "Tags": [_of(TAGS, i, 5)],
        }


def _notes() -> Iterator[dict[str, Any]]:
    for i, (title, text) in enumerate(NOTES):
        yield {"Title": title, "Text": text, "Tags": [_of(TAGS, i, 2)]}


def _of(options: Sequence[T], i: int, salt: int, *, spread: bool = False) -> T:
    """One of the options, scattered but always the same; `spread` takes them in turn."""
    if spread:
        return options[i % len(options)]
    mixed = (i * 2_654_435_761 + salt * 40_503) & 0xFFFFFFFF  # Knuth's multiplicative hash
    return options[(mixed ^ mixed >> 15) % len(options)]
