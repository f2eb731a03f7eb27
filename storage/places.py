"""Which places can hold a store: network drives are refused, folders that a cloud program rewrites are named."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import psutil

NETWORK_FILE_SYSTEMS: Final = frozenset(
    {
        *(
            "nfs",
            "nfs3",
            "nfs4",
            "cifs",
            "smb",
            "smb2",
            "smb3",
            "smbfs",
            "afpfs",
            "webdav",
            "davfs",
            "fuse.davfs",
        ),
        *(
            "fuse.sshfs",
            "sshfs",
            "ncpfs",
            "afs",
            "9p",
            "ceph",
            "fuse.ceph",
            "glusterfs",
            "fuse.glusterfs",
            "lustre",
        ),
        *("fuse.rclone", "fuse.s3fs", "beegfs", "gpfs", "ocfs2", "remote"),
    }
)
CLOUD_FOLDERS: Final = (
    *(
        "Dropbox",
        "OneDrive",
        "Google Drive",
        "GoogleDrive",
        "My Drive",
        "iCloud Drive",
        "Mobile Documents",
    ),
    *("Nextcloud", "ownCloud", "pCloudDrive", "MEGA", "Syncthing", "Box Sync"),
)


def file_system_of(path: Path) -> str:
    """Name of the file system that holds a path, lower case; '' where it cannot be told."""
    try:
        at = path.resolve()
        parts = psutil.disk_partitions(all=True)
    except OSError:  # a drive that fails, or a system that does not list them
        return ""
    best, name = -1, ""
    for part in parts:
        mount = Path(part.mountpoint)
        if (at == mount or mount in at.parents) and len(mount.parts) >= best:
            best, name = len(mount.parts), _name_of(part.fstype, part.opts)
    return name


def _name_of(fstype: str, options: str) -> str:
    return "remote" if "remote" in options.lower().split(",") else fstype.lower()


def is_network_drive(path: Path) -> bool:
    """Whether a path lies on a file system whose locks reach over a network."""
    if str(path).startswith("\\\\"):
        return True
    return file_system_of(path) in NETWORK_FILE_SYSTEMS


def cloud_folder_of(path: Path) -> str | None:
    """The cloud program's folder that a path lies in, judged by its name, or None."""
    for part in path.resolve().parts:
        for name in CLOUD_FOLDERS:
            if part.casefold() == name.casefold() or part.casefold().startswith(
                f"{name.casefold()} - "
            ):
                return part
    return None
