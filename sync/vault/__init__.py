"""The vault: one file that holds a home's keys, and the names that nobody else shall read.

It owns `vault.json`: a random master key wrapped in slots, and a sealed private section. It
does not know what the keys open, and shows nobody a dialog.

1. The master key is random, never leaves the process unwrapped except in the slot named
   "unprotected", and is in no repr, log or error.
2. A slot's settings are in the associated data of its seal and bounds-checked before use: they
   can neither be lowered to weaken it nor raised to eat the memory.
3. The file is canonical: bytes that are not exactly what this module would write are damage,
   told apart from a wrong passphrase by a check sum over everything else.
4. Names of people, devices and workspaces are in the sealed section only, padded.
5. Each write replaces the file as a whole; changing one slot rewrites that slot.
6. The code of the recovery sheet is kept, sealed, until its sheet is made, and nowhere afterwards.
"""

from sync.vault.form import LEAST_COST, MOST_COST, USUAL_COST, Cost
from sync.vault.held import chance, new_id
from sync.vault.private import Private, Recovery, WorkspaceEntry
from sync.vault.recovery import RecoveryCode, RecoveryKeys
from sync.vault.ring import Ring, SystemRing, prove
from sync.vault.vault import Vault

__all__ = [
    "LEAST_COST",
    "MOST_COST",
    "USUAL_COST",
    "Cost",
    "Private",
    "Recovery",
    "RecoveryCode",
    "RecoveryKeys",
    "Ring",
    "SystemRing",
    "Vault",
    "WorkspaceEntry",
    "chance",
    "new_id",
    "prove",
]
