"""The command line as a person or a script runs it: real processes on a real home."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app import logs
from app.cli.main import run
from tests.support.project import ROOT

PATIENCE_S = 60


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on stdout, and nothing else there."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """The error of a refused command, in its full shape."""
        found = self.json
        assert set(found) == {"error"}
        assert set(found["error"]) == {"code", "message", "hint"}
        error: dict[str, str] = found["error"]
        return error


@dataclass
class Commands:
    """Runs `commonhold` on one home."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, **more: Any) -> subprocess.Popen[bytes]:
        """Start a command and return the process."""
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "app", "--home", str(self.home), *arguments],
            env=self.variables(),
            stdin=more.pop("stdin", subprocess.DEVNULL),
            stdout=more.pop("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            **more,
        )

    def run(self, *arguments: str, stdin: bytes = b"") -> Done:
        """Run a command to its end."""
        process = self.start(*arguments, stdin=subprocess.PIPE)
        out, err = process.communicate(stdin, timeout=PATIENCE_S)
        return Done(process.returncode, out.decode("utf-8"), err.decode("utf-8"))

    def json(self, *arguments: str, stdin: bytes = b"") -> Any:
        """Run a command that must succeed, and return its JSON."""
        done = self.run("--json", *arguments, stdin=stdin)
        assert done.code == 0, (arguments, done)
        return done.json

    def variables(self) -> Mapping[str, str]:
        """The environment of the command: this source, nobody's settings but the test's."""
        return {**os.environ, "PYTHONPATH": str(ROOT), **self.environment}


@dataclass
class Inside(Commands):
    """Runs the same command lines in this process: the same code without the wait for a start."""

    def run(self, *arguments: str, stdin: bytes = b"") -> Done:
        """Run a command to its end."""
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
            patched.setattr("sys.stdout", out)
            patched.setattr("sys.stderr", err)
            for name, value in self.environment.items():
                patched.setenv(name, value)
            code = run(["--home", str(self.home), *arguments])
            logs.configure(None, "info")
        return Done(code, _written(out), _written(err))


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
