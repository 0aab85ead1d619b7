"""Mutations of each demo's engine: `tests/verdicts/<demo>.py` holds MUTATIONS."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from tests.verdicts.harness import Mutation


def mutations_of(demo: str) -> tuple[Mutation, ...]:
    """The mutations of a demo, by its name; none where it has no file yet."""
    if find_spec(f"tests.verdicts.{demo}") is None:
        return ()
    return tuple(import_module(f"tests.verdicts.{demo}").MUTATIONS)
