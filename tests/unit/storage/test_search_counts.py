"""What search says of how much there is."""

from storage import Store


def test_a_mistyped_word_with_many_hits_says_that_there_are_more() -> None:
    store = Store()
    store.table("t").insert_multiple({"name": "Barksdale", "n": n} for n in range(300))
    found = store.find_text("barksdle", limit=50)
    assert len(found.hits) == 50
    assert found.total == 200  # one neighbour: it gets all the room there is
    assert found.more
    assert not store.find_text("barksdale x").more


def test_a_mistyped_word_with_few_hits_shows_them_all() -> None:
    store = Store()
    store.table("t").insert_multiple({"name": "Barksdale", "n": n} for n in range(30))
    found = store.find_text("barksdle", limit=50)
    assert (len(found.hits), found.total, found.more) == (30, 30, False)
