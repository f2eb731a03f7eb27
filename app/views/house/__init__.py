"""House: what every screen is built of. Import `boot` first, everything else after `boot.prepare(...)`.

theme      colours by role, type and spacing tokens, contrast      skin    the look that is on now; bind to it
batch      paint boxes, icons and text in bulk                     lines   measure, wrap and cut text
painted    Painted (draws itself) and Control (can be pressed)     focus   ring, Tab order, traps
controls   PushButton, IconButton, FloatingButton, RailItem, NavRow, ViewTab, Chip, Tick
panes      Pane, Caption, Rule, EmptyState                         fields  HouseInput, TextField, SearchField, FieldRow
overlay    what lies over everything and gives the focus back      menus, dialogs, palette
notices    snackbar with Undo, toast                               progress  long work with a cancel
scroller   VirtualList: lists of any length                        cells   how a value of each kind is painted
stage      run, wait, take pictures                                touch   made-up hands for tests
audit      what is wrong with what is on screen                    pacing  idle costs nothing
"""
