"""What stands in a record for an attachment: its name and size, and one word that names the blob and opens it.

    {"name": "photo.jpg", "size": 48213, "blob": "01…"}

`blob` is 121 bytes in lower-case hexadecimal: version 1, id (16), key (32), size (8, big-endian), hash of the content
(32), hash of the table of chunk hashes (32). Whoever can read the record can read the blob. It is one word, too long
for the search index to take, and can be found in any text that holds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from storage.blobs import names
from storage.blobs.errors import NoAttachmentError
from storage.blobs.layout import HASH_BYTES, MOST_BYTES, Layout
from storage.blobs.sealer import ID_BYTES, KEY_BYTES, Fresh

VERSION: Final = 1
_SIZE_BYTES: Final = 8
_TOKEN_BYTES: Final = 1 + ID_BYTES + KEY_BYTES + _SIZE_BYTES + 2 * HASH_BYTES
TOKEN_SIGNS: Final = 2 * _TOKEN_BYTES
# Not part of a longer run of such signs: that would be something else.
_TOKEN: Final = re.compile(rb"(?<![0-9a-f])01[0-9a-f]{%d}(?![0-9a-f])" % (TOKEN_SIGNS - 2))


@dataclass(frozen=True, slots=True)
class Reference:
    """One blob, as a record refers to it."""

    id: bytes
    key: bytes = field(repr=False)
    size: int
    content: bytes  # hash of the plain content
    table: bytes  # hash of the hashes of the sealed chunks

    @property
    def file_name(self) -> str:
        """What its file is called."""
        return self.id.hex()

    @property
    def layout(self) -> Layout:
        """The shape of its file."""
        return Layout(self.size)

    @property
    def fresh(self) -> Fresh:
        """What its sealer needs."""
        return Fresh(self.id, self.key)

    @property
    def token(self) -> str:
        """The word that stands for it."""
        size = self.size.to_bytes(_SIZE_BYTES)
        return (bytes([VERSION]) + self.id + self.key + size + self.content + self.table).hex()

    def value(self, name: str) -> dict[str, Any]:
        """What a record holds."""
        return {"name": names.clean(name), "size": self.size, "blob": self.token}


def reference(value: object) -> Reference:
    """The blob that a record's value refers to. Raises NoAttachmentError."""
    if not isinstance(value, dict) or not isinstance(value.get("blob"), str):
        raise NoAttachmentError("it refers to no file")
    found = read_token(value["blob"])
    size = value.get("size")
    if type(size) is not int or size != found.size or not isinstance(value.get("name"), str):
        raise NoAttachmentError("its name or size is not that of its file")
    return found


def name_of(value: object) -> str:
    """How to call an attachment, harmless whoever wrote it."""
    name = value.get("name") if isinstance(value, dict) else None
    return names.clean(name) if isinstance(name, str) else names.NO_NAME


def read_token(token: str) -> Reference:
    """The blob that a word stands for. Raises NoAttachmentError."""
    if not token.isascii() or _TOKEN.fullmatch(token.encode()) is None:
        raise NoAttachmentError("it names its file in a way that is not known here")
    raw = memoryview(bytes.fromhex(token))[1:]
    parts: list[bytes] = []
    for length in (ID_BYTES, KEY_BYTES, _SIZE_BYTES, HASH_BYTES, HASH_BYTES):
        parts.append(bytes(raw[:length]))
        raw = raw[length:]
    size = int.from_bytes(parts[2])
    if size > MOST_BYTES:
        raise NoAttachmentError("its file would be larger than any that may be attached")
    return Reference(parts[0], parts[1], size, parts[3], parts[4])


def references_in(text: bytes) -> Iterator[Reference]:
    """The blobs that a text refers to, whatever stands around."""
    for found in _TOKEN.finditer(text):
        try:
            yield read_token(found.group().decode())
        except NoAttachmentError:
            continue
