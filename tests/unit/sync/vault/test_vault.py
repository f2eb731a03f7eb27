"""The vault: what opens it, what does not, and that the file cannot be bent."""

from __future__ import annotations

import base64
import json
import logging
import pickle
import stat
import sys
import threading
import unicodedata

import msgspec
import pytest

from sync import errors
from sync.vault import LEAST_COST, Cost, Private, Vault, WorkspaceEntry, form, new_id
from sync.vault.disk import SIZE_LIMIT_BYTES

PERSON = Private(
    "device-1", "Reception", "Ann Sørensen", (WorkspaceEntry("ws-1", "0" * 32, "Practice"),)
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vault.json"


@pytest.fixture
def vault(path):
    made = Vault.create(path, PERSON, passphrase="correct horse", cost=LEAST_COST)
    made.save()
    return made


def test_the_passphrase_opens_what_was_sealed(vault, path):
    opened = Vault.open(path)
    assert opened.locked
    assert opened.protection == "passphrase"
    opened.unlock("correct horse")
    assert opened.private() == PERSON
    assert opened.database_key("ws-1") == vault.database_key("ws-1")


def test_each_workspace_has_a_key_of_its_own(vault):
    keys = {vault.database_key(name) for name in ("ws-1", "ws-2", "ws-11")}
    assert len(keys) == 3
    assert all(len(key) == 32 for key in keys)


def test_a_wrong_passphrase_is_told_apart_from_damage(vault, path):
    with pytest.raises(errors.WrongPassphraseError):
        Vault.open(path).unlock("correct horsf")


def test_a_passphrase_typed_with_other_code_points_is_the_same(path):
    Vault.create(
        path, PERSON, passphrase=unicodedata.normalize("NFC", "Zürich"), cost=LEAST_COST
    ).save()
    opened = Vault.open(path)
    opened.unlock(unicodedata.normalize("NFD", "Zürich"))
    assert not opened.locked


def test_nothing_is_told_while_it_is_locked(vault, path):
    locked = Vault.open(path)
    for ask in (
        locked.private,
        lambda: locked.database_key("ws-1"),
        lambda: locked.set_passphrase("x"),
    ):
        with pytest.raises(errors.VaultLockedError):
            ask()


def test_locking_forgets_the_key(vault):
    vault.lock()
    assert vault.locked
    with pytest.raises(errors.VaultLockedError):
        vault.private()


def test_unprotected_is_said_in_the_file_and_opens_by_itself(path):
    Vault.create(path, PERSON, passphrase=None).save()
    opened = Vault.open(path)
    assert opened.protection == "unprotected"
    assert opened.private() == PERSON
    opened.lock()
    assert not opened.locked
    assert "no passphrase" in json.loads(path.read_bytes())["slots"]["unprotected"]["notice"]


def test_an_empty_passphrase_is_refused(path, vault):
    with pytest.raises(errors.EmptyPassphraseError):
        Vault.create(path, PERSON, passphrase="")
    with pytest.raises(errors.EmptyPassphraseError):
        vault.set_passphrase("")
    Vault.open(path).unlock("correct horse")


def test_a_change_of_passphrase_rewrites_one_slot_and_nothing_else(vault, path):
    before, key = json.loads(path.read_bytes()), vault.database_key("ws-1")
    vault.set_passphrase("new one", cost=LEAST_COST)
    after = json.loads(path.read_bytes())
    assert before["slots"].pop("passphrase") != after["slots"].pop("passphrase")
    for each in (before, after):
        each.pop("check")
    assert before == after
    opened = Vault.open(path)
    with pytest.raises(errors.WrongPassphraseError):
        opened.unlock("correct horse")
    opened.unlock("new one")
    assert opened.database_key("ws-1") == key


def test_setting_a_passphrase_ends_being_unprotected(path):
    open_to_all = Vault.create(path, PERSON, passphrase=None)
    open_to_all.save()
    bare = json.loads(path.read_bytes())["slots"]["unprotected"]["key"]
    open_to_all.set_passphrase("now closed", cost=LEAST_COST)
    assert bare not in path.read_text()
    assert Vault.open(path).locked


def test_a_second_vault_is_never_written_over_the_first(vault, path):
    with pytest.raises(errors.VaultExistsError):
        Vault.create(path, PERSON, passphrase=None).save()
    Vault.open(path).unlock("correct horse")


def test_no_name_stands_in_clear(vault, path):
    data = path.read_bytes()
    for name in ("Reception", "Ann", "Sørensen", "Practice", "device-1", "ws-1"):
        assert name.encode() not in data
        assert base64.b64encode(name.encode()).rstrip(b"=") not in data


def test_the_length_of_names_does_not_show(path, tmp_path):
    longer = tmp_path / "longer.json"
    Vault.create(path, PERSON, passphrase="x", cost=LEAST_COST).save()
    named = msgspec.structs.replace(PERSON, member_name=PERSON.member_name * 5)
    Vault.create(longer, named, passphrase="x", cost=LEAST_COST).save()
    assert path.stat().st_size == longer.stat().st_size


def test_keys_are_in_no_repr_pickle_or_log(vault, caplog):
    caplog.set_level(logging.DEBUG)
    key = vault._key.reveal()
    vault.private()
    for said in (repr(vault), repr(vault._key), str(vars(vault)), caplog.text):
        assert key.hex() not in said
        assert repr(key) not in said
    with pytest.raises(TypeError):
        pickle.dumps(vault._key)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_only_its_owner_may_read_it(vault, path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# ------------------------------------------------------------------------------- bent files


def written(path, change):
    """Change the file's content and make its check sum right again, as an attacker would."""
    content = json.loads(path.read_bytes())
    change(content)
    content["check"] = base64.b64encode(bytes(32)).decode()
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
        decoded = msgspec.json.decode(path.read_bytes(), type=form.File)
        path.write_bytes(form.encoded(form.checked(decoded)))
    except msgspec.ValidationError:
        pass  # out of bounds, so that not even its check sum can be made


def test_a_weakened_slot_does_not_open(vault, path):
    written(path, lambda content: content["slots"]["passphrase"].update(passes=3))
    with pytest.raises(errors.WrongPassphraseError):
        Vault.open(path).unlock("correct horse")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("passes", 1),
        ("passes", 11),
        ("memory_bytes", 8192),
        ("memory_bytes", 1 << 40),
        ("passes", -1),
    ],
)
def test_settings_out_of_bounds_are_refused_before_they_are_used(vault, path, setting, value):
    written(path, lambda content: content["slots"]["passphrase"].update({setting: value}))
    with pytest.raises(errors.DamagedVaultError, match="out of bounds"):
        Vault.open(path)


def test_a_slot_of_another_vault_does_not_open_this_one(vault, path, tmp_path):
    other = tmp_path / "other.json"
    Vault.create(other, PERSON, passphrase="correct horse", cost=LEAST_COST).save()
    slot = json.loads(other.read_bytes())["slots"]
    written(path, lambda content: content.update(slots=slot))
    with pytest.raises(errors.WrongPassphraseError):
        Vault.open(path).unlock("correct horse")


def test_a_sealed_part_of_another_vault_is_damage(vault, path, tmp_path):
    other = tmp_path / "other.json"
    Vault.create(other, PERSON, passphrase="correct horse", cost=LEAST_COST).save()
    private = json.loads(other.read_bytes())["private"]
    written(path, lambda content: content.update(private=private))
    with pytest.raises(errors.DamagedVaultError, match="sealed part"):
        Vault.open(path).unlock("correct horse")


def test_a_vault_put_in_place_of_an_open_one_is_noticed(vault, path):
    path.unlink()
    Vault.create(path, PERSON, passphrase="correct horse", cost=LEAST_COST).save()
    with pytest.raises(errors.DamagedVaultError, match="another vault"):
        vault.private()


def test_two_slots_that_exclude_each_other_are_damage(vault, path):
    bare = {"notice": "x", "key": base64.b64encode(bytes(32)).decode()}
    written(path, lambda content: content["slots"].update(unprotected=bare))
    with pytest.raises(errors.DamagedVaultError):
        Vault.open(path)


def test_a_newer_format_is_refused_in_words_and_left_alone(vault, path):
    content = json.loads(path.read_bytes()) | {"format": 2, "something": "new"}
    path.write_text(json.dumps(content))
    before = path.read_bytes()
    with pytest.raises(errors.NewerVaultError, match="newer version"):
        Vault.open(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"null",
        b"[" * 100_000,
        b'{"format": 1}',
        b'{"format": "1"}',
        b'{"format": 1, "format": 1}',
        b"\xff\xfe\x00",
        b"\x00" * 600,
        b" " * (SIZE_LIMIT_BYTES + 1),
    ],
    ids=lambda data: repr(data[:16]),
)
def test_what_is_no_vault_is_said_to_be_damaged(path, data):
    path.write_bytes(data)
    with pytest.raises(errors.DamagedVaultError):
        Vault.open(path)


def test_a_file_that_may_not_be_read_is_not_called_damaged(vault, path, monkeypatch):
    def refused(*_args, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refused)
    with pytest.raises(errors.UnreadableVaultError, match="Permission denied") as found:
        Vault.open(path)
    assert "damaged" not in str(found.value)


def test_no_vault_is_told_apart_from_a_damaged_one(path):
    with pytest.raises(errors.NoVaultError):
        Vault.open(path)


# ---------------------------------------------------------------------------------- writing


def adding(name):
    """A change that adds a workspace."""
    entry = WorkspaceEntry(new_id(), new_id(), name)

    def added(private: Private) -> Private:
        return msgspec.structs.replace(private, workspaces=(*private.workspaces, entry))

    return added


def test_a_workspace_added_elsewhere_is_seen_and_kept(vault, path):
    elsewhere = Vault.open(path)
    elsewhere.unlock("correct horse")

    elsewhere.change_private(adding("Archive"))
    vault.change_private(adding("Stock"))
    for each in (vault, elsewhere):
        assert [one.name for one in each.private().workspaces] == ["Practice", "Archive", "Stock"]


def test_writers_at_once_lose_nothing(path):
    Vault.create(path, PERSON, passphrase=None).save()

    def add(number):
        mine = Vault.open(path)
        for turn in range(5):
            mine.change_private(adding(f"{number}-{turn}"))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Vault.open(path).private().workspaces) == 1 + 4 * 5


def test_a_write_that_fails_leaves_the_old_file(vault, path, monkeypatch):
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(errors.VaultNotWrittenError, match="No space left"):
        vault.set_passphrase("another", cost=LEAST_COST)
    assert path.read_bytes() == before
    assert sorted(each.name for each in path.parent.iterdir()) == ["vault.json", "vault.lock"]


@pytest.mark.parametrize("act", ["open", "write"])
def test_what_killed_writers_left_is_cleared_away(vault, path, act):
    left = path.parent / ".vault.json.x1y2z3"
    left.write_bytes(b"half a file")
    other = path.parent / ".vault.jsonx"
    other.write_bytes(b"somebody else's")
    Vault.open(path) if act == "open" else vault.change_private(adding("Stock"))
    assert not left.exists()
    assert other.exists()


def test_too_little_memory_is_said_in_words(vault, path, monkeypatch):
    def none_left(*_):
        raise MemoryError

    monkeypatch.setattr("nacl.pwhash.argon2id.kdf", none_left)
    with pytest.raises(errors.KeyMemoryError, match="19 MB"):
        Vault.open(path).unlock("correct horse")


@pytest.mark.parametrize("kind", errors.VaultError.__subclasses__(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_sentence_for_its_reader(kind):
    assert kind.__doc__.strip().endswith(".")


def test_a_passphrase_changed_by_another_process_is_the_one_that_unlocks(vault, path):
    vault.lock()
    other = Vault.open(path)
    other.unlock("correct horse")
    other.set_passphrase("battery staple", LEAST_COST)

    with pytest.raises(errors.WrongPassphraseError):
        vault.unlock("correct horse")
    assert vault.locked
    vault.unlock("battery staple")
    assert vault.private() == PERSON


def test_the_bare_key_of_an_unprotected_vault_is_in_no_repr(path):
    bare = Vault.create(path, PERSON, passphrase=None)
    assert repr(bare._key.reveal()) not in repr(vars(bare))


@pytest.mark.parametrize("name", ["", "n" * 401], ids=["empty", "too long"])
def test_what_could_not_be_read_again_is_not_sealed(vault, path, name):
    before = path.read_bytes()
    with pytest.raises(ValueError, match="member_name"):
        vault.change_private(lambda private: msgspec.structs.replace(private, member_name=name))
    assert path.read_bytes() == before
    with pytest.raises(ValueError, match="device_id"):
        Vault.create(path, Private(name, "Desk", "Ben"), passphrase=None)


@pytest.mark.parametrize("cost", [Cost(1, 64 << 20), Cost(3, 8 << 20), Cost(3, 2 << 30)])
def test_a_cost_out_of_bounds_is_refused_before_anything_is_written(vault, path, cost):
    before = path.read_bytes()
    with pytest.raises(ValueError, match="is not between"):
        vault.set_passphrase("battery staple", cost)
    assert path.read_bytes() == before
