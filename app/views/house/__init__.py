"""House: what every screen is built of. `boot.prepare(...)` comes first, everything else after it.

- theme: colours by role, type, contrast. skin: the look that is on now; bind to it.
- batch: paint boxes, icons and text in bulk. lines: measure, wrap, cut. cells: how a value of each kind is painted.
- painted: Painted (draws itself) and Control (can be pressed). focus: ring, Tab order, traps. hover, tips: the mouse.
- controls: PushButton, IconButton, FloatingButton, RailItem, NavRow, ViewTab, Chip, Tick.
- panes: Pane, FloatPane, Caption, Rule, EmptyState. scroller: VirtualList. progress: ProgressLine, ProgressPanel.
- fields: TextField, SearchField, SearchButton. field_row: FieldRow. inputs: HouseInput. column: Column.
- overlay: what lies over everything. menus: MenuSheet. dialogs: Dialog. palette: Palette. notices: snackbar, toast.
- stage: run, wait, take pictures. touch: made-up hands. audit: what is wrong on screen. pacing: idle costs nothing.
"""
