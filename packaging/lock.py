"""Writes the locked requirement files and the list of wheels beside them.

Owns ``requirements/*.txt`` but for the overrides. Run by ``make lock``; with ``--upgrade`` every pin may move,
without it only what the ``.in`` files ask for.

1. A layer's file lists what the layers before it do not list already.
2. Every file of a locked version has its hash in the requirement file and its name in ``wheels.txt``.
3. No file names an index or a host.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
LAYERS = ("core", "desktop", "dev", "lock")
LOWEST_PYTHON = "3.11"


@dataclass(frozen=True)
class Locked:
    """One distribution at one version: where it is wanted and the files it is served as."""

    name: str
    version: str
    marker: str
    files: tuple[tuple[str, str], ...]  # (file name, sha256), by name

    @property
    def pin(self) -> str:
        """The requirement without its marker."""
        return f"{self.name}=={self.version}"

    def requirement(self, wanted_by: str) -> str:
        """The block for a requirement file, hashes sorted."""
        marker = f" ; {self.marker}" if self.marker else ""
        hashes = sorted(digest for _, digest in self.files)
        lines = [f"{self.pin}{marker}", *(f"    --hash=sha256:{digest}" for digest in hashes)]
        return " \\\n".join(lines) + f"\n    # for {wanted_by}\n"

    def listing(self) -> str:
        """The block for ``wheels.txt``."""
        return f"{self.pin}\n" + "".join(f"    {digest}  {name}\n" for name, digest in self.files)


def resolver() -> str:
    """The path of uv in the environment that runs this script."""
    path = Path(sysconfig.get_path("scripts"), "uv.exe" if os.name == "nt" else "uv")
    if not path.exists():
        sys.exit("uv is not installed here: run this through `make lock`.")
    return str(path)


def resolve(layers: tuple[str, ...], output: Path, *options: str) -> None:
    """Resolve the ``.in`` files of some layers, for every system at once, into a file."""
    inputs = [str(REQUIREMENTS / f"{layer}.in") for layer in layers]
    overrides = str(REQUIREMENTS / "overrides.txt")
    subprocess.run(
        [
            *(resolver(), "pip", "compile", "--quiet", "--universal", "--no-header"),
            *("--python-version", LOWEST_PYTHON, "--override", overrides),
            *("--output-file", str(output), *options, *inputs),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def current_pins() -> str:
    """The pins that stand in the requirement files now, without hashes."""
    text = "".join(
        path.read_text("utf-8")
        for layer in LAYERS
        if (path := REQUIREMENTS / f"{layer}.txt").exists()
    )
    return "".join(
        f"{pin}\n" for pin in re.findall(r"^[a-z0-9][^\s;\\]*==[^\s;\\]+", text, re.MULTILINE)
    )


def read_lock(path: Path) -> list[Locked]:
    """The distributions of a ``pylock`` file, by name."""
    packages = tomllib.loads(path.read_text("utf-8"))["packages"]
    return sorted((read_package(package) for package in packages), key=lambda each: each.name)


def read_package(package: dict[str, Any]) -> Locked:
    """One package table of a ``pylock`` file; a file's name is the end of its address, which is not kept."""
    served = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
    return Locked(
        name=package["name"],
        version=package["version"],
        marker=package.get("marker", ""),
        files=tuple(sorted((file_name(each["url"]), each["hashes"]["sha256"]) for each in served)),
    )


def file_name(url: str) -> str:
    """The file name at the end of an address."""
    return unquote(urlsplit(url).path.rsplit("/", 1)[1])


def reasons(pins: Path) -> dict[str, str]:
    """Who asks for each distribution, from the resolver's own comments."""
    found = re.findall(r"^([a-z0-9-]+)==.*?# via (.+)$", pins.read_text("utf-8"), re.MULTILINE)
    return {name: re.sub(r"-r \S*?(\w+\.in)", r"\1", via) for name, via in found}


def lock(workspace: Path, *, upgrade: bool) -> None:
    """Resolve all layers together, then write each layer's file and the list of wheels."""
    pins = workspace / "pins.txt"
    if not upgrade:
        pins.write_text(current_pins(), "utf-8")
    resolve(LAYERS, pins, "--annotation-style", "line")
    why = reasons(pins)
    everything: dict[str, Locked] = {}
    for count, layer in enumerate(LAYERS, start=1):
        output = workspace / f"pylock.{layer}.toml"
        resolve(LAYERS[:count], output, "--format", "pylock.toml", "--constraint", str(pins))
        # A distribution that an earlier layer wants on fewer systems is listed again with the wider marker.
        own = [each for each in read_lock(output) if everything.get(each.name) != each]
        everything.update({each.name: each for each in own})
        head = (
            f"# Written by `make lock` from {layer}.in. Install with --require-hashes --no-deps.\n"
        )
        body = "".join(each.requirement(why.get(each.name, f"{layer}.in")) for each in own)
        (REQUIREMENTS / f"{layer}.txt").write_text(head + body, "utf-8")
        print(f"{layer}.txt: {len(own)} distributions")
    head = "# Written by `make lock`: the files that each locked distribution is served as, with their SHA-256.\n"
    listing = "".join(everything[name].listing() for name in sorted(everything))
    (REQUIREMENTS / "wheels.txt").write_text(head + listing, "utf-8")


def main() -> None:
    """Read the command line and lock."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--upgrade", action="store_true", help="let every pin move to the newest allowed"
    )
    upgrade = parser.parse_args().upgrade
    with tempfile.TemporaryDirectory() as folder:
        lock(Path(folder), upgrade=upgrade)


if __name__ == "__main__":
    main()
