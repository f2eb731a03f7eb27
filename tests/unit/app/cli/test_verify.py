"""`verify` on the command line: what it proves, and how it tells of damage to what changes say."""

import time
from contextlib import closing

import pytest

from app.home import Home


def planted(home, statement, *values):
    """Run one statement on the data of the only workspace."""
    with closing(Home.open(home, clock=time.time).workspace().store) as store:
        assert store._engine.db.writer.execute(statement, values).rowcount > 0


def test_all_is_proved_from_the_changes_and_the_digest_is_told(stock):
    stock.json("record", "add", "stock", "item=bolt", "qty=3")
    found = stock.json("verify")
    assert found["ok"]
    assert len(bytes.fromhex(found["digest"])) == 32
    assert found["digests"] == {"Workspace": found["digest"]}
    assert found["checked"]["changes"] > 1
    assert found["checked"]["states"] > 1
    assert found["checked"]["chain_records"] == 1


def test_the_digest_moves_with_what_is_saved(stock):
    before = stock.json("verify")["digest"]
    stock.json("record", "add", "stock", "item=bolt")
    assert stock.json("verify")["digest"] != before


def test_several_workspaces_have_a_digest_each(stock):
    stock.json("workspace", "create", "Archive")
    found = stock.json("verify")
    assert found["digest"] is None
    assert set(found["digests"]) == {"Workspace", "Archive"}
    assert stock.json("--workspace", "Archive", "verify")["digest"] == found["digests"]["Archive"]


def test_a_damaged_change_is_named_with_what_it_means(stock):
    planted(
        stock.home,
        "UPDATE change SET body = CAST(substr(body, 1, length(body) - 1) || x'00' AS BLOB) WHERE seq = 1",
    )
    found = stock.run("--json", "verify")
    assert found.code == 5
    (problem, *_) = found.json["problems"]
    assert problem["kind"] == "damaged_part"
    assert problem["where"].startswith("feed ")
    shown = stock.run("verify")
    assert shown.code == 5
    assert problem["detail"] in shown.out
    assert problem["meaning"] in shown.out
    assert "Copy the whole folder" in shown.err


@pytest.mark.parametrize(
    "statement", ["UPDATE chain SET record = x'93'", "UPDATE chain SET record = x''"]
)
def test_a_damaged_team_log_is_named_and_nothing_is_opened(stock, statement):
    planted(stock.home, statement)
    found = stock.run("--json", "verify")
    assert found.code == 5
    assert [each["kind"] for each in found.json["problems"]] == ["damaged_team"]
    refused = stock.run("--json", "record", "list", "stock")
    assert (refused.code, refused.error["code"]) == (5, "damaged_team")
    assert "Workspace" in refused.error["message"]
