"""Scenes of the column under load."""

from __future__ import annotations

from demos.contract import Check, Evidence, Result, Scene, State, Try
from demos.physics.column.config import ColumnConfig


def row(result: Result, name: str) -> Check:
    """The first row whose name begins with `name`."""
    return next(check for check in result.checks if check.name.startswith(name))


def straightens(result: Result) -> Evidence:
    """The claim that the column is straight in the end, and the first mode halves in a time of about 50."""
    bent, growth = row(result, "bent aside"), row(result, "growth")
    half = 0.6931 / -growth.measured
    holds = bent.agrees and growth.agrees and 49.5 < half < 51.5
    return Evidence(holds, f"{bent.measured:.1e} L aside, halved in {half:.3g}")


def bends(result: Result) -> Evidence:
    """The claim that the deflection is 0.19 lengths, as predicted for the polygon, 2 % more than a smooth rod's."""
    bent = row(result, "bent aside")
    more = 100 * (bent.measured / (bent.truth or 1.0) - 1)
    holds = bent.state is State.PREDICTED and f"{bent.measured:.2f}" == "0.19" and 1.5 < more < 2.5
    return Evidence(holds, f"{bent.measured:.4g} L aside, {more:.2g} % more than a smooth rod")


def nearer(result: Result) -> Evidence:
    """The claim that with 80 links the deflection is 0.1 % more than a smooth rod's."""
    bent = row(result, "bent aside")
    more = 100 * (bent.measured / (bent.truth or 1.0) - 1)
    return Evidence(bent.state is State.PREDICTED and f"{more:.1f}" == "0.1", f"{more:.3g} % more than a smooth rod")


def farther(result: Result) -> Evidence:
    bent = row(result, "bent aside")
    return Evidence(bent.state is State.PREDICTED and f"{bent.measured:.2f}" == "0.36", f"{bent.measured:.4g} L aside")


def hangs(result: Result) -> Evidence:
    """The claim that it hangs straight down, while the exact flow would leave the end 0.16 lengths above the pin."""
    end = row(result, "height of the loaded end")
    holds = end.state is State.PREDICTED and f"{end.truth:.2f}" == "0.16"
    return Evidence(holds, f"the end at {end.measured:.3g} L; a flow leaves it at {end.truth:.3g} L")


def stays_up(result: Result) -> Evidence:
    bent = row(result, "bent aside")
    return Evidence(bent.state is State.PREDICTED, f"upright, {bent.measured:.3g} L aside")


SCENES = (
    Scene(
        "holds",
        "Just below the load it straightens, slowly",
        "At 0.97 of Euler's buckling load a bent column still straightens, by half in a time of 50.",
        ColumnConfig(load=0.97, duration=900.0),
        claim=straightens,
        tries=Try(
            "load", 1.05, "Set the load to 1.05.", "The straight column is a saddle now: it bends 0.19 L aside.", bends
        ),
        label="Straightens",
    ),
    Scene(
        "buckles",
        "Just above the load it bends aside",
        "At 1.05 of Euler's buckling load the straight column is a saddle: it ends bent by 0.19 of its length.",
        ColumnConfig(load=1.05, duration=460.0),
        claim=bends,
        tries=Try("load", 1.3, "Set the load to 1.3.", "It bends 0.36 L aside, almost twice as far.", farther),
    ),
    Scene(
        "swings",
        "A jump too far",
        "L-BFGS jumps across a ridge: the column hangs from its pin, where a flow leaves the end 0.16 L above it.",
        ColumnConfig(load=1.8, method="lbfgs", step=0.2, seed=1, duration=120.0),
        claim=hangs,
        tries=Try("method", "rkc", "Choose the flow, RKC.", "No jump: the column bends aside and stays up.", stays_up),
    ),
)
