"""The system's keyring, as far as a vault may rely on it.

It owns which keyring is good enough, and that no library of it is loaded before it is needed.

1. No key goes to a keyring that keeps it readable (plain text), keeps nothing (null) or is none.
2. What goes wrong inside a keyring's library leaves this module as a `KeyringError` in words.
"""

import base64
import binascii
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from sync.errors import KeyringRefusedError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

log = logging.getLogger(__name__)

T = TypeVar("T")

SERVICE: Final = "commonhold"
LEAST_PRIORITY: Final = 1  # below it the library itself does not recommend a keyring

_NONE_HERE: Final = "this computer has no keyring that keeps a secret"


class Ring(Protocol):
    """Where random keys lie, by account, that the system gives back to whoever is signed in."""

    def refusal(self) -> str:
        """Why no key may lie here, as half a sentence; nothing if it may."""

    def get(self, account: str) -> bytes | None:
        """Return an account's key; None if there is none. KeyringRefusedError."""

    def put(self, account: str, key: bytes) -> None:
        """Keep a key. KeyringRefusedError if it cannot be kept."""

    def drop(self, account: str) -> None:
        """Forget an account's key, if it is there. KeyringRefusedError."""


class SystemRing:
    """The keyring of the system. Each call may wait for a person who is asked to unlock it."""

    def __init__(self, find: "Callable[[], KeyringBackend] | None" = None) -> None:
        self._find = find or _installed
        self._backend: KeyringBackend | None = None

    def refusal(self) -> str:
        """Why no key may lie here, as half a sentence; nothing if it may."""
        try:
            self._chosen()
        except KeyringRefusedError as refused:
            return refused.reason
        return ""

    def get(self, account: str) -> bytes | None:
        """Return an account's key; None if there is none, or what is there is no key."""
        kept = self._ask(lambda ring: ring.get_password(SERVICE, account))
        try:
            return None if kept is None else base64.b64decode(kept, validate=True)
        except (binascii.Error, ValueError):
            return None

    def put(self, account: str, key: bytes) -> None:
        """Keep a key, and look whether it is kept."""
        text = base64.b64encode(key).decode("ascii")
        self._ask(lambda ring: ring.set_password(SERVICE, account, text))
        if self.get(account) != key:
            raise KeyringRefusedError("the keyring did not keep what it was given")

    def drop(self, account: str) -> None:
        """Forget an account's key, if it is there."""
        if self.get(account) is not None:
            self._ask(lambda ring: ring.delete_password(SERVICE, account))

    def _ask(self, ask: "Callable[[KeyringBackend], T]") -> T:
        backend = self._chosen()
        try:
            return ask(backend)
        except Exception as error:  # noqa: BLE001 - each system's library has errors of its own
            log.warning("the keyring failed: %s", type(error).__name__)
            raise KeyringRefusedError(_said(error)) from None

    def _chosen(self) -> "KeyringBackend":
        if self._backend is None:
            try:
                found = list(_members(self._find()))
            except Exception as error:  # noqa: BLE001 - as above
                log.warning("no keyring: %s", type(error).__name__)
                raise KeyringRefusedError(_NONE_HERE) from None
            able = [each for each in found if not unfit(each)]
            if not able:
                raise KeyringRefusedError(unfit(found[0]) if found else _NONE_HERE)
            self._backend = max(able, key=_priority)
        return self._backend


def prove(ring: Ring, account: str) -> None:
    """Raise KeyringRefusedError unless the keyring takes a key for an account and gives it up again."""
    ring.put(account, bytes(32))
    ring.drop(account)


def unfit(backend: "KeyringBackend") -> str:
    """Why a keyring is not good enough, as half a sentence; nothing if it is."""
    module, name = type(backend).__module__, type(backend).__name__
    if module.endswith((".fail", ".null")):
        return _NONE_HERE
    if module.startswith("keyrings.alt") or "plain" in name.lower():
        return "the only keyring here keeps its secrets in a file that others can read"
    if _priority(backend) < LEAST_PRIORITY:
        return "the only keyring here is not one to rely on"
    return ""


def _installed() -> "KeyringBackend":
    import keyring

    return keyring.get_keyring()


def _members(backend: "KeyringBackend") -> "Iterator[KeyringBackend]":
    """The keyring itself, or those that a chain of them passes each call on to."""
    chained = getattr(backend, "backends", None)
    if type(backend).__module__.endswith(".chainer") and chained is not None:
        yield from chained
    else:
        yield backend


def _priority(backend: "KeyringBackend") -> float:
    """How much the library recommends it; nothing where it cannot work at all."""
    try:
        return float(backend.priority)
    except RuntimeError:  # how backends say that they do not work here
        return 0.0


def _said(error: Exception) -> str:
    known = {
        "KeyringLocked": "the keyring is locked and was not unlocked",
        "InitError": "the keyring could not be opened",
        "NoKeyringError": _NONE_HERE,
    }
    for kind in type(error).__mro__:
        if kind.__name__ in known:
            return known[kind.__name__]
    return f"the keyring does not answer as it should ({type(error).__name__})"
