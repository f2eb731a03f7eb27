"""What each screen shows and does, without a window: one frozen state a screen, replaced on each intent.

Nothing here imports Kivy, waits for the disk or knows a pixel; work goes through `Work`, and what
changed in the store comes back as `Touched`.
"""
