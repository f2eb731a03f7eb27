"""Where the frozen program starts: the command line, or with ``--self-test`` a look at its own parts.

The self-test is what an update runs before it lets a new version in: it opens an encrypted store, merges two texts,
asks for the transport's encryption, draws one frame, and prints one JSON object that says so. It touches nothing of
the person's: its store is in a temporary folder.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

FRAMES = 12  # KivyMD builds what a widget holds a few frames after the widget
COLOURS = 8  # a button with a word on it has at least as many: its letters' edges are blended


def check_store(folder: Path) -> str:
    """Write a record under a key, find it again after closing, and see that the file is not in clear."""
    import storage

    path, key, words = folder / "self-test.db", bytes(range(32)), "hex bolt"
    with storage.Store(path, key=key) as store:
        number = store.table("stock").insert({"name": words})
    with storage.Store(path, key=key) as store:
        found = store.table("stock").get(doc_id=number)
    if found != {"name": words} or words.encode() in path.read_bytes():
        msg = "the encrypted store did not give back what was written"
        raise RuntimeError(msg)
    import sqlcipher3.dbapi2

    connection = sqlcipher3.dbapi2.connect(":memory:")
    (version,) = connection.execute("PRAGMA cipher_version").fetchone()
    connection.close()
    return str(version)


def check_merge() -> str:
    """Let two texts that did not know of each other become one."""
    import loro

    one, other = loro.LoroDoc(), loro.LoroDoc()
    one.get_text("note").insert(0, "call ")
    other.get_text("note").insert(0, "the lab")
    one.import_(other.export(loro.ExportMode.Snapshot()))
    other.import_(one.export(loro.ExportMode.Snapshot()))
    merged = one.get_text("note").to_string()
    if merged != other.get_text("note").to_string() or len(merged) != len("call the lab"):
        msg = f"two merged texts differ: {merged!r}"
        raise RuntimeError(msg)
    return "merged"


def check_transport() -> str:
    """Ask ZeroMQ for a pair of CURVE keys, which it has only with libsodium inside."""
    import zmq

    public, secret = zmq.curve_keypair()
    if public == secret:
        msg = "the transport made no keys"
        raise RuntimeError(msg)
    return zmq.zmq_version()


def check_window() -> str:
    """Draw a few frames of a window with a button, and see that something other than one colour came out."""
    for name, value in {
        "KIVY_NO_ARGS": "1",
        "KIVY_NO_FILELOG": "1",
        "KIVY_LOG_MODE": "PYTHON",
    }.items():
        os.environ.setdefault(name, value)
    if sys.platform == "linux" and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    logging.disable()  # Kivy is loud about drivers that most machines lack; what fails is raised
    from kivy.base import EventLoop
    from kivymd.app import MDApp
    from kivymd.uix.button import MDButton, MDButtonText

    app = MDApp()
    app.root = MDButton(MDButtonText(text="Commonhold"), style="filled")
    app._run_prepare()  # noqa: SLF001 - Kivy has no public way to step a program by hand
    EventLoop.start()
    for _ in range(FRAMES):
        EventLoop.idle()
    pixels = app.root.export_as_image().texture.pixels
    app.stop()
    colours = {pixels[place : place + 4] for place in range(0, len(pixels), 4)}
    if len(colours) < COLOURS:
        msg = "the window stayed empty"
        raise RuntimeError(msg)
    return f"{len(colours)} colours"


def carried() -> dict[str, str]:
    """Where each part was loaded from, relative to the program: nothing may come from elsewhere."""
    home = Path(getattr(sys, "_MEIPASS", Path(__file__).resolve().parent.parent))
    names = ("storage", "sync", "app", "kv", "kivy", "kivymd", "sqlcipher3", "loro", "zmq")
    files = {name: Path(str(import_module(name).__file__)) for name in names}
    return {
        name: str(file.relative_to(home)) if file.is_relative_to(home) else str(file)
        for name, file in files.items()
    }


def self_test() -> int:
    """Run every check and print what they found; 0 when all hold, 1 with the first that does not."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["KIVY_HOME"] = folder
            report = {
                "store": check_store(Path(folder)),
                "merge": check_merge(),
                "transport": check_transport(),
                "window": check_window(),
                "carried": carried(),
            }
    except Exception as error:  # noqa: BLE001 - whatever fails is the answer to the question that was asked
        print(json.dumps({"ok": False, "error": f"{type(error).__name__}: {error}"}))
        return 1
    print(json.dumps({"ok": True, **report}))
    return 0


if __name__ == "__main__":
    multiprocessing.freeze_support()
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(self_test())
    from app.__main__ import main

    main()
