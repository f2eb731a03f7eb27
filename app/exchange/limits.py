"""How large a file's parts may be: what bounds the memory of an import, whatever the file holds.

Sizes are counted in characters, because that is what stands in memory once a file is decoded.
"""

from typing import Final

# A collection with more fields than this serves nobody, and each field is a record of its own.
MAX_COLUMNS: Final = 2_000
# One record, all its cells together. A larger one is skipped by name; the rest is imported.
MAX_RECORD_CHARS: Final = 8 * 1024 * 1024
# Lists and objects inside one value of a JSON file.
MAX_NESTING: Final = 64
# A field's name; the model takes 200, and a number may have to be put behind it.
MAX_NAME_CHARS: Final = 190

# How much is read, guessed and stored at a time: whichever comes first.
BATCH_ROWS: Final = 1_000
BATCH_CHARS: Final = 1024 * 1024
READ_BYTES: Final = 256 * 1024

# How many of a kind a warning names before it only counts them.
NAMED: Final = 3
