"""Sticky knowledge of what a path ever held."""

from storage.kinds import (
    BOOL,
    LIST,
    MAX_CHILDREN,
    NULL,
    NUMBER,
    OBJECT,
    ODD,
    TEXT,
    PathKinds,
    path_text,
)


def test_each_kind_of_value_has_its_bit() -> None:
    kinds = PathKinds()
    kinds.learn({"n": 1, "f": 1.5, "b": True, "t": "x", "z": None, "l": [], "o": {"in": 2}})
    assert [kinds.bits((key,)) for key in "nfbtzlo"] == [
        NUMBER,
        NUMBER,
        BOOL,
        TEXT,
        NULL,
        LIST,
        OBJECT,
    ]
    assert kinds.bits(("o", "in")) == NUMBER


def test_what_was_never_there_has_none() -> None:
    assert PathKinds().bits(("nothing", "below")) == 0


def test_values_that_sql_compares_otherwise_are_odd() -> None:
    kinds = PathKinds()
    kinds.learn({"big": 2**63, "float": 2.0**60, "nul": "a\0b"})
    kinds.learn({"lone": "\ud800"}, odd_text=True)
    assert {kinds.bits((key,)) for key in ("big", "float", "nul", "lone")} == {ODD}


def test_only_growth_is_reported_and_it_carries_all_bits() -> None:
    kinds = PathKinds()
    assert kinds.learn({"a": 1}) == [(("a",), NUMBER)]
    assert kinds.learn({"a": 2}) == []
    assert kinds.learn({"a": "x"}) == [(("a",), NUMBER | TEXT)]


def test_stored_bits_come_back() -> None:
    kinds = PathKinds()
    grown = kinds.learn({"a": {'b c."d': [1]}})
    again = PathKinds((path_text(path), bits) for path, bits in grown)
    assert dict(again.paths()) == dict(kinds.paths())
    assert again.learn({"a": {'b c."d': [2]}}) == []


def test_too_many_fields_to_follow_make_all_unknown_and_stay_so() -> None:
    kinds = PathKinds()
    grown = kinds.learn({f"f{i}": i for i in range(MAX_CHILDREN + 5)})
    again = PathKinds((path_text(path), bits) for path, bits in grown)
    for known in (kinds, again):
        assert known.bits(("f1",)) == ODD
        assert known.bits(("never",)) == ODD
