"""A collection's fields as the grid and the record page know them."""

from __future__ import annotations

from functools import partial
from typing import Any

from app.errors import FieldValueError
from app.model.fields import parse, show
from app.model.schema import Field
from app.viewmodels.forms import PLAIN_KINDS
from app.views.house.column import Column


def column_of(field: Field, width_dp: int = 0) -> Column:
    """How a field reads and is typed; 0: as wide as suits its kind."""
    return Column(
        name=field.slug,
        kind=field.kind,
        title=field.title,
        width=width_dp,
        options=tuple(field.options.get("choices", ())),
        show=partial(_shown, field),
        plain=field.show,
        parse=partial(_parsed, field),
        editable=field.kind in PLAIN_KINDS,
    )


def _shown(field: Field, value: Any) -> str:
    """One line for a cell; a long text is one paragraph there."""
    text = show(field.kind, value, field.options)
    return text if field.kind == "longtext" else " ".join(text.split()) if "\n" in text else text


def _parsed(field: Field, text: str) -> Any:
    try:
        return parse(field.kind, text, field.options)
    except FieldValueError as error:
        raise ValueError(error.reason) from None
