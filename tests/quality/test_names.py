"""Our import names are ours: nothing installed takes them, and we take nobody's."""

from __future__ import annotations

import importlib.metadata
import importlib.util

import pytest

from tests.support.project import ROOT, tracked_files

OURS = ("app", "kv", "storage", "sync")


@pytest.mark.parametrize("name", OURS)
def test_no_other_distribution_provides_a_module_of_ours(name):
    owners = set(importlib.metadata.packages_distributions().get(name, []))

    assert owners <= {"commonhold"}


@pytest.mark.parametrize("name", OURS)
def test_our_names_import_from_this_checkout(name):
    spec = importlib.util.find_spec(name)

    assert spec is not None
    assert spec.origin == str(ROOT / name / "__init__.py")


def test_the_folder_packaging_does_not_shadow_the_library():
    spec = importlib.util.find_spec("packaging")

    assert spec is not None
    assert spec.origin is not None
    assert ROOT / "packaging" not in (ROOT / spec.origin).parents


def test_neither_packaging_nor_tests_is_a_package():
    inits = [path for path in tracked_files() if path.name == "__init__.py"]

    assert [path for path in inits if path.parts[0] in {"packaging", "tests"}] == []


def test_every_folder_of_modules_is_a_package():
    folders = {
        path.parent for path in tracked_files() if path.suffix == ".py" and path.parts[0] in OURS
    }

    assert [
        folder for folder in sorted(folders) if not (ROOT / folder / "__init__.py").exists()
    ] == []
