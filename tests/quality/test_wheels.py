"""The lock is complete, true and served on every system that the README names."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.tags import Tag, sys_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

from tests.support.locks import (
    LAYERS,
    PYTHONS,
    REQUIREMENTS,
    SYSTEMS,
    all_pins,
    gaps,
    listed_files,
    pins_of,
    serves,
)
from tests.support.project import ROOT

LEFT_OUT = {"materialshapes", "pycairo"}  # docs/decisions/0001-dependencies-and-locking.md
PINS = {f"{pin.name}=={pin.version}": pin for pin in all_pins()}


def wanted(layer: str) -> set[str]:
    """The names in a layer's ``.in`` file."""
    lines = (REQUIREMENTS / f"{layer}.in").read_text("utf-8").splitlines()
    return {canonicalize_name(Requirement(line).name) for line in lines if line and line[0] != "#"}


@pytest.mark.parametrize("pin", PINS.values(), ids=PINS)
def test_a_pin_accepts_exactly_the_files_that_are_listed_for_it(pin):
    files = listed_files()[pin.name, pin.version]

    assert str(pin.requirement.specifier) == f"=={pin.version}"
    assert pin.hashes == set(files.values())
    assert {parse_wheel_filename(file)[0] for file in files if file.endswith(".whl")} == {pin.name}


def test_every_listed_file_belongs_to_a_pin():
    assert set(listed_files()) == {(pin.name, pin.version) for pin in all_pins()}


def test_a_name_has_one_version_in_all_layers():
    versions = {(pin.name, pin.version) for pin in all_pins()}

    assert len(versions) == len({name for name, _ in versions})


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_holds_what_its_wishes_name(layer):
    below = LAYERS[: LAYERS.index(layer) + 1]
    locked = {pin.name for each in below for pin in pins_of(each)}

    assert wanted(layer) <= locked


def test_the_lock_leaves_out_what_does_not_build():
    assert not LEFT_OUT & {pin.name for pin in all_pins()}


def test_everything_that_a_locked_distribution_needs_here_is_locked():
    locked = {pin.name for pin in all_pins()} | LEFT_OUT
    missing = [
        f"{pin.name} needs {text}"
        for pin in all_pins()
        if pin.layer != "lock"
        and (pin.requirement.marker is None or pin.requirement.marker.evaluate())
        for text in importlib.metadata.requires(pin.name) or []
        if (need := Requirement(text)).marker is None or need.marker.evaluate({"extra": ""})
        if canonicalize_name(need.name) not in locked
    ]

    assert missing == []


def test_what_is_installed_here_is_what_is_locked():
    here = {
        pin.name: importlib.metadata.version(pin.name)
        for pin in all_pins()
        if pin.layer != "lock"
        and (pin.requirement.marker is None or pin.requirement.marker.evaluate())
    }

    assert here == {pin.name: pin.version for pin in all_pins() if pin.name in here}


def test_the_project_wishes_for_what_its_layers_name():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    core = {canonicalize_name(Requirement(text).name) for text in project["dependencies"]}
    desktop = {
        canonicalize_name(Requirement(text).name)
        for text in project["optional-dependencies"]["desktop"]
    }

    assert core == wanted("core")
    assert desktop == wanted("desktop")


def test_the_locked_versions_satisfy_what_the_project_wishes_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    versions = {pin.name: pin.version for pin in all_pins()}
    wishes = map(
        Requirement, [*project["dependencies"], *project["optional-dependencies"]["desktop"]]
    )

    assert [
        str(wish) for wish in wishes if versions[canonicalize_name(wish.name)] not in wish.specifier
    ] == []


def test_the_readme_names_exactly_the_systems_that_are_not_served():
    readme = (ROOT / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\w-]+ [\w.]+) \| ([^|]+?) \|", readme, re.MULTILINE)
    named = {(package, system) for package, systems in rows for system in systems.split(", ")}

    assert named == gaps()


def test_the_readme_names_every_system_and_python():
    readme = (ROOT / "README.md").read_text("utf-8")

    assert all(f"3.{python}" in readme for python in PYTHONS)
    for system in SYSTEMS:
        name, architecture = system.split()
        assert name in readme
        assert architecture in readme


def test_our_reading_of_tags_agrees_with_the_package_client_about_this_machine():
    served = set(sys_tags())
    here = next(
        system for system in SYSTEMS if any(SYSTEMS[system].fullmatch(t.platform) for t in served)
    )
    python = int(next(tag for tag in served if tag.abi.startswith("cp3")).abi[3:])
    wheels = [name for files in listed_files().values() for name in files if name.endswith(".whl")]
    tags = {tag for wheel in wheels for tag in parse_wheel_filename(wheel)[3]}

    assert {tag for tag in tags if serves(tag, here, python)} <= served


@pytest.mark.parametrize(
    ("tag", "python", "served"),
    [
        (Tag("py3", "none", "any"), 11, True),
        (Tag("py2", "none", "any"), 11, False),
        (Tag("cp311", "cp311", "manylinux_2_28_x86_64"), 11, True),
        (Tag("cp311", "cp311", "manylinux_2_28_x86_64"), 12, False),
        (Tag("cp38", "abi3", "manylinux2014_x86_64"), 13, True),
        (Tag("cp313", "cp313t", "manylinux2014_x86_64"), 13, False),
        (Tag("cp311", "cp311", "manylinux_2_39_x86_64"), 11, False),
        (Tag("cp311", "cp311", "musllinux_1_2_x86_64"), 11, False),
    ],
)
def test_a_tag_serves_linux_when_its_abi_and_its_glibc_are_there(tag, python, served):
    assert serves(tag, "Linux x86-64", python) is served
