"""The system's keyring is used only where it keeps secrets; its troubles come out in words."""

from __future__ import annotations

import sys

import pytest

from sync.errors import KeyringRefusedError
from sync.vault import SystemRing
from tests.support.rings import Backend

KEY = bytes(range(32))


def kind(module, name="Keyring", **more):
    """A backend as a library of that name would bring it."""
    return type(name, (Backend,), {"__module__": module, **more})()


def ring_of(backend):
    return SystemRing(lambda: backend)


def test_a_key_is_kept_given_back_and_forgotten():
    backend = kind("keyring.backends.SecretService")
    ring = ring_of(backend)
    assert ring.refusal() == ""
    assert ring.get("a") is None
    ring.put("a", KEY)
    assert ring.get("a") == KEY
    ring.drop("a")
    ring.drop("a")
    assert not backend.kept


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        (kind("keyring.backends.fail", priority=0), "has no keyring"),
        (kind("keyring.backends.null", priority=-1), "has no keyring"),
        (kind("keyring.backends.null", priority=9), "has no keyring"),
        (kind("keyrings.alt.file", "PlaintextKeyring", priority=0.5), "others can read"),
        (kind("keyrings.alt.file", "EncryptedKeyring", priority=9), "others can read"),
        (kind("somebodys", "MyPlainTextStore", priority=9), "others can read"),
        (kind("somebodys", priority=0.9), "not one to rely on"),
        (
            kind("keyring.backends.kwallet", priority=property(lambda _: raising())),
            "not one to rely on",
        ),
    ],
)
def test_what_keeps_no_secret_is_refused_with_the_reason(backend, words):
    ring = ring_of(backend)
    assert words in ring.refusal()
    for ask in (lambda: ring.put("a", KEY), lambda: ring.get("a"), lambda: ring.drop("a")):
        with pytest.raises(KeyringRefusedError, match=words):
            ask()
    assert not backend.kept


def raising():
    raise RuntimeError("not here")


def test_of_a_chain_the_best_that_keeps_secrets_is_used():
    plain = kind("keyrings.alt.file", "PlaintextKeyring", priority=9)
    good = kind("keyring.backends.SecretService", priority=4)
    chain = kind("keyring.backends.chainer", "ChainerBackend", backends=[plain, good])
    ring_of(chain).put("a", KEY)
    assert good.kept
    assert not plain.kept
    only = kind("keyring.backends.chainer", "ChainerBackend", backends=[plain])
    assert "others can read" in ring_of(only).refusal()
    empty = kind("keyring.backends.chainer", "ChainerBackend", backends=[])
    assert "has no keyring" in ring_of(empty).refusal()


class KeyringLocked(Exception):  # noqa: N818 - the library's name
    """As the library names it."""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyringLocked("secret words of the library"), "was not unlocked"),
        (OSError("the bus is gone"), r"\(OSError\)"),
        (RuntimeError("x"), r"\(RuntimeError\)"),
    ],
)
def test_what_fails_inside_a_keyring_is_a_sentence(error, words):
    def fail(*_):
        raise error

    ring = ring_of(kind("keyring.backends.SecretService", get_password=fail, set_password=fail))
    for ask in (lambda: ring.put("a", KEY), lambda: ring.get("a"), lambda: ring.drop("a")):
        with pytest.raises(KeyringRefusedError, match=words) as found:
            ask()
        assert "secret words" not in str(found.value)


def test_a_keyring_that_forgets_at_once_is_refused():
    ring = ring_of(kind("keyring.backends.Windows", set_password=lambda *_: None))
    with pytest.raises(KeyringRefusedError, match="did not keep"):
        ring.put("a", KEY)


@pytest.mark.parametrize("kept", ["", "no base64!", "é"])
def test_what_is_no_key_is_no_key(kept):
    backend = kind("keyring.backends.Windows")
    backend.kept["commonhold", "a"] = kept
    assert ring_of(backend).get("a") in {None, b""}


def test_a_library_that_does_not_load_is_no_keyring():
    def missing():
        raise ImportError("no module named keyring")

    assert "has no keyring" in SystemRing(missing).refusal()


def test_the_library_is_not_loaded_before_it_is_needed():
    import subprocess

    code = "import sync.vault, sys; sync.vault.SystemRing(); sys.exit('keyring' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
