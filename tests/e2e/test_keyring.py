"""The real keyring of a Linux desktop: gnome-keyring on a session bus of the test's own, real processes."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys

import pytest

from tests.support.commands import Commands

PATIENCE_S = 60
PASSPHRASE = "four quiet green lamps"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux"
    or not (shutil.which("dbus-daemon") and shutil.which("gnome-keyring-daemon")),
    reason="needs gnome-keyring and D-Bus",
)


@pytest.fixture
def desktop(tmp_path):
    """The variables of a session with an unlocked keyring, whose files lie in a folder of their own."""
    home = tmp_path / "desktop"
    for folder in (".cache", ".local/share", "run"):
        (home / folder).mkdir(parents=True, mode=0o700)
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--print-address", "--nofork", "--nopidfile"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert bus.stdout is not None
    address = bus.stdout.readline().strip()
    variables = {
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "DBUS_SESSION_BUS_ADDRESS": address,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring",
    }
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", **variables},
    )
    assert daemon.stdin is not None
    daemon.stdin.write(b"login password")
    daemon.stdin.close()
    yield variables
    for process in (daemon, bus):
        process.terminate()
        process.wait(PATIENCE_S)
    bus.stdout.close()


def test_a_home_opens_by_the_desktops_keyring_until_it_is_locked(tmp_path, desktop):
    path = tmp_path / "home"
    owner = Commands(path, {**desktop, "COMMONHOLD_PASSPHRASE": PASSPHRASE})
    assert owner.json("init", "--name", "Ann", "--device", "Laptop", "--keyring")["slots"] == [
        "passphrase",
        "keyring",
    ]
    signed_in = Commands(path, desktop)
    assert signed_in.json("collection", "list") == {"collections": []}
    assert signed_in.json("lock")["locked"] is True
    refused = signed_in.run("--json", "collection", "list")
    assert (refused.code, refused.error["code"]) == (3, "vault_locked")
    assert owner.json("unlock")["locked"] is False
    assert signed_in.json("collection", "list") == {"collections": []}
    elsewhere = Commands(path, {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"})
    assert elsewhere.run("--json", "collection", "list").code == 3
    kept = b"".join(each.read_bytes() for each in tmp_path.rglob("*.keyring"))
    assert kept
    assert base64.b64encode(PASSPHRASE.encode()) not in kept
    assert PASSPHRASE.encode() not in kept
