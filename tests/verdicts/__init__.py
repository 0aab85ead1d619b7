"""Mutations of each demo's engine: `tests/verdicts/<demo>.py` holds MUTATIONS.

It may hold BRIEF too: fields of a training's config, and the largest value that they have in the suite's selection of
mutations. The rows of a training judge each step, so that a short one notices the same.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from demos.contract import Config
from tests.verdicts.harness import Mutation


def mutations_of(demo: str) -> tuple[Mutation, ...]:
    """The mutations of a demo, by its name; none where it has no file yet."""
    if find_spec(f"tests.verdicts.{demo}") is None:
        return ()
    return tuple(import_module(f"tests.verdicts.{demo}").MUTATIONS)


def brief(demo: str, config: Config) -> Config:
    """The config with the fields that BRIEF names reduced to their largest value there."""
    most = getattr(import_module(f"tests.verdicts.{demo}"), "BRIEF", {})
    return config.replace(**{name: min(value, getattr(config, name)) for name, value in most.items()})
