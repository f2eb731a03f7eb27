"""Loads KV rules from the `kv` package, each file once: a rule loaded twice would apply twice."""

from __future__ import annotations

from importlib.resources import files

from kivy.lang import Builder

_loaded: set[str] = set()


def load(name: str) -> None:
    """Load `name` (as "components/controls.kv"). FileNotFoundError when the package lacks it."""
    if name in _loaded:
        return
    _loaded.add(name)
    Builder.load_string(
        files("kv").joinpath(*name.split("/")).read_text("utf-8"), filename=f"kv/{name}"
    )
