"""The locked requirement files and the list of wheels, read back as values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from packaging.requirements import Requirement
from packaging.tags import Tag
from packaging.utils import canonicalize_name, parse_wheel_filename

from tests.support.project import ROOT

REQUIREMENTS = ROOT / "requirements"
LAYERS = ("core", "desktop", "dev", "lock")
PYTHONS = (11, 12, 13)

# What a wheel's platform tag may say to run on each system: glibc from 2.28 on, macOS from 11 on.
SYSTEMS = {
    "Windows x86-64": re.compile(r"win_amd64"),
    "macOS arm64": re.compile(r"macosx_1[01]_\d+_(arm64|universal2)"),
    "macOS x86-64": re.compile(r"macosx_1[01]_\d+_(x86_64|universal2|intel)"),
    "Linux x86-64": re.compile(r"manylinux(1|2010|2014|_2_(1?\d|2[0-8]))_x86_64"),
    "Linux aarch64": re.compile(r"manylinux(2014|_2_(1?\d|2[0-8]))_aarch64"),
}
MARKER_VALUES = {"Windows": "win32", "macOS": "darwin", "Linux": "linux"}


@dataclass(frozen=True)
class Pin:
    """One locked requirement: its layer, what it says, and the hashes of the files it accepts."""

    layer: str
    requirement: Requirement
    hashes: frozenset[str]

    @property
    def name(self) -> str:
        """The canonical name."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        """The one version."""
        return str(self.requirement.specifier).removeprefix("==")

    def wanted_on(self, system: str, python: int) -> bool:
        """Whether the marker holds for CPython 3.``python`` on a system of `SYSTEMS`."""
        marker = self.requirement.marker
        value = MARKER_VALUES[system.split(maxsplit=1)[0]]
        version = f"3.{python}"
        return marker is None or marker.evaluate(
            {
                "sys_platform": value,
                "python_version": version,
                "python_full_version": f"{version}.0",
            }
        )


def pins_of(layer: str) -> list[Pin]:
    """The pins of one requirement file, in its order."""
    text = (REQUIREMENTS / f"{layer}.txt").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return [
        Pin(
            layer,
            Requirement(line.split(" --hash")[0]),
            frozenset(re.findall(r"sha256:([0-9a-f]{64})", line)),
        )
        for line in lines
    ]


@cache
def all_pins() -> tuple[Pin, ...]:
    """The pins of every layer."""
    return tuple(pin for layer in LAYERS for pin in pins_of(layer))


@cache
def listed_files() -> dict[tuple[str, str], dict[str, str]]:
    """``wheels.txt``: for each name and version, the hash of each file by the file's name."""
    listed: dict[tuple[str, str], dict[str, str]] = {}
    files: dict[str, str] = {}
    for line in (REQUIREMENTS / "wheels.txt").read_text("utf-8").splitlines():
        if line.startswith("    "):
            digest, name = line.split()
            files[name] = digest
        elif not line.startswith("#"):
            name, _, version = line.partition("==")
            files = listed[name, version] = {}
    return listed


def serves(tag: Tag, system: str, python: int) -> bool:
    """Whether a wheel with this tag installs on a system under CPython 3.``python``."""
    if tag.platform != "any" and not SYSTEMS[system].fullmatch(tag.platform):
        return False
    if re.fullmatch(r"py3\d*", tag.interpreter):
        return tag.abi == "none" and int(tag.interpreter[3:] or 0) <= python
    minor = re.fullmatch(r"cp3(\d+)", tag.interpreter)
    if minor is None:
        return False
    if "abi3" in tag.abi.split("."):
        return int(minor[1]) <= python
    return int(minor[1]) == python and tag.abi in {f"cp3{python}", "none"}


def gaps() -> set[tuple[str, str]]:
    """Each locked ``name version`` with a system for which some supported Python gets no wheel."""
    return {
        (f"{pin.name} {pin.version}", system)
        for pin in all_pins()
        for system in SYSTEMS
        for python in PYTHONS
        if pin.wanted_on(system, python) and not has_wheel(pin, system, python)
    }


def has_wheel(pin: Pin, system: str, python: int) -> bool:
    """Whether one of the listed wheels of a pin serves a system and a Python."""
    wheels = [name for name in listed_files()[pin.name, pin.version] if name.endswith(".whl")]
    return any(
        serves(tag, system, python) for wheel in wheels for tag in parse_wheel_filename(wheel)[3]
    )
