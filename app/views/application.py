"""The application: what Kivy runs, joined to the window's view-model."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from kivy.base import ExceptionManager
from kivy.core.window import Window
from kivy.metrics import dp
from kivymd.app import MDApp

from app.settings import Settings
from app.viewmodels.chooser import Chooser
from app.viewmodels.window import Stage, Surroundings, WindowModel, WindowState
from app.viewmodels.work import Work
from app.views.faults import Faults
from app.views.house import kivymd_fix  # noqa: F401 -- mends KivyMD before its widgets are made
from app.views.house.pacing import Pace
from app.views.house.tips import Tips
from app.views.root import RootView
from app.views.sleep import Over, SleepWatch
from app.views.system import computer_name, person_name, system_dark
from app.views.threads import window_work

SMALLEST = 360, 480  # dp


class CommonholdApp(MDApp):
    """One window over one home."""

    title = "Commonhold"
    icon = str(files("kv") / "icon.png")

    def __init__(
        self,
        home: Path,
        settings: Settings,
        settings_file: Path,
        clock: Callable[[], float],
        *,
        state: Path | None = None,
        work: Work | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.work = work or window_work()
        self.chooser = Chooser(self.work, Path.home())
        self.vm = WindowModel(
            home,
            settings,
            settings_file,
            self.work,
            Surroundings(
                person=person_name(),
                computer=computer_name(),
                clock=clock,
                now=lambda: datetime.fromtimestamp(clock()).astimezone(),
                system_dark=system_dark,
                choose_file=self.chooser.open,
                state=state,
            ),
        )
        self.faults = Faults(self.vm.notices.warn)
        self.view: RootView | None = None
        self.sleep: SleepWatch | None = None

    def build(self) -> RootView:
        """The root, over whatever the home is."""
        ExceptionManager.add_handler(self.faults)
        self.theme_cls.theme_style_switch_animation = False
        Window.minimum_width, Window.minimum_height = (int(dp(side)) for side in SMALLEST)
        self.pace, self.tips = Pace(), Tips()
        self.view = RootView(self.vm, self.chooser)
        self.vm.open()
        self.sleep = SleepWatch(lambda over: self.work.post(lambda: lock_first(self.vm, over)))
        return self.view

    def on_stop(self) -> None:
        """Commit what was typed and close what is open."""
        if self.sleep is not None:
            self.sleep.close()
        if self.view is not None:
            self.view.close()
            self.view = None
        self.vm.close()
        ExceptionManager.remove_handler(self.faults)


def lock_first(vm: WindowModel, over: Over) -> None:
    """The computer goes to sleep: lock, if that is wished, then let it."""
    vm.idle.asleep()
    stops: list[Callable[[], None]] = []

    def look(state: WindowState) -> None:
        if state.stage is not Stage.OPENING:  # what it passes through while it closes what was open
            over()
            while stops:
                stops.pop()()

    stops.append(vm.observe(look))
    look(vm.state)
