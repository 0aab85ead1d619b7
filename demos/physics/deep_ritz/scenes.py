"""Scenes of the network that learns Poisson's equation."""

from __future__ import annotations

from demos.contract import Check, Evidence, Result, Scene, State, Try
from demos.physics.deep_ritz.config import DeepRitzConfig


def row(result: Result, name: str) -> Check:
    """The first row whose name begins with `name`."""
    return next(check for check in result.checks if check.name.startswith(name))


def learns(result: Result) -> Evidence:
    """The claim that E ends less than 0.5 % above the exact minimum, as predicted, from more than 1,000 % above it."""
    energy = row(result, "energy above")
    first = 100 * float(result.tables["trace"]["gap"].iloc[0]) / float(-result.tables["trace"]["energy"].iloc[-1])
    holds = energy.state is State.PREDICTED and energy.measured < 0.5 and first > 500
    return Evidence(holds, f"{first:.3g} % above the minimum at first, {energy.measured:.2g} % in the end")


def has_not_learned(result: Result) -> Evidence:
    energy = row(result, "energy above")
    holds = energy.state is State.NOT_COMPARABLE and energy.measured > 5
    return Evidence(holds, f"{energy.measured:.3g} % above the minimum: {energy.incomparable}")


SCENES = (
    Scene(
        "poisson",
        "A network learns to solve an equation",
        "A network that never sees the solution lowers an energy, and ends less than 0.5 % above the exact minimum.",
        DeepRitzConfig(),
        claim=learns,
        tries=Try(
            "iterations",
            4,
            "Set the iterations to 4.",
            "Not trained: the energy stays more than 5 % above the minimum.",
            has_not_learned,
        ),
    ),
)
