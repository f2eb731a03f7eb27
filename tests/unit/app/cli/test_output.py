"""What reaches a terminal: nothing that could act on it, and nothing that stops the program."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.output import Output, one_line, size, visible


def streams(encoding="utf-8"):
    return [
        io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
        for _ in range(2)
    ]


def text(stream):
    stream.seek(0)
    return stream.read()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – 日本", "plain – 日本"),
        ("two\nlines\tand", "two\nlines\tand"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\x00b", r"a\x00b"),
        ("\ud800", r"\ud800"),
        ("\x9b2J", r"\x9b2J"),
        ("bell\x07", r"bell\x07"),
    ],
)
def test_signs_that_act_are_shown_as_escapes(text, shown):
    assert visible(text) == shown


@given(st.text(alphabet=st.characters(codec=None)))
def test_whatever_is_shown_can_be_written(text):
    for shown in (visible(text), one_line(text)):
        shown.encode("utf-8")
        assert "\x1b" not in shown
    assert "\n" not in one_line(text)


def test_a_cell_is_kept_short():
    assert one_line("x" * 100) == "x" * 59 + "…"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
@pytest.mark.parametrize("value", ["日本", "\ud800", "\x00", 2**90, 0.1, None, {"ä": ["\u2028"]}])
def test_json_is_read_back_as_it_was_in_any_encoding(encoding, value):
    out, err = streams(encoding)
    Output(as_json=True, out=out, err=err).value(value)
    assert json.loads(text(out)) == value


@given(
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
def test_a_long_list_is_one_json_value_like_any_other(items, rest):
    rest.pop("items", None)
    out, err = streams()
    Output(as_json=True, out=out, err=err).listing("items", iter(items), rest)
    assert json.loads(text(out)) == {"items": items, **rest}


def test_an_id_is_never_cut(monkeypatch):
    monkeypatch.setattr(Output, "columns", 30)
    out, err = streams()
    Output(as_json=False, out=out, err=err).table(("id", "a"), [("0sba8bt2g0000", "x" * 50)])
    assert "0sba8bt2g0000" in text(out)
    assert max(len(line) for line in text(out).splitlines()) <= 30


def test_markup_in_data_is_only_text():
    out, err = streams()
    Output(as_json=False, out=out, err=err).table(("[bold]head[/]",), [("[red]x[/red]",)])
    assert "[bold]head[/]" in text(out)
    assert "[red]x[/red]" in text(out)


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (22_300_000, "22.3 MB"), (5e15, "5000.0 TB")],
)
def test_sizes_are_read_easily(count, shown):
    assert size(count) == shown
