"""Where a store may lie."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from storage.places import cloud_folder_of, file_system_of, is_network_drive


@pytest.fixture
def mounted(monkeypatch: pytest.MonkeyPatch):
    """Pretend that these (place, file system, options) are mounted, and nothing else."""

    def mount(*parts: tuple[str, str, str]) -> None:
        listed = [psutil._ntuples.sdiskpart("device", *part) for part in parts]
        monkeypatch.setattr(psutil, "disk_partitions", lambda **_: listed)

    return mount


@pytest.mark.parametrize(
    "kind", ["nfs", "NFS4", "cifs", "smbfs", "fuse.sshfs", "9p", "davfs", "fuse.rclone"]
)
def test_file_systems_whose_locks_reach_over_a_network_are_refused(
    kind: str, mounted, tmp_path: Path
) -> None:
    mounted((str(tmp_path.resolve()), kind, "rw"))

    assert is_network_drive(tmp_path / "folder")


@pytest.mark.parametrize("kind", ["ext4", "apfs", "ntfs", "tmpfs", "fuseblk", "vfat", "overlay"])
def test_drives_of_this_computer_are_not(kind: str, mounted, tmp_path: Path) -> None:
    mounted((str(tmp_path.resolve()), kind, "rw"))

    assert not is_network_drive(tmp_path)


def test_the_innermost_mount_counts(mounted, tmp_path: Path) -> None:
    home = tmp_path.resolve()
    mounted(("/", "ext4", "rw"), (str(home / "share"), "nfs", "rw"), (str(home), "btrfs", "rw"))

    assert file_system_of(home / "share" / "store.db") == "nfs"
    assert file_system_of(home / "shared" / "store.db") == "btrfs"


def test_a_later_mount_on_the_same_place_covers_the_earlier(mounted, tmp_path: Path) -> None:
    mounted((str(tmp_path.resolve()), "ext4", "rw"), (str(tmp_path.resolve()), "cifs", "rw"))

    assert is_network_drive(tmp_path)


def test_what_windows_calls_remote_is_refused(mounted, tmp_path: Path) -> None:
    mounted((str(tmp_path.resolve()), "NTFS", "rw,remote"))

    assert is_network_drive(tmp_path)
    assert is_network_drive(Path("\\\\server\\share\\folder"))


def test_a_link_to_a_network_drive_is_seen_through(mounted, tmp_path: Path) -> None:
    share = tmp_path.resolve() / "share"
    share.mkdir()
    (tmp_path / "link").symlink_to(share)
    mounted(("/", "ext4", "rw"), (str(share), "nfs", "rw"))

    assert is_network_drive(tmp_path / "link")


def test_a_system_that_does_not_list_its_drives_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: bool) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(psutil, "disk_partitions", fail)

    assert file_system_of(tmp_path) == ""
    assert not is_network_drive(tmp_path)


@pytest.mark.parametrize(
    "name", ["Dropbox", "OneDrive - Example Ltd", "nextcloud", "Mobile Documents"]
)
def test_folders_of_cloud_programs_are_named(name: str, tmp_path: Path) -> None:
    assert cloud_folder_of(tmp_path / name / "records") == name


@pytest.mark.parametrize("name", ["Dropboxes", "cloud", "OneDriveless"])
def test_other_folders_are_not(name: str, tmp_path: Path) -> None:
    assert cloud_folder_of(tmp_path / name) is None
