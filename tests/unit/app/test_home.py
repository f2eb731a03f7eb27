"""A home: set up once, opened by its passphrase, and silent on disk."""

from __future__ import annotations

import base64
import stat
import sys
import time
from typing import Any

import pytest

from app.errors import (
    BadNameError,
    HomeExistsError,
    HomeNotEmptyError,
    HomeNotWrittenError,
    LostVaultError,
    ManyWorkspacesError,
    MissingStoreError,
    NameTakenError,
    NoHomeError,
    NoSuchWorkspaceError,
)
from app.home import Home
from storage import DamagedStoreError, StorageError, Store, WrongKeyError
from sync.errors import (
    RecoverySpentError,
    UnreadableVaultError,
    VaultLockedError,
    WrongPassphraseError,
)
from sync.vault import LEAST_COST


def set_up(path, **more):
    given: dict[str, Any] = {"member": "Ann", "device": "Laptop", "unprotected": True, **more}
    return Home.create(path, clock=time.time, **given)


def opened(path):
    return Home.open(path, clock=time.time)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home"


def test_what_is_stored_is_there_when_it_is_opened_again(path):
    set_up(path, passphrase="open", unprotected=False, cost=LEAST_COST)
    home = opened(path)
    home.unlock("open")
    with home.workspace() as workspace:
        workspace.create_collection("Stock", [("item", "text")])
        (record,) = workspace.add("Stock", [{"item": "drill"}])
    again = opened(path)
    again.unlock("open")
    with again.workspace("Workspace") as workspace:
        assert workspace.find(record) == ("Stock", {"item": "drill"})


def test_a_locked_home_tells_nothing(path):
    set_up(path, passphrase="open", unprotected=False, cost=LEAST_COST)
    home = opened(path)
    assert home.locked
    for ask in (home.facts, home.workspace):
        with pytest.raises(VaultLockedError):
            ask()
    with pytest.raises(WrongPassphraseError):
        home.unlock("shut")
    home.unlock("open")
    home.lock()
    assert home.locked


def test_it_knows_whose_it_is(path):
    facts = set_up(path, workspace="Practice").facts()
    assert (facts.member_name, facts.device_name) == ("Ann", "Laptop")
    assert [each.name for each in facts.workspaces] == ["Practice"]


def test_no_name_is_on_disk_in_clear(path):
    names = [
        "Xanthippe",
        "Reception-PC",
        "Zahnarztpraxis",
        "Patienten",
        "Geburtsdatum",
        "Müller-Lüdenscheidt",
    ]
    home = set_up(
        path,
        member=names[0],
        device=names[1],
        workspace=names[2],
        passphrase="p",
        unprotected=False,
        cost=LEAST_COST,
    )
    with home.workspace() as workspace:
        workspace.create_collection(names[3], [(names[4], "text")])
        workspace.add(names[3], [{names[4]: names[5]}])
        files = [each for each in path.rglob("*") if each.is_file()]
        data = b"".join(each.read_bytes() for each in files)
    paths = "".join(str(each) for each in path.rglob("*"))
    for name in names:
        for spelled in (name.encode(), name.encode("utf-16-le"), name.encode().hex().encode()):
            assert spelled not in data
        assert base64.b64encode(name.encode())[:-4] not in data
        assert name not in paths


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_only_its_owner_may_enter(path):
    set_up(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_setting_up_twice_is_refused_and_changes_nothing(path):
    before = set_up(path).facts()
    with pytest.raises(HomeExistsError):
        set_up(path)
    assert opened(path).facts() == before


def test_a_folder_with_other_things_is_left_alone(path):
    path.mkdir()
    (path / "thesis.txt").write_text("years of work")
    with pytest.raises(HomeNotEmptyError, match=r"thesis\.txt"):
        set_up(path)
    assert [each.name for each in path.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_place_for_a_home(path):
    path.write_text("")
    with pytest.raises(HomeNotEmptyError):
        set_up(path)


def test_a_setup_that_was_cut_off_can_be_done_again(path, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("sync.vault.Vault.save", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            set_up(path)
    with pytest.raises(NoHomeError):
        opened(path)
    set_up(path)
    with opened(path).workspace() as workspace:
        assert workspace.collections() == ()


def test_settings_may_be_there_before(path):
    path.mkdir()
    (path / "settings.toml").write_text("")
    (path / "portable").touch()
    set_up(path)
    assert not opened(path).locked


def test_nothing_set_up_is_told_apart_from_everything_else(path):
    with pytest.raises(NoHomeError):
        opened(path)


def test_neither_passphrase_nor_unprotected_is_a_mistake_of_the_caller(path):
    for wrong in ({"unprotected": False}, {"passphrase": "x"}):
        with pytest.raises(ValueError, match="either"):
            set_up(path, **wrong)


def test_names_are_checked_before_anything_is_made(path):
    with pytest.raises(BadNameError):
        set_up(path, member="\n")
    assert not path.exists()


def test_several_workspaces_are_told_by_name(path):
    home = set_up(path)
    home.create_workspace("Archive").close()
    with pytest.raises(ManyWorkspacesError) as refused:
        home.workspace()
    assert '"Archive"' in refused.value.hint
    with home.workspace("Archive") as workspace:
        assert workspace.name == "Archive"
    with pytest.raises(NoSuchWorkspaceError, match="Archiv"):
        home.workspace("Archiv")
    with pytest.raises(NameTakenError):
        home.create_workspace("Archive")
    assert len(home.folders()) == 2


def test_workspaces_do_not_open_with_each_others_keys(path):
    home = set_up(path)
    home.create_workspace("Archive").close()
    first, second = home.facts().workspaces
    with pytest.raises(WrongKeyError):
        Store(
            home.places.store(second.folder),
            key=home._vault.database_key(first.folder),
            create=False,
        )


def test_a_data_file_that_is_gone_is_named_and_never_made_anew(path):
    home = set_up(path)
    store = home.places.store(home.facts().workspaces[0].folder)
    store.unlink()
    with pytest.raises(MissingStoreError, match="Workspace"):
        home.workspace()
    assert not store.exists()


def test_a_data_file_that_is_damaged_is_named(path):
    home = set_up(path)
    store = home.places.store(home.facts().workspaces[0].folder)
    store.write_bytes(b"\x00" * store.stat().st_size)
    with pytest.raises((DamagedStoreError, WrongKeyError)):
        home.workspace()


def test_a_changed_passphrase_opens_the_same_data(path):
    home = set_up(path)
    with home.workspace() as workspace:
        workspace.create_collection("C")
    home.set_passphrase("new", LEAST_COST)
    again = opened(path)
    assert again.locked
    again.unlock("new")
    with again.workspace() as workspace:
        assert [each.slug for each in workspace.collections()] == ["C"]


def test_ids_pass_what_floats_can_hold_and_never_repeat(path):
    with set_up(path).workspace() as workspace:
        workspace.create_collection("C")
        ids = workspace.add("C", [{}] * 200)
    assert len(set(ids)) == 200
    assert min(ids) > 2**53


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_a_place_that_cannot_be_written_is_said_in_words(tmp_path, monkeypatch):
    def refused(*_args, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.mkdir", refused)
    with pytest.raises((HomeNotWrittenError, StorageError), match="Permission denied"):
        set_up(tmp_path / "home")


def test_records_without_their_keys_are_named_and_nothing_is_made_beside_them(path):
    home = set_up(path)
    with home.workspace() as workspace:
        workspace.create_collection("Stock", [("item", "text")])
    (path / "vault.json").unlink()
    with pytest.raises(LostVaultError, match=r"vault\.json, which has their keys, is missing"):
        opened(path)
    with pytest.raises(LostVaultError):
        set_up(path)
    assert not (path / "vault.json").exists()


def test_a_lost_vault_is_named_even_if_setting_up_was_cut_off_at_its_very_end(path, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(
            "app.home.Path.unlink", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            set_up(path)
    assert opened(path).protection == "unprotected"
    (path / "vault.json").unlink()
    with pytest.raises(LostVaultError):
        opened(path)


@pytest.mark.skipif(sys.platform == "win32", reason="rights are others there")
def test_only_their_owner_may_look_at_the_stores(path):
    home = set_up(path)
    with home.workspace() as workspace:
        workspace.create_collection("Stock", [("item", "text")])
        places = [path, path / "workspaces", *(path / "workspaces").iterdir()]
        files = [each for each in path.rglob("store.db*") if each.is_file()]
        assert len(files) == 4
        assert {stat.S_IMODE(each.stat().st_mode) for each in places} == {0o700}
        assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}


def test_each_workspace_founded_here_has_recovery_keys_of_its_own(path):
    home = set_up(path)
    home.create_workspace("Archive").close()
    code = home.make_sheet(LEAST_COST)
    home.create_workspace("Later").close()
    entries = home.facts().workspaces
    assert [each.name for each in entries] == ["Workspace", "Archive", "Later"]
    keys = [each.recovery for each in entries]
    assert all(each is not None and code.public(each.chance) == each for each in keys)
    assert len({each.sign for each in keys}) == 3


def test_a_sheet_that_covers_no_more_is_said_before_anything_is_made(path):
    home = set_up(path)
    home.make_sheet(LEAST_COST)
    for _ in range(16):
        home._vault.take_recovery_keys()
    with pytest.raises(RecoverySpentError):
        home.create_workspace("One too many")
    assert len(home.folders()) == 1
    home.make_sheet(LEAST_COST)
    home.create_workspace("One too many").close()


def test_the_system_says_no_to_a_reader_without_rights(path, monkeypatch):
    set_up(path)
    monkeypatch.setattr(
        "sync.vault.disk.Path.open",
        lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")),
    )
    with pytest.raises(UnreadableVaultError, match="cannot be read: Permission denied"):
        opened(path)
