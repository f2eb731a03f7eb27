"""Attachments: files of any size beside the store, sealed chunk by chunk, each with a key that only its records hold.

`docs/blobs.md` has the layout, byte by byte. The keys, and what they do, are handed in (`storage.blobs.sealer`).

1. A file is whole under its name, or it is not there: it is sealed under another name, synced, noted, then renamed.
2. It is in the folder, and the disk has it, before any record can refer to it.
3. No byte is given out before the chunk that it is in was found to be the one that the record names.
4. A file is removed only if nothing has ever referred to it and the process that made it has ended (rule 50).
5. No name comes from outside: a file is called by random bits.
"""
