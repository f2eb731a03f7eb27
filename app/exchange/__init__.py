"""Files in and out: what is read from a spreadsheet or a JSON file, and written to one.

`run.import_file`, `run.export` and `preview.preview` are the face; the rest reads, guesses, plans and
writes. Nothing here knows of windows or terminals.
"""
