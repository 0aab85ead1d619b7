"""Scene: a named preset that teaches one thing, with the claim that a test computes, and one thing to try."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demos.contract.config import Config
from demos.contract.result import Result


@dataclass(frozen=True)
class Evidence:
    """Whether a claim holds in a run, and the numbers that decide it, in words."""

    holds: bool
    numbers: str


Claim = Callable[[Result], Evidence]
"""What a sentence says, computed from a run."""


@dataclass(frozen=True)
class Try:
    """One order for the visitor: one control, what to do with it, and what will happen then.

    field, value: of the config; other fields may go along by `Config.adapt`. order: "Drag h to 0.2". outcome: what
    then happens, with its number. claim: the outcome, computed from the run of the changed config.
    """

    field: str
    value: Any
    order: str
    outcome: str
    claim: Claim


@dataclass(frozen=True)
class Scene:
    """A named preset. title: the lesson in a few words. sentence: what to see, and the number that proves it.

    claim: the sentence, computed from the scene's run; a test asks it of every scene. tries: one thing to do next.
    label: the scene in one to three words, for a row of choices; "": its name, written as words.
    """

    name: str
    title: str
    sentence: str
    config: Config
    claim: Claim | None = None
    tries: Try | None = None
    label: str = ""

    @property
    def short(self) -> str:
        """One to three words."""
        return self.label or self.name.replace("_", " ").capitalize()
