"""Scene: a named preset that teaches one thing, with a claim that a test verifies and an experiment to try next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demos.contract.config import Config
from demos.contract.result import Result


@dataclass(frozen=True)
class Evidence:
    """Whether a claim holds in a run, and a sentence with the numbers that decide it."""

    holds: bool
    numbers: str


Claim = Callable[[Result], Evidence]
"""A test of a sentence: computes from the result of a run whether the sentence is true."""


@dataclass(frozen=True)
class Try:
    """An experiment for the visitor: which control to change, and what will happen.

    field, value: the field of the config and its new value; `Config.adapt` may change other fields too. instruction:
    what to do, "Drag h to 0.2". outcome: what then happens, with its number. claim: tests the outcome in the result
    of the changed config.
    """

    field: str
    value: Any
    instruction: str
    outcome: str
    claim: Claim


@dataclass(frozen=True)
class Scene:
    """A named preset. title: the lesson in a few words. sentence: what to see, and the number that proves it.

    claim: tests the sentence in the result of the scene's config; the test suite evaluates it for every scene.
    tries: the experiment to do next. label: one to three words for a row of buttons; "": the name, as words.
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
        """The label: one to three words."""
        return self.label or self.name.replace("_", " ").capitalize()
