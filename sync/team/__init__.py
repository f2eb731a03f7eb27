"""The team log: signed, hash-linked records that say who is in the workspace, with which role and which keys."""
