"""What the system knows: whether it is dark, who sits here, what the computer is called."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys

TIMEOUT_S = 2.0
GSETTINGS = ("get", "org.gnome.desktop.interface", "color-scheme")
MAC_THEME = ("read", "-g", "AppleInterfaceStyle")
WINDOWS_THEME = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"


def system_dark() -> bool:
    """Whether the system's theme is dark; False where nobody can say. May start a program: for a worker."""
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, WINDOWS_THEME) as key:
                return bool(winreg.QueryValueEx(key, "AppsUseLightTheme")[0] == 0)
        except OSError:
            return False
    if sys.platform == "darwin":
        return _says("defaults", *MAC_THEME, word="Dark")
    return _says("gsettings", *GSETTINGS, word="dark")


def person_name() -> str:
    """A name to fill in for whoever sits here, or nothing."""
    try:
        login = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user id that nobody named
        return ""
    return _full_name(login) or ("" if login == "root" else login.capitalize())


def computer_name() -> str:
    """A name to fill in for this computer."""
    return socket.gethostname().partition(".")[0]


def _full_name(login: str) -> str:
    try:
        import pwd
    except ImportError:  # Windows
        return os.environ.get("FULLNAME", "")
    try:
        return pwd.getpwnam(login).pw_gecos.partition(",")[0].strip() if login != "root" else ""
    except KeyError:
        return ""


def _says(program: str, *arguments: str, word: str) -> bool:
    found = shutil.which(program)
    if found is None:
        return False
    try:
        done = subprocess.run(  # noqa: S603 -- our own words, and a program of the system
            [found, *arguments], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return word in done.stdout
