"""One pane when narrow, the record beside the view when there is room, the collections last."""

from __future__ import annotations

import pytest

from app.viewmodels.keys import WINDOW_KEYS, Intent, bound
from app.viewmodels.layout import Panes, Width, panes, width_of


@pytest.mark.parametrize(
    ("dp", "width"),
    [
        (320, Width.COMPACT),
        (599, Width.COMPACT),
        (600, Width.MEDIUM),
        (1023, Width.MEDIUM),
        (1024, Width.EXPANDED),
    ],
)
def test_the_width_class_follows_the_window(dp: float, width: Width) -> None:
    assert width_of(dp) is width


@pytest.mark.parametrize(
    ("collection", "record", "shown"),
    [(False, False, "collections"), (True, False, "view"), (True, True, "record")],
)
def test_a_compact_window_shows_one_pane(collection: bool, record: bool, shown: str) -> None:
    got = panes(480, collection_open=collection, record_open=record, records=True)
    assert got == Panes(bar=True, **{shown: True})


def test_the_collections_fold_away_below_1200_dp() -> None:
    wide = panes(1200, collection_open=True, record_open=True, records=True)
    less = panes(1199, collection_open=True, record_open=True, records=True)
    assert wide.collections
    assert not less.collections
    assert (less.rail, less.view, less.record) == (True, True, True)


def test_no_key_means_two_things() -> None:
    bindings = [(key.key, key.modifiers) for key in WINDOW_KEYS]
    assert len(set(bindings)) == len(bindings)


def test_the_command_key_of_a_mac_stands_for_ctrl() -> None:
    assert bound("k", frozenset({"meta"})) is Intent.PALETTE
    assert bound("k", frozenset({"ctrl", "numlock"})) is Intent.PALETTE
    assert bound("k", frozenset()) is None


@pytest.mark.parametrize(
    ("dp", "beside", "collections"),
    [(1199, False, False), (1200, True, False), (1559, True, False), (1560, True, True)],
)
def test_the_history_stands_beside_its_record_before_the_collections_do(
    dp: float, beside: bool, collections: bool
) -> None:
    got = panes(dp, collection_open=True, record_open=True, records=True, history_open=True)
    assert (got.history, got.collections, got.record) == (beside, collections, True)


def test_without_a_record_there_is_no_history() -> None:
    got = panes(1600, collection_open=True, record_open=False, records=True, history_open=True)
    assert not got.history
