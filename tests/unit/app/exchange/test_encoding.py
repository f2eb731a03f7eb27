"""Which encoding a file has, and that no byte of it is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.exchange.encoding import Decoder, Encoding, detect
from app.exchange.errors import UnknownEncodingError

Write = Callable[..., Path]
GERMAN = "Name;Straße\nMüller;Königsallee\nJörg;Gänsemarkt\n"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (GERMAN, "utf-8"),
        (GERMAN, "utf-8-sig"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        (GERMAN, "utf-32"),
        (GERMAN, "utf-32-le"),
        (GERMAN, "cp1252"),
        ("nom,ville\nFrançois,Nîmes\n“cité”,Orléans — œuvre\n", "cp1252"),
        ("名前,町\n太郎,東京\n花子,大阪のまち\n", "cp932"),
        (
            "姓名,城市\n北京的张先生,上海市\n广州的李小姐,深圳市\n中文文本在这里,测试数据\n",
            "gb18030",
        ),
        ("имя,город\nИван,Москва\nМария,Санкт-Петербург\nПётр,Новосибирск\n", "cp1251"),
    ],
)
def test_an_encoding_is_recognised_and_read_back(write: Write, text: str, codec: str) -> None:
    encoding = detect(write(text.encode(codec)))
    data = text.encode(codec)[encoding.mark_bytes :]
    assert Decoder(encoding).decode(data, final=True) == (text, [])


def test_one_word_far_down_decides(write: Write) -> None:
    path = write("a,b\n" + "plain,words\n" * 200_000 + "Müller,x\n")
    assert detect(path) == Encoding("utf-8")


def test_a_few_lines_of_another_encoding_do_not_turn_a_file_over(write: Write) -> None:
    path = write(("Müller\n" * 20).encode() + "Jörg\n".encode("cp1252"))
    assert detect(path) == Encoding("utf-8")


def test_zero_bytes_alone_do_not_make_it_utf_16(write: Write) -> None:
    assert detect(write(b"a\0b,c\n1,2\n")).name == "utf-8"


def test_what_is_told_is_believed(write: Write) -> None:
    assert detect(write(GERMAN), "latin-1").name == "iso8859-1"


@pytest.mark.parametrize("told", ["klingon", "base64", "rot13", ""])
def test_an_encoding_that_is_none_is_refused_in_words(write: Write, told: str) -> None:
    with pytest.raises(UnknownEncodingError, match="no text encoding"):
        detect(write(GERMAN), told)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_every_byte_is_kept_wherever_blocks_are_cut(size: int) -> None:
    data = "ä\ud800 漢".encode("utf-8", "surrogatepass") + b"\xfc\x81\xff end"
    decoder = Decoder(Encoding("utf-8"))
    text, kept = "", 0
    for at in range(0, len(data), size):
        piece, places = decoder.decode(data[at : at + size], final=at + size >= len(data))
        text, kept = text + piece, kept + len(places)
    assert text == "ä\ud800 漢ü\x81ÿ end"
    assert kept == 4


def test_half_a_pair_in_utf_16_is_kept() -> None:
    data = "a\udc00b".encode("utf-16-le", "surrogatepass")
    assert Decoder(Encoding("utf-16-le")).decode(data, final=True)[0] == "a\udc00b"
