"""Colours by role hold their contrast in every theme."""

from __future__ import annotations

import gc

import pytest
from kivy.factory import Factory
from kivy.lang import Builder

from app.views.house import theme
from app.views.house.skin import Skin, skin

Builder.load_string("""
#:import skin app.views.house.skin.skin
<Bystander@Widget>:
    opacity: skin.roles.page / 0xFFFFFF
""")

GROUNDS = ("page", "pane", "pane_head", "sheet")
PAIRS = (("on_primary", "primary"), ("on_selected", "selected"), ("on_error", "error"), ("on_inverse", "inverse"),
         ("inverse_primary", "inverse"))  # fmt: skip


@pytest.fixture(params=[(seed, dark) for seed in theme.SEEDS for dark in (False, True)], ids=str)
def roles(request):
    seed, dark = request.param
    return theme.roles(theme.SEEDS[seed], dark=dark)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ink", ["text", "muted", "primary", "error"])
def test_every_ink_reads_on_every_ground(roles, ink, ground):
    assert theme.contrast(roles.ground(ink), roles.ground(ground)) >= 4.5


@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_every_ink_reads_on_its_fill(roles, ink, ground):
    assert theme.contrast(roles.ground(ink), roles.ground(ground)) >= 4.5


def test_choice_colours_read_at_seven_to_one(roles):
    for index in range(len(theme.CHIP_HUES)):
        assert theme.contrast(*roles.chip(index)) >= 7


def test_muted_text_reads_on_a_selected_row(roles):
    assert theme.contrast(roles.on_selected, roles.selected) >= 4.5


def test_a_word_has_the_same_colour_in_every_run():
    assert [theme.hue_of(word) for word in ("fragile", "lab", "Ann Berger")] == [
        sum(ord(c) * (i + 3) for i, c in enumerate(w)) % 8 for w in ("fragile", "lab", "Ann Berger")
    ]


def test_mixing_ends_at_both_colours():
    assert theme.mix(0x102030, 0xFFEEDD, 0) == 0x102030
    assert theme.mix(0x102030, 0xFFEEDD, 1) == 0xFFEEDD


def test_roles_follow_seed_and_darkness():
    skin = Skin()
    light = skin.roles
    skin.dark = True
    assert skin.roles.dark
    skin.dark = False
    assert skin.roles == light
    skin.seed = theme.SEEDS["Clay"]
    assert skin.roles != light


def test_widgets_that_are_collected_while_the_theme_changes_do_no_harm(window):
    def collect_soon(*_):
        gc.set_threshold(1)

    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(1_000_000)
    skin.fbind("roles", collect_soon)
    for widget in [Factory.Bystander() for _ in range(40)]:
        widget.itself = widget  # a ring, which only the collector takes away
    widget = None
    skin.fbind("roles", collect_soon)
    try:
        skin.dark = True
    finally:
        skin.funbind("roles", collect_soon)
        skin.funbind("roles", collect_soon)
        gc.set_threshold(*before)
    assert skin.roles == theme.roles(skin.seed, dark=True)
