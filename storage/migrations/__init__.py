"""Brings a store that an older version of the program wrote to the format of this one.

1. Before each step a checked copy of the store is made beside it; without one nothing is changed.
2. Each step is one transaction together with its format's number: it is there whole or not at all.
3. From the beginning of the copy to the end of the step nobody else writes: the copy is what the step began with.
4. Whatever stops it, the store is left in a format of the chain, and the next opening goes on from there.
"""

from storage.migrations.run import upgrade
from storage.migrations.steps import STEPS, Step

__all__ = ["STEPS", "Step", "upgrade"]
