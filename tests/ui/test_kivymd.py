"""KivyMD 2.0.0 with the floor under its ripple's FBO."""

from __future__ import annotations

from kivymd.uix.behaviors import ripple_behavior

from app.views.house import kivymd_fix


def test_a_ripple_of_no_height_at_birth_does_not_stop_the_program(window):
    assert ripple_behavior.Fbo is kivymd_fix.SafeFbo
    assert tuple(ripple_behavior.Fbo(size=(120, 0)).size) == (120, 1)
