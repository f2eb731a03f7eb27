"""Keyrings of a test's own."""

from __future__ import annotations

from typing import Any

from sync.errors import KeyringRefusedError


class HeldRing:
    """A keyring in memory, in place of the system's; `refused` is why it takes nothing."""

    def __init__(self, refused: str = "") -> None:
        self.kept: dict[str, bytes] = {}
        self.refused = refused

    def refusal(self) -> str:
        return self.refused

    def get(self, account: str) -> bytes | None:
        self._refuse()
        return self.kept.get(account)

    def put(self, account: str, key: bytes) -> None:
        self._refuse()
        self.kept[account] = key

    def drop(self, account: str) -> None:
        self._refuse()
        self.kept.pop(account, None)

    def _refuse(self) -> None:
        if self.refused:
            raise KeyringRefusedError(self.refused)


class Backend:
    """A backend as the keyring library has them."""

    priority: Any = 5

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, account: str) -> str | None:
        return self.kept.get((service, account))

    def set_password(self, service: str, account: str, password: str) -> None:
        self.kept[service, account] = password

    def delete_password(self, service: str, account: str) -> None:
        del self.kept[service, account]
