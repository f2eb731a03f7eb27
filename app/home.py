"""A home: one person's installation on this computer, with its keys, settings and workspaces.

It owns the folder's layout and the list of workspaces, which only the vault can read. On disk no
name of a person, device or workspace stands in clear.

1. What makes something exist is the last write: a store is made first, then the vault names it.
   A crash between leaves an unreadable folder that nothing refers to.
2. A store that the vault names and the disk lacks is an error, never made anew.
3. Keys of a workspace are derived for its folder's name: its id is the hash of a genesis that holds
   this device's public keys, so it comes after them.
"""

import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from app.errors import (
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
from app.model.schema import check_name
from app.places import Places
from app.workspace import Workspace
from storage import RecordIds, Store, commits_noted
from sync.durable import make_private_folder
from sync.errors import EmptyPassphraseError, UnprotectedError
from sync.vault import (
    USUAL_COST,
    Cost,
    Private,
    Recovery,
    RecoveryCode,
    Ring,
    SystemRing,
    Vault,
    WorkspaceEntry,
    new_id,
    prove,
)

FIRST_WORKSPACE: Final = "Workspace"

_FOUNDER: Final = 0  # ordinal of the device in its team (rule 3); a home of one has one device


class HomeFacts(NamedTuple):
    """Who this home belongs to and what it holds."""

    device_id: str
    device_name: str
    member_name: str
    workspaces: tuple[WorkspaceEntry, ...]


class Home:
    """One person's installation; time and the system's keyring are handed in."""

    def __init__(
        self, places: Places, vault: Vault, clock: Callable[[], float], ring: Ring | None = None
    ) -> None:
        self.places = places
        self._vault = vault
        self._clock = clock
        self._ring = ring or SystemRing()

    @classmethod
    def create(  # noqa: PLR0913 - each is a fact that only the person knows
        cls,
        path: Path,
        *,
        member: str,
        device: str,
        clock: Callable[[], float],
        workspace: str = FIRST_WORKSPACE,
        passphrase: str | None = None,
        unprotected: bool = False,
        cost: Cost = USUAL_COST,
        ring: Ring | None = None,
    ) -> "Home":
        """Set up a home with one workspace; with no passphrase only if `unprotected` says so."""
        if (passphrase is None) != unprotected:
            raise ValueError("either a passphrase or unprotected")
        places = Places(path)
        names = [check_name(name) for name in (member, device, workspace)]
        _refuse_used(places)
        code = RecoveryCode.new()
        entry = WorkspaceEntry(new_id(), new_id(), names[2], code.spare())
        private = Private(new_id(), names[1], names[0], (entry,), Recovery(code.reveal()))
        vault = Vault.create(places.vault, private, passphrase=passphrase, cost=cost)
        home = cls(places, vault, clock, ring)
        try:
            make_private_folder(path)
            make_private_folder(places.workspaces)
            home._make_store(entry)
        except OSError as error:
            raise HomeNotWrittenError(path, error.strerror or str(error)) from error
        vault.save()
        return home

    @classmethod
    def open(cls, path: Path, *, clock: Callable[[], float], ring: Ring | None = None) -> "Home":
        """Open a home, locked unless it is unprotected; NoHomeError if none was set up."""
        places = Places(path)
        if not places.vault.exists():
            raise LostVaultError(path) if _has_records(places) else NoHomeError(path)
        return cls(places, Vault.open(places.vault), clock, ring)

    @property
    def locked(self) -> bool:
        """Whether the passphrase is needed first."""
        return self._vault.locked

    @property
    def protection(self) -> Literal["passphrase", "unprotected"]:
        """What keeps others out."""
        return self._vault.protection

    @property
    def slots(self) -> tuple[str, ...]:
        """The ways in: of "passphrase", "recovery", "keyring", "unprotected"."""
        return self._vault.slots

    # -- in and out ------------------------------------------------------------------------------
    def unlock(self, passphrase: str) -> None:
        """Open with the passphrase, about 0.2 s of work; WrongPassphraseError if it is not the one."""
        self._vault.unlock(passphrase)

    def unlock_by_keyring(self) -> None:
        """Open with the key in the system's keyring; VaultLockedError if that is no way in here."""
        self._vault.unlock_by_keyring(self._ring)

    def unlock_by_sheet(self, code: str, passphrase: str, cost: Cost = USUAL_COST) -> None:
        """Open with the code of the recovery sheet, as typed, and set a new passphrase."""
        if not passphrase:
            raise EmptyPassphraseError(self.places.vault)
        self._vault.unlock_by_sheet(RecoveryCode.parse(code))
        self._vault.set_passphrase(passphrase, cost)

    def lock(self) -> None:
        """Forget the keys; whoever opened workspaces closes them first."""
        self._vault.lock()

    # -- ways in ---------------------------------------------------------------------------------
    def set_passphrase(self, passphrase: str, cost: Cost = USUAL_COST) -> None:
        """Change or set the passphrase; the data is not written again."""
        self._vault.set_passphrase(passphrase, cost)

    def make_sheet(self, cost: Cost = USUAL_COST) -> RecoveryCode:
        """Make a recovery sheet's code, which is kept nowhere; an older sheet opens nothing any more."""
        return self._vault.make_sheet(cost)

    def refuse_unprotected(self) -> None:
        """Raise UnprotectedError where there is no passphrase to ask for."""
        if self.protection == "unprotected":
            raise UnprotectedError(self.places.vault)

    @staticmethod
    def prove_keyring(ring: Ring | None = None) -> None:
        """Raise KeyringRefusedError unless the system's keyring keeps a key."""
        prove(ring or SystemRing(), new_id())

    def keyring_refusal(self) -> str:
        """Why the system's keyring cannot unlock it, as half a sentence; nothing if it can."""
        return self._ring.refusal()

    def keep_signed_in(self) -> None:
        """Let the system's keyring unlock it from now on; KeyringRefusedError."""
        self._vault.keep_in(self._ring)

    def ask_always(self) -> None:
        """Let the keyring unlock it no more."""
        self._vault.remove_slot("keyring", self._ring)

    def sign_out(self) -> bool:
        """Take the key out of the keyring until `sign_in`; False if none was there."""
        return self._vault.sign_out(self._ring)

    def sign_in(self) -> bool:
        """Give the keyring a key again if it is a way in here and lacks it."""
        return self._vault.sign_in(self._ring)

    # -- what it holds ---------------------------------------------------------------------------
    def facts(self) -> HomeFacts:
        """Who this home belongs to and what it holds; VaultLockedError while it is locked."""
        private = self._vault.private()
        return HomeFacts(
            private.device_id, private.device_name, private.member_name, private.workspaces
        )

    def workspace(self, name: str | None = None, *, read_only: bool = False) -> Workspace:
        """Open a workspace by name; the only one if None. The caller closes it."""
        entry = self._entry(name)
        path = self.places.store(entry.folder)
        if not path.exists():
            raise MissingStoreError(path, entry.name)
        store = self._store(entry, create=False, read_only=read_only)
        return Workspace(store, name=entry.name, id=entry.id)

    def create_workspace(self, name: str) -> Workspace:
        """Make and open one more workspace; NameTakenError if there is one of that name."""
        checked = check_name(name)
        _refuse_taken(checked, self.facts().workspaces)
        recovery = self._vault.take_recovery_keys()
        entry = WorkspaceEntry(new_id(), new_id(), checked, recovery)
        try:
            self._make_store(entry)
        except OSError as error:
            raise HomeNotWrittenError(self.places.home, error.strerror or str(error)) from error

        def added(private: Private) -> Private:
            # Asked again under the vault's lock: another process may have made the same one.
            _refuse_taken(entry.name, private.workspaces)
            return msgspec.structs.replace(private, workspaces=(*private.workspaces, entry))

        self._vault.change_private(added)
        return self.workspace(entry.name)

    def bytes_on_disk(self, folder: str) -> int:
        """Return how many bytes a workspace's folder takes; nothing if it is gone."""
        return sum(map(_size, self.places.store(folder).parent.glob("*")))

    def folders(self) -> list[str]:
        """Return the workspaces' folders, which are there to see even while all is locked."""
        if not self.places.workspaces.is_dir():
            return []
        return sorted(each.name for each in self.places.workspaces.iterdir() if each.is_dir())

    def _entry(self, name: str | None) -> WorkspaceEntry:
        there = self.facts().workspaces
        if name is not None:
            for each in there:
                if each.name == name:
                    return each
            raise NoSuchWorkspaceError(name, [each.name for each in there])
        if len(there) != 1:
            raise ManyWorkspacesError(each.name for each in there)
        return there[0]

    def _make_store(self, entry: WorkspaceEntry) -> None:
        make_private_folder(self.places.store(entry.folder).parent)
        self._store(entry, create=True).close()

    def _store(self, entry: WorkspaceEntry, *, create: bool, read_only: bool = False) -> Store:
        return Store(
            self.places.store(entry.folder),
            key=self._vault.database_key(entry.folder),
            ids=RecordIds(clock=self._clock, device_number=_FOUNDER),
            create=create,
            read_only=read_only,
            clock=self._clock,
        )


def _size(file: Path) -> int:
    """The bytes of a file; none if it went meanwhile, as the log of a store does that another process closes."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def _refuse_used(places: Places) -> None:
    if places.vault.exists():
        raise HomeExistsError(places.home)
    if places.home.exists() and not places.home.is_dir():
        raise HomeNotEmptyError(places.home, "it is a file")
    if _has_records(places):
        raise LostVaultError(places.home)
    # A setup that was cut off leaves these; so do settings that were laid down before.
    ours = {"settings.toml", "settings.lock", "logs", "workspaces", "vault.lock"}
    found = [each.name for each in places.home.iterdir()] if places.home.exists() else []
    if other := sorted(
        name for name in found if name not in ours and not name.startswith(".vault")
    ):
        raise HomeNotEmptyError(places.home, ", ".join(other[:3]))


def _has_records(places: Places) -> bool:
    """Whether something was ever committed to a store here; a setup that was cut off leaves empty ones."""
    return any(commits_noted(store) for store in places.workspaces.glob("*/store.db"))


def _refuse_taken(name: str, there: Iterable[WorkspaceEntry]) -> None:
    if any(each.name == name for each in there):
        raise NameTakenError("workspace", name)
