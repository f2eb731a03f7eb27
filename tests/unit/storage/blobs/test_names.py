"""Names of attachments, whoever made them up."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.blobs.names import MOST_NAME_BYTES, clean


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("photo.jpg", "photo.jpg"),
        ("Übersicht 2026.pdf", "Übersicht 2026.pdf"),
        ("U\u0308bersicht.pdf", "Übersicht.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\run.exe", "run.exe"),
        ("C:\\CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1 .txt", "_com1 .txt"),
        ("LPT².log", "_LPT².log"),
        ("console.txt", "console.txt"),
        ("a\u202egpj.exe", "a_gpj.exe"),
        ("a\u2066b\u200fc", "a_b_c"),
        ("zero\u200bwidth\ufeff", "zero_width_"),
        ("می\u200cخواهم.txt", "می\u200cخواهم.txt"),
        ("line\nbreak\ttab\x00nul", "line_break_tab_nul"),
        ("line\u2028separator", "line_separator"),
        ('what? "this" <that>|*:', "what_ _this_ _that____"),
        ("undecodable\udcff.bin", "undecodable_.bin"),
        ("trailing dots...", "trailing dots"),
        (" .hidden", "hidden"),
        ("", "file"),
        ("/", "file"),
        ("...", "file"),
        ("..", "file"),
    ],
)
def test_a_name_is_made_harmless(given_name: str, shown: str) -> None:
    assert clean(given_name) == shown


def test_a_long_name_keeps_its_ending() -> None:
    assert clean("x" * 296 + ".pdf") == "x" * 196 + ".pdf"
    assert clean("é" * 300 + ".jpeg") == "é" * 97 + ".jpeg"
    assert clean("." + "y" * 300) == "y" * 200


@given(st.text(st.characters(codec=None)))
def test_no_name_is_left_that_could_do_harm(name: str) -> None:
    shown = clean(name)
    assert shown
    assert len(shown.encode()) <= MOST_NAME_BYTES
    assert not set('/\\<>:"|?*') & set(shown)
    assert not any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in shown)
    assert shown == shown.strip(" .")
    assert clean(shown) == shown
