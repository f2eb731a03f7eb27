"""The virtual grid: rows from a RowSource, columns of any kind, intents out as events.

    from app.views.grid.grid import Grid
    from app.views.house.column import Column
    grid = Grid(source=rows, columns=[Column("City", "text"), ...])
    grid.bind(on_edit=..., on_sort=..., on_open=...)

`source` says what a row source must answer, `keys.CHEAT_SHEET` what each key does.
"""
