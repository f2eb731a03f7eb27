"""A home: one person's installation on this computer, with its keys, settings and workspaces.

It owns the folder's layout and the list of workspaces, which only the vault can read. On disk no
name of a person, device or workspace stands in clear.

1. What makes something exist is the last write: a store is made first, then the vault names it.
   A crash between leaves an unreadable folder that nothing refers to.
2. A store that the vault names and the disk lacks is an error, never made anew.
3. Keys of a workspace are derived for its folder's name: its id is the hash of a genesis that holds
   this device's public keys, so it comes after them.
"""

import contextlib
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from app.errors import (
    DamagedTeamError,
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
from app.marks import make_marks_folder
from app.model.families import Families
from app.model.schema import check_name
from app.places import Places
from app.ways import WaysIn
from app.workspace import Workspace
from storage import OlderFormatError, RecordIds, Store, read_chain, upgrade
from sync.blobs import BlobSeals
from sync.durable import make_private_folder
from sync.errors import NewerRecordError, NoSeatError, TeamLogError
from sync.keys import DeviceKeys
from sync.seat import Seat
from sync.vault import (
    USUAL_COST,
    Cost,
    Private,
    Recovery,
    RecoveryCode,
    RecoveryKeys,
    Ring,
    SystemRing,
    Vault,
    WorkspaceEntry,
    chance,
    new_id,
    prove,
)

FIRST_WORKSPACE: Final = "Workspace"


class HomeFacts(NamedTuple):
    """Who this home belongs to and what it holds."""

    device_id: str
    device_name: str
    member_name: str
    workspaces: tuple[WorkspaceEntry, ...]


class Home(WaysIn):
    """One person's installation; time and the system's keyring are handed in."""

    def __init__(
        self, places: Places, vault: Vault, clock: Callable[[], float], ring: Ring | None = None
    ) -> None:
        super().__init__(places, vault, ring or SystemRing())
        self._clock = clock

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
        state: Path | None = None,
    ) -> "Home":
        """Set up a home with one workspace; with no passphrase only if `unprotected` says so.

        `state`: as in `Places`.
        """
        if (passphrase is None) != unprotected:
            raise ValueError("either a passphrase or unprotected")
        places = Places(path, state)
        names = [check_name(name) for name in (member, device, workspace)]
        _refuse_used(places)
        code = RecoveryCode.new()
        private = Private(new_id(), names[1], names[0], (), Recovery(code.reveal()))
        vault = Vault.create(places.vault, private, passphrase=passphrase, cost=cost)
        home = cls(places, vault, clock, ring)
        try:
            make_private_folder(path)
            places.unfinished.touch()
            make_private_folder(places.workspaces)
            entry = home._found(names[2], code.spare(), (names[0], names[1]))
        except OSError as error:
            raise HomeNotWrittenError(path, error.strerror or str(error)) from error
        vault.begin_with(msgspec.structs.replace(private, workspaces=(entry,)))
        vault.save()
        _finish(places)
        return home

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock: Callable[[], float],
        ring: Ring | None = None,
        state: Path | None = None,
    ) -> "Home":
        """Open a home, locked unless it is unprotected; NoHomeError if none was set up. `state`: as in `Places`."""
        places = Places(path, state)
        if not places.vault.exists():
            raise LostVaultError(path) if _has_records(places) else NoHomeError(path)
        _finish(places)  # it may have been cut off when all was made
        return cls(places, Vault.open(places.vault), clock, ring)

    @staticmethod
    def prove_keyring(ring: Ring | None = None) -> None:
        """Raise KeyringRefusedError unless the system's keyring keeps a key."""
        prove(ring or SystemRing(), new_id())

    # -- what it holds ---------------------------------------------------------------------------
    def facts(self) -> HomeFacts:
        """Who this home belongs to and what it holds; VaultLockedError while it is locked."""
        private = self._vault.private()
        return HomeFacts(
            private.device_id, private.device_name, private.member_name, private.workspaces
        )

    def workspace(
        self,
        name: str | None = None,
        *,
        read_only: bool = False,
        progress: Callable[[str, float], None] | None = None,
    ) -> Workspace:
        """Open a workspace by name; the only one if None. The caller closes it.

        One that an older version of the program wrote is brought up to date first, unless `read_only`; `progress` hears
        what is done, and how much of it from 0 to 1.
        """
        entry = self._entry(name)
        path = self.places.store(entry.folder)
        if not path.exists():
            raise MissingStoreError(path, entry.name)
        try:
            seat = self._seat(entry)
        except OlderFormatError:
            if read_only:
                raise
            upgrade(path, self._vault.database_key(entry.folder), progress)
            seat = self._seat(entry)
        store = self._store(entry, seat, create=False, read_only=read_only)
        return Workspace(store, name=entry.name, id=entry.id, seat=seat)

    def create_workspace(self, name: str) -> Workspace:
        """Make and open one more workspace; NameTakenError if there is one of that name."""
        checked = check_name(name)
        facts = self.facts()
        _refuse_taken(checked, facts.workspaces)
        recovery = self._vault.take_recovery_keys()
        try:
            entry = self._found(checked, recovery, (facts.member_name, facts.device_name))
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
        return sum(map(_size, self.places.store(folder).parent.rglob("*")))

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

    def _found(self, name: str, recovery: RecoveryKeys, names: tuple[str, str]) -> WorkspaceEntry:
        """Found a workspace in a folder of its own; `names` are the person's and the computer's."""
        folder = new_id()
        seat = Seat.founding(self._keys(folder), names, recovery, chance)
        entry = WorkspaceEntry(seat.log.workspace.hex(), folder, name, recovery)
        make_private_folder(self.places.store(folder).parent)
        self._store(entry, seat, create=True).close()
        return entry

    def _mark(self, folder: str, *, make: bool) -> Path | None:
        """Where a workspace's instance mark lies; None: beside its data."""
        marks = self.places.marks
        if marks is None or not (make_marks_folder(marks) if make else marks.is_dir()):
            return None
        return marks / folder

    def _seat(self, entry: WorkspaceEntry) -> Seat:
        """This device's seat in a workspace, from the team log in its store."""
        path = self.places.store(entry.folder)
        records = read_chain(path, self._vault.database_key(entry.folder))
        if not records:
            raise NoSeatError
        try:
            return Seat(self._keys(entry.folder), records, chance)
        except (NewerRecordError, NoSeatError):
            raise  # each says best what is wrong
        except TeamLogError as error:
            raise DamagedTeamError(path, entry.name, str(error)) from error

    def _keys(self, folder: str) -> DeviceKeys:
        return DeviceKeys.derive(self._vault.device_secret(folder))

    def _store(
        self, entry: WorkspaceEntry, seat: Seat, *, create: bool, read_only: bool = False
    ) -> Store:
        families = Families()
        store = Store(
            self.places.store(entry.folder),
            key=self._vault.database_key(entry.folder),
            ids=RecordIds(clock=self._clock, device_number=seat.number),
            create=create,
            read_only=read_only,
            clock=self._clock,
            identity=seat.identity(
                families.of, BlobSeals(self._vault.blob_key(entry.folder), chance)
            ),
            mark=self._mark(entry.folder, make=not read_only),
        )
        families.watch(store)
        return store


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
    ours |= {places.unfinished.name, places.portable.name}
    found = [each.name for each in places.home.iterdir()] if places.home.exists() else []
    if other := sorted(
        name for name in found if name not in ours and not name.startswith(".vault")
    ):
        raise HomeNotEmptyError(places.home, ", ".join(other[:3]))


def _finish(places: Places) -> None:
    """Note that a home is set up."""
    with contextlib.suppress(OSError):
        places.unfinished.unlink(missing_ok=True)


def _has_records(places: Places) -> bool:
    """Whether there are stores here that were in use; a setup that was cut off leaves one that was not."""
    return not places.unfinished.exists() and any(places.workspaces.glob("*/store.db"))


def _refuse_taken(name: str, there: Iterable[WorkspaceEntry]) -> None:
    if any(each.name == name for each in there):
        raise NameTakenError("workspace", name)
