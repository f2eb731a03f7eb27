"""Several ways in at once: each opens, each is changed by itself, none opens what is not its own."""

from __future__ import annotations

import base64
import json

import msgspec
import pytest

from sync import errors
from sync.vault import (
    LEAST_COST,
    Private,
    Recovery,
    RecoveryCode,
    Vault,
    WorkspaceEntry,
    form,
)
from tests.support.rings import HeldRing

PASSPHRASE = "correct horse"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vault.json"


@pytest.fixture
def ring():
    return HeldRing()


def person(code):
    entry = WorkspaceEntry("ws-1", "0" * 32, "Practice", code.spare())
    joined = WorkspaceEntry("ws-2", "1" * 32, "Joined elsewhere")
    return Private("device-1", "Reception", "Ann", (entry, joined), Recovery(code.reveal()))


@pytest.fixture
def vault(path):
    made = Vault.create(path, person(RecoveryCode.new()), passphrase=PASSPHRASE, cost=LEAST_COST)
    made.save()
    return made


def slots_of(path):
    return json.loads(path.read_bytes())["slots"]


def test_each_way_opens_the_same_keys(vault, path, ring):
    code = vault.make_sheet(LEAST_COST)
    vault.keep_in(ring)
    assert vault.slots == ("passphrase", "recovery", "keyring")
    for way in (
        lambda each: each.unlock(PASSPHRASE),
        lambda each: each.unlock_by_sheet(code),
        lambda each: each.unlock_by_keyring(ring),
    ):
        opened = Vault.open(path)
        assert opened.locked
        way(opened)
        assert opened.database_key("w") == vault.database_key("w")


@pytest.mark.parametrize(
    ("act", "slot"),
    [
        (lambda vault, _: vault.set_passphrase("another", LEAST_COST), "passphrase"),
        (lambda vault, _: vault.make_sheet(LEAST_COST), "recovery"),
        (lambda vault, ring: vault.keep_in(ring), "keyring"),
    ],
    ids=["passphrase", "recovery", "keyring"],
)
def test_changing_one_way_rewrites_one_slot(vault, path, ring, act, slot):
    vault.make_sheet(LEAST_COST)
    vault.keep_in(ring)
    before = slots_of(path)
    act(vault, ring)
    after = slots_of(path)
    assert {name for name in before if before[name] != after[name]} == {slot}


def test_a_new_sheet_makes_the_old_one_worthless(vault, path):
    old = vault.make_sheet(LEAST_COST)
    new = vault.make_sheet(LEAST_COST)
    opened = Vault.open(path)
    with pytest.raises(errors.WrongRecoveryCodeError):
        opened.unlock_by_sheet(old)
    assert opened.locked
    opened.unlock_by_sheet(new)


def test_without_a_sheet_its_code_is_no_way_in(vault, path):
    with pytest.raises(errors.NoSheetError):
        Vault.open(path).unlock_by_sheet(RecoveryCode.new())


def test_a_forgotten_passphrase_is_replaced_by_way_of_the_sheet(vault, path):
    code = vault.make_sheet(LEAST_COST)
    lost = Vault.open(path)
    lost.unlock_by_sheet(code)
    lost.set_passphrase("found", LEAST_COST)
    opened = Vault.open(path)
    with pytest.raises(errors.WrongPassphraseError):
        opened.unlock(PASSPHRASE)
    opened.unlock("found")
    opened.lock()
    opened.unlock_by_sheet(code)


def test_a_slot_does_not_open_under_another_name(vault, path):
    code = vault.make_sheet(LEAST_COST)
    content = json.loads(path.read_bytes())
    slots = content["slots"]
    slots["passphrase"], slots["recovery"] = slots["recovery"], slots["passphrase"]
    put_back(path, content)
    opened = Vault.open(path)
    with pytest.raises(errors.WrongPassphraseError):
        opened.unlock(PASSPHRASE)
    with pytest.raises(errors.WrongRecoveryCodeError):
        opened.unlock_by_sheet(code)


def put_back(path, content):
    """Write a bent file with the check sum that an attacker would give it."""
    content["check"] = base64.b64encode(bytes(32)).decode()
    file = msgspec.json.decode(msgspec.json.encode(content), type=form.File)
    path.write_bytes(form.encoded(form.checked(file)))


@pytest.mark.parametrize("slot", ["passphrase", "recovery"])
@pytest.mark.parametrize("setting", [{"passes": 1}, {"passes": 11}, {"memory_bytes": 8192}])
def test_settings_of_any_slot_are_bounds_checked_before_use(vault, path, slot, setting):
    vault.make_sheet(LEAST_COST)
    content = json.loads(path.read_bytes())
    content["slots"][slot].update(setting)
    path.write_bytes(msgspec.json.encode(content))
    with pytest.raises(errors.DamagedVaultError, match="out of bounds"):
        Vault.open(path)


# -- removing ----------------------------------------------------------------------------------


def test_a_way_can_be_closed_and_then_opens_nothing(vault, path):
    code = vault.make_sheet(LEAST_COST)
    vault.remove_slot("recovery")
    with pytest.raises(errors.NoSheetError):
        Vault.open(path).unlock_by_sheet(code)
    Vault.open(path).unlock(PASSPHRASE)


def test_the_last_way_in_is_never_closed(vault, path):
    before = path.read_bytes()
    with pytest.raises(errors.LastSlotError):
        vault.remove_slot("passphrase")
    assert path.read_bytes() == before
    bare = Vault.create(path.with_name("bare.json"), person(RecoveryCode.new()), passphrase=None)
    bare.save()
    with pytest.raises(errors.LastSlotError):
        bare.remove_slot("unprotected")


def test_a_locked_vault_changes_none_of_its_ways(vault, ring):
    vault.lock()
    for act in (
        lambda: vault.make_sheet(LEAST_COST),
        lambda: vault.keep_in(ring),
        lambda: vault.remove_slot("passphrase"),
    ):
        with pytest.raises(errors.VaultLockedError):
            act()
    assert not ring.kept


# -- the keyring -------------------------------------------------------------------------------


def test_a_keyring_that_cannot_be_relied_on_changes_nothing(vault, path):
    before = path.read_bytes()
    with pytest.raises(errors.KeyringRefusedError, match="is not used: no"):
        vault.keep_in(HeldRing("no"))
    assert path.read_bytes() == before


def test_a_slot_that_cannot_be_written_leaves_no_key_in_the_keyring(vault, path, ring, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(errors.VaultNotWrittenError):
        vault.keep_in(ring)
    assert not ring.kept
    assert path.read_bytes() == before


def test_an_unprotected_vault_has_nothing_for_a_keyring_to_do(path, ring):
    bare = Vault.create(path, person(RecoveryCode.new()), passphrase=None)
    bare.save()
    with pytest.raises(errors.KeyringRefusedError, match="no passphrase"):
        bare.keep_in(ring)
    assert not ring.kept


@pytest.mark.parametrize("held", [None, b"", bytes(31), bytes(32)], ids=repr)
def test_a_keyring_without_the_right_key_opens_nothing(vault, path, ring, held):
    vault.keep_in(ring)
    (account,) = ring.kept
    if held is None:
        ring.kept.clear()
    else:
        ring.kept[account] = held
    opened = Vault.open(path)
    with pytest.raises(errors.KeyringKeyMissingError):
        opened.unlock_by_keyring(ring)
    assert opened.locked
    opened.unlock(PASSPHRASE)


def test_where_the_keyring_is_no_way_in_it_is_locked(vault, path, ring):
    with pytest.raises(errors.VaultLockedError):
        Vault.open(path).unlock_by_keyring(ring)


def test_the_keyring_keeps_one_key_for_a_vault_and_loses_it_with_its_slot(vault, path, ring):
    vault.keep_in(ring)
    (first,) = ring.kept
    vault.keep_in(ring)
    assert len(ring.kept) == 1
    assert first not in ring.kept
    vault.remove_slot("keyring", ring)
    assert not ring.kept
    assert vault.slots == ("passphrase",)


def test_signing_out_empties_the_keyring_until_signing_in(vault, path, ring):
    assert vault.sign_out(ring) is vault.sign_in(ring) is False
    vault.keep_in(ring)
    assert vault.sign_out(ring)
    assert not ring.kept
    with pytest.raises(errors.KeyringKeyMissingError):
        Vault.open(path).unlock_by_keyring(ring)
    assert vault.sign_in(ring)
    Vault.open(path).unlock_by_keyring(ring)
    assert not vault.sign_in(ring)


# -- the recovery keys of workspaces -----------------------------------------------------------


def test_the_first_sheet_stands_for_the_keys_that_its_workspaces_were_founded_with(vault):
    before = vault.private().workspaces
    further = vault.take_recovery_keys()
    code = vault.make_sheet(LEAST_COST)
    assert vault.private().workspaces == before
    founded = before[0].recovery
    assert code.public(founded.chance) == founded
    assert code.public(further.chance) == further


def test_of_a_code_on_paper_public_halves_are_kept_and_nothing_else(vault):
    code = vault.make_sheet(LEAST_COST)
    private = vault.private()
    assert private.recovery.code is None
    for keys in (private.workspaces[0].recovery, *private.recovery.spare):
        assert code.public(keys.chance) == keys


def test_a_new_sheet_gives_each_founded_workspace_a_new_key_and_joined_ones_none(vault):
    vault.make_sheet(LEAST_COST)
    founded, joined = vault.private().workspaces
    code = vault.make_sheet(LEAST_COST)
    after, still_joined = vault.private().workspaces
    assert after.recovery != founded.recovery
    assert after.recovery == code.public(founded.recovery.chance)
    assert still_joined == joined


def test_no_two_workspaces_get_the_same_recovery_keys_and_they_end(vault):
    code = vault.make_sheet(LEAST_COST)
    taken = [vault.take_recovery_keys() for _ in range(16)]
    assert len({each.chance for each in taken}) == 16
    assert all(code.public(each.chance) == each for each in taken)
    with pytest.raises(errors.RecoverySpentError):
        vault.take_recovery_keys()
    vault.make_sheet(LEAST_COST)
    vault.take_recovery_keys()


def test_two_workspaces_share_no_key(vault):
    keys = [
        derive(workspace)
        for workspace in ("ws-1", "ws-2")
        for derive in (vault.database_key, vault.blob_key, vault.device_secret)
    ]
    assert len(set(keys)) == 6
    assert {len(each) for each in keys} == {32}
