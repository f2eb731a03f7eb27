"""The program's version; a test holds it equal to what is packaged."""

from typing import Final

VERSION: Final = "0.1.0"
