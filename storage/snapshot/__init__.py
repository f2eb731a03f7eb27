"""A workspace as it is at one moment, sealed for its members, so that a newcomer sees it before all changes have come.

1. It says under which chain head and at which vector, with hashes, it was taken, and which digest its records have.
2. Each chunk is checked by its hash before it is opened; what is filled in counts only with the right digest.
3. It proves nothing: whoever made it may have lied. It is shown as not yet proved, in a store of its own, until the
   changes have come into another one and give the same digest; what is true in any case is what these say.
"""

from storage.snapshot.errors import UnfitSnapshotError
from storage.snapshot.proving import Proof, prove
from storage.snapshot.showing import Filling, show, shown_in
from storage.snapshot.taking import take

__all__ = ["Filling", "Proof", "UnfitSnapshotError", "prove", "show", "shown_in", "take"]
