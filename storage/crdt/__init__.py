"""The merge core: what a record is after a set of operations, whatever their order of arrival (`rules.md` 1-16).

Pure: no time, no chance, no files, no database. What it needs to know of other changes it asks of a `Past`.

    values amounts keys     what is kept: JSON, exact sums, positions
    dots operations         who wrote what
    past rules step         what is handed in
    life scalar sets items  one family of operations each
    text edits              long text: the guarded library, and which edits count
    state record show       all of one record: kept, made, seen
    before undo             what takes an action back
    digest meta             a record's hash, and its bytes beside the document
"""
