"""Text: cut into pieces, ordered, laid out, fitted and wrapped, with fonts or without."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kivymd.icon_definitions import md_icons

from app.views.house import stage
from app.views.house.batch import Batch, Wrote, recording
from app.views.house.coverage import read_coverage
from app.views.house.fonts import FontBook, script_of, system_folders
from app.views.house.glyphs import Atlas
from app.views.house.lines import ICONS, Lines, Type, lines
from app.views.house.shaping import Kind, pieces, reads_right_to_left

BODY = Type(14)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


def seen(text):
    return [piece.text for piece in pieces(text)[0]]


@pytest.fixture
def bare(window):
    """A typesetter on a machine with no fonts but those that come along."""
    posted = []
    book = FontBook(lines().fonts.bundled, [], post=posted.append)
    return Lines(Atlas(512, 512), book), posted


# -- pieces -------------------------------------------------------------------------------------------


def test_plain_text_is_a_row_of_single_characters():
    assert seen("Ab 1") == ["A", "b", " ", "1"]


def test_right_to_left_words_stand_in_the_order_they_are_seen():
    assert seen("שלום עולם") == ["עולם", " ", "שלום"]


def test_a_number_inside_right_to_left_text_keeps_its_digits_in_order():
    parts = seen("לתר 42")
    assert parts.index("4") < parts.index("2") < parts.index("לתר")


def test_brackets_are_mirrored_in_right_to_left_text():
    assert seen("א(ב)") == ["(", "ב", ")", "א"]


def test_latin_text_with_a_hebrew_word_keeps_its_own_order():
    parts, rtl = pieces("ab שלום cd")
    assert next(p.text for p in parts) == "a"
    assert not rtl


@pytest.mark.parametrize("emoji", ["👩‍👩‍👧", "🇩🇪", "👍🏽", "✅", "❤️", "1️⃣"])
def test_an_emoji_sequence_is_one_piece(emoji):
    parts, _ = pieces(f"a{emoji}b")
    assert [p.kind for p in parts] == [Kind.ONE, Kind.EMOJI, Kind.ONE]


def test_control_characters_and_lone_surrogates_are_nameless_pieces():
    assert [p.kind for p in pieces("\x00\x07\ud800")[0]] == [Kind.NAMELESS] * 3


def test_line_ends_and_tabs_become_spaces():
    assert seen("a\r\nb\tc") == ["a", " ", "b", " ", "c"]


def test_direction_is_that_of_the_first_letter():
    assert reads_right_to_left("42 שלום abc")
    assert not reads_right_to_left("abc שלום")


# -- lines -----------------------------------------------------------------------------------------------


@given(text=ANY_TEXT, width=st.integers(0, 300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_laid_out_and_never_wider_than_its_room(window, text, width):
    run = lines().run(text, BODY)
    quads, used = lines().fit(run, width, BODY)
    assert used <= width
    assert len(quads) <= len(run.quads) + 1


def test_text_cut_short_ends_in_an_ellipsis(window):
    run = lines().run("Label roll 62 mm", BODY)
    dots = lines().run("…", BODY)
    quads, used = lines().fit(run, 60, BODY)
    assert quads[-1][4:] == dots.quads[0][4:]
    assert used <= 60


def test_right_to_left_text_cut_short_has_its_ellipsis_at_the_left(window):
    run = lines().run("שלום עולם שלום עולם", BODY)
    dots = lines().run("…", BODY)
    quads, used = lines().fit(run, 70, BODY)
    assert quads[0][4:] == dots.quads[0][4:]
    assert used <= 70


def test_a_cell_of_fifty_megabytes_costs_no_more_than_its_first_characters(window):
    batch = Batch()
    used = batch.text("x" * 50_000_000, 0, 0, BODY, 0, 200)
    assert used <= 200
    assert len(batch.data) < 20 * 100


@given(text=st.text("abc déf検査 \n", max_size=200), width=st.integers(40, 300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wrapped_text_fits_and_loses_no_letter(window, text, width):
    wrapped = lines().wrap(text, width, BODY)
    assert all(lines().width(line, BODY) <= width for line in wrapped)
    assert "".join("".join(wrapped).split()) == "".join(text.split())


def test_a_full_atlas_starts_anew_and_whoever_painted_paints_again(window):
    atlas = Atlas(256, 256)
    typesetter = Lines(atlas, lines().fonts)
    told = []

    class Painter:
        def atlas_wiped(self):
            told.append(atlas.generation)

    painter = Painter()
    atlas.listeners.add(painter)
    before = typesetter.run("abc", BODY)
    for size in range(20, 90):
        typesetter.run("ABCDEFGHIJ", Type(size))
    assert told
    assert typesetter.run("abc", BODY) is not before


# -- fonts ---------------------------------------------------------------------------------------------------


def test_coverage_is_what_is_in_the_font(window):
    icons = read_coverage(ICONS.path)
    assert all(ord(sign) in icons for name, sign in md_icons.items() if name != "blank")
    roboto = read_coverage(lines().fonts.bundled["regular"])
    assert all(ord(ch) in roboto for ch in "AZaz09 é ß Ж Ω ‹›…×")
    assert not any(ord(ch) in roboto for ch in "検あ한ش\U0001f3f7\ue000")


def test_a_file_that_is_no_font_covers_nothing(tmp_path):
    for content in (b"", b"ttcf", b"not a font at all", bytes(1000)):
        path = tmp_path / "x.ttf"
        path.write_bytes(content)
        assert not read_coverage(path)


def test_characters_that_no_font_draws_are_named_and_counted(bare):
    made, _ = bare
    run, plain = made.run("ab検査", BODY), made.run("ab‹CJK ×2›", BODY)
    assert run.missing == "検査"
    assert len(run.quads) == len(plain.quads)


def test_a_missing_script_is_logged_once_with_what_would_help(bare, caplog):
    made, posted = bare
    with caplog.at_level(logging.WARNING):
        for text in ("検", "査"):
            made.run(text, BODY)
        stage.wait_for(lambda: len(posted) == 2)
        for call in posted:
            call()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "CJK" in caplog.text
    assert "fonts-noto-cjk" in caplog.text


def test_any_installed_font_that_has_the_character_is_found_and_used(window, tmp_path):
    shutil.copy(ICONS.path, tmp_path / "Strange-Regular.ttf")
    posted = []
    book = FontBook(lines().fonts.bundled, [tmp_path], post=posted.append)
    made = Lines(Atlas(512, 512), book)
    icon = "\U000f0001"
    assert made.run(icon, BODY).missing == icon
    stage.wait_for(lambda: bool(posted))
    posted[0]()
    assert made.run(icon, BODY).missing == ""
    assert Path(book.face_for(icon, "regular").path).name == "Strange-Regular.ttf"


def test_an_input_takes_the_font_that_has_most_of_its_letters(window, tmp_path):
    shutil.copy(ICONS.path, tmp_path / "DejaVuSans.ttf")
    book = FontBook(lines().fonts.bundled, [tmp_path], post=lambda call: None)
    assert book.input_font("abc") == book.bundled["regular"]
    assert Path(book.input_font("\U000f0001")).name == "DejaVuSans.ttf"


def test_folders_come_from_fontconfig_and_only_those_that_exist(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "data" / "fonts").mkdir(parents=True)
    config = tmp_path / "fonts.conf"
    config.write_text(
        f'<dir>{tmp_path}/mine</dir><dir>{tmp_path}/gone</dir><dir prefix="xdg">fonts</dir>'
    )
    environ = {
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "FONTCONFIG_FILE": str(config),
    }
    found = system_folders(environ)
    assert found[:2] == [tmp_path / "data" / "fonts", tmp_path / "mine"]
    assert tmp_path / "gone" not in found


def test_scripts_have_plain_names():
    assert script_of("あ") == "Hiragana"
    assert script_of("検") == "CJK"
    assert script_of("\ue000") == "U+E000"


def test_what_is_painted_is_recorded_only_when_asked_for(window):
    silent = Batch()
    silent.write("body", "quiet", 0, 0, 40, 0, 100)
    with recording():
        told = Batch()
        told.write("body", "loud enough to be cut", 0, 0, 40, 0x112233, 50)
    assert silent.marks is None
    assert told.marks is not None
    (mark,) = told.marks
    assert isinstance(mark, Wrote)
    assert mark.limit == 50
    assert mark.natural > 50 >= mark.used
