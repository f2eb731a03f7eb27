"""How wide a column would be to show what is in it."""

from __future__ import annotations

from kivy.metrics import dp

from app.views.grid.host import Host
from app.views.house.batch import text_width
from app.views.house.skin import grown

LONGEST = 200  # signs of a value that count


def natural_width(grid: Host, column: int) -> float:
    """Pixels that the heading and the values in sight need; what is far off is not read for it."""
    spec = grid.columns[column]
    wide = text_width("label", spec.heading) + grown(16) + dp(8)
    style = "strong" if column == 0 else "body"
    for row in range(*grid.geometry.visible_rows(grid.scroll[1])):
        values = grid.source.row(row)
        if values is not None and values[column] is not None:
            wide = max(wide, text_width(style, spec.show(values[column])[:LONGEST]))
    return float(wide + 2 * grid.look.pad + dp(4))
