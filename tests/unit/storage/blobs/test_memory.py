"""A large content goes in and out in little memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash.actor import environment
from tests.support.project import ROOT

_PROGRAM = """
import resource, sys
from pathlib import Path
from tests.support.blobs import open_store
path, size = Path(sys.argv[1]), int(sys.argv[2])
def held():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open_store(path) as store:
    store.blobs.put((path.parent / "small").open("rb"), name="small")
    before = held()
    value = store.blobs.put((path.parent / "large").open("rb"), name="large")
    assert value["size"] == size
    assert sum(map(len, store.blobs.open(value))) == size
    assert store.blobs.put((path.parent / "large").open("rb"), name="again")["blob"] == value["blob"]
    print(held() - before)
"""
_MOST_KIB = 16 << 10


@pytest.mark.full
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KiB on Linux")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_three_hundred_megabytes_take_a_few(path: Path) -> None:
    size = 300 << 20
    (path.parent / "small").write_bytes(bytes(200_000))
    with (path.parent / "large").open("wb") as file:
        file.truncate(size)
    done = subprocess.run(
        (sys.executable, "-P", "-c", _PROGRAM, str(path), str(size)),
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < _MOST_KIB
