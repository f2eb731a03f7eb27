"""What makes a store's writes changes: the log of them in SQL, and rows that follow it.

A store without an identity has none of this: it is a TinyDB. With one, whatever is written goes into a change in the
same transaction, and what changes of other devices say goes into the rows.
"""
