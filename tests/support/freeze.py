"""Freezes the present format: `python -m tests.support.freeze` makes a home anew in `tests/fixtures/format-N`.

Only while a format was never released: afterwards its fixture stays as it is for good.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from app.exchange.export import export
from app.home import Home
from storage import decode_id, encode_id, schema
from sync.vault import LEAST_COST
from tests.support.lived import live_in
from tests.support.project import ROOT

PASSPHRASE: Final = "the first of many"
FIXTURES: Final = ROOT / "tests" / "fixtures"
MOST_BYTES: Final = 300_000
_README: Final = """# A home in format {format}

Made by `.venv/bin/python -m tests.support.freeze`; what was done in it stands in `tests/support/lived.py`. The
passphrase is `{passphrase}`. `known.json` is what the program of that time said of it.

`tests/unit/app/test_formats.py` opens a copy of it with the program of today. As long as no version with this format
was released, the same command makes it anew when the format changes; afterwards nothing here is changed any more.
"""


def known(home: Home) -> dict[str, Any]:
    """What the program says of a home's only workspace."""
    with home.workspace() as workspace, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.json"
        export(workspace, path)
        collections = json.loads(path.read_text("utf-8"))["collections"]
        records = [(each["name"], one["id"]) for each in collections for one in each["records"]]
        trash = workspace.store.table("Stock").trashed(limit=100)
        report = workspace.store.verify()
        return {
            "member": home.facts().member_name,
            "device": home.facts().device_name,
            "workspace": workspace.name,
            "id": workspace.id,
            "collections": collections,
            "trashed_collections": list(workspace.trashed_collections()),
            "trash": {encode_id(one.doc_id): dict(one) for one in trash},
            "versions": {
                record: [each.what for each in workspace.history(slug, decode_id(record))]
                for slug, record in records
            },
            "decisions": len(workspace.decisions()),
            "digest": report.digest,
            "problems": [str(each) for each in report.problems],
        }


def opened(place: Path) -> Home:
    """A home that was frozen, unlocked."""
    home = Home.open(place, clock=time.time)
    home.unlock(PASSPHRASE)
    return home


def freeze(folder: Path) -> None:
    """Make the fixture of the present format."""
    with tempfile.TemporaryDirectory() as made:
        place = Path(made) / "home"
        home = Home.create(
            place,
            member="Ann",
            device="Laptop",
            workspace="Club",
            clock=time.time,
            passphrase=PASSPHRASE,
            cost=LEAST_COST,
        )
        live_in(home, long_words=20)
        _shrink(home)
        told = known(home)
        shutil.rmtree(folder, ignore_errors=True)
        for source in sorted(place.rglob("*")):
            if source.is_file() and source.suffix in {".json", ".db"}:  # marks are of one machine
                target = folder / "home" / source.relative_to(place)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
    assert not told["problems"], told["problems"]
    text = json.dumps(told, indent=1, ensure_ascii=True, sort_keys=True)
    (folder / "known.json").write_text(text + "\n", encoding="utf-8")
    readme = _README.format(format=schema.FORMAT, passphrase=PASSPHRASE)
    (folder / "README.md").write_text(readme, encoding="utf-8")
    size = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
    assert size < MOST_BYTES, f"{size} bytes are too many for a fixture"
    sys.stdout.write(f"{folder.relative_to(ROOT)}: {size} bytes\n")


def _shrink(home: Home) -> None:
    """Leave no page unused."""
    with home.workspace() as workspace:
        while workspace.store.maintain():
            pass
        workspace.store._engine.db.writer.execute("VACUUM")


if __name__ == "__main__":
    freeze(FIXTURES / f"format-{schema.FORMAT}")
