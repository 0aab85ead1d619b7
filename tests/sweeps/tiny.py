"""A demo of no science, whose runs do what their config says: for the tests of sweeps, in their workers too."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from uuid import uuid4

from demos.contract import Check, Config, Demo, Result, choice, number, several, text, whole


@dataclass(frozen=True)
class TinyConfig(Config):
    kind: str = choice("fine", "Kind", {kind: kind for kind in ("fine", "raises", "dies", "sleeps", "waits")})
    x: float = number(1.0, "x", low=0.5, high=100.0)
    seed: int = whole(0, "Seed", low=0, high=1_000_000_000)
    beside: tuple[str, ...] = several((), "Beside", {"a": "a", "b": "b"})
    folder: str = text("", "Folder", most=500)

    def check(self):
        if self.x > 50 and self.seed > 2:
            raise ValueError("x and seed do not go together.")


def run(config, progress=None):
    if config.folder:
        Path(config.folder, f"{config.seed}-{os.getpid()}-{uuid4().hex}").touch()
    match config.kind:
        case "raises":
            raise TypeError("It does\nnot run.")
        case "dies":
            os._exit(1)
        case "sleeps":
            sleep(600)
        case "waits":
            while not Path(config.folder, "go").exists():
                sleep(0.01)
    checks = (Check("x", config.x, 1.0), Check("seed", float("inf"), None, why="Nobody knows."))
    return Result(None, checks, {}, headline=f"x is {config.x}.")


TINY = Demo("tiny", "Tiny", "It does what it is told.", "", TinyConfig, run, (), repr)
