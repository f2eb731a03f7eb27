"""The merge core: what a record is after a set of operations, whatever their order of arrival (`rules.md` 1-16).

Pure: no time, no chance, no files, no database. What it needs to know of other changes it asks of a `Past`. Modules:
`values` and `amounts` (what is kept), `dots` and `operations` (who wrote what), `past` and `rules` (what is handed in),
`scalar`, `sets`, `items`, `text`, `life` (one family each), `record` (all of one record), `undo`, `digest`, `meta`.
"""
