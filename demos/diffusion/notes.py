"""The notes under the picture: sentences about the run."""

from __future__ import annotations

import math

import pandas as pd
import torch

from demos.common.numbers import counted
from demos.diffusion.setup import Setup
from demos.diffusion.simulate import Run

OUTSIDE = 0.02  # share of points outside the picture above which a warning says so; of true points at most 0.2 % are


def notes(setup: Setup, runs: list[Run], tables: dict[str, pd.DataFrame]) -> list[str]:
    """The notes: distances with their floor first, then what a reader must know about this picture."""
    found = []
    many = len(runs) > 1
    columns = ("series", "evaluations", "sliced W2", "floor", "floor spread", "p", "in support")
    rows = zip(*(tables["distances"][name].tolist() for name in columns), strict=True)
    for series, evaluations, distance, floor, spread, chance, inside in rows:
        name = f"{series}: " if many else ""
        sentence = (
            f"{name}{evaluations:,} evaluations, sliced W2 to {setup.asked_name} {distance:.3g}; "
            f"two true samples of this size are {floor:.2g} apart (standard deviation from pair to pair "
            f"{spread:.1g}), {chance:.2g} of them at least as far as these"
        )
        found.append(sentence + ("" if math.isnan(inside) else f"; {inside:.1%} inside the squares") + ".")
    return found + _about(setup, runs) + [f"Scale of these data: {setup.data.scale}."]


def _about(setup: Setup, runs: list[Run]) -> list[str]:
    config, data, plan, found = setup.config, setup.data, setup.plan, []
    if config.score != "exact":
        found.append(_learned(setup))
    if config.score == "flow_ot":
        found.append(
            "Matched pairs give a velocity, not a score: its clouds are wider on the way than the data with noise, "
            "and samplers that add noise do not keep its distribution."
        )
    if data.finite and config.score == "exact":
        found.append(f"The exact score of {len(data.distribution.means):,} points can only give them back.")
    if config.guided and config.guidance != 1 and data.classes > 1:
        found.append(
            "The guided flow does not sample p(x) p(c|x)^w: these products, one for each noise level, are not "
            "the diffused versions of one distribution."
        )
    if config.last == "stop":
        found.append(f"The path stops at σ = {plan.low:.3g}: that much noise is left in every sample.")
    if config.story == "both":
        found.append(
            "The samplers start from the noise that these very data became, and need not "
            "bring a point back to its place."
        )
    if not config.from_data and config.process in ("vp", "subvp"):
        signal = plan.process.scale(plan.process.time(plan.high))
        if signal > 0.05:
            found.append(
                f"At t = 1 the process still keeps {signal:.0%} of the signal’s amplitude, {signal**2:.0%} of its "
                "variance; sampling starts from pure noise."
            )
    elif not config.from_data and config.sigma_max < 5:
        found.append(f"Noise of {config.sigma_max:g} spreads does not drown the data; sampling starts as if it did.")
    if config.score_error:
        found.append(f"The score is bent on purpose, around σ = {3 * data.sigma_data:.3g}.")
    if "sde" in config.samplers:
        rate = config.stochasticity
        found.append(
            f"λ = {rate:g}: the gradient flow of −log density with mobility {1 + rate:g} σ and temperature "
            f"{rate / (1 + rate):.3g}, by the same solver."
        )
    return found


def _learned(setup: Setup) -> str:
    """A sentence on the size of the network and on its training data."""
    from demos.diffusion.learned import needed, shipped
    from demos.diffusion.learned.provide import DRAWN, halves

    config, data = setup.config, setup.data
    training = needed(config, data)
    steps = (training or shipped(data.name, config.score).config).steps
    split = halves(data)
    seen = f"{DRAWN:,} points of the data"
    if data.finite:
        count = len(data.distribution.means)
        seen = (
            f"the {counted(count, 'point')} themselves"
            if split is None
            else f"{len(split[0]):,} of the {counted(count, 'point')}"
        )
    where = "trained here" if training else "its weights ship with the project"
    return f"The network has seen {seen}, in {counted(steps, 'step')}; {where}."


def warnings(setup: Setup, runs: list[Run]) -> list[str]:
    """Warnings of paths that diverged, and of points outside the picture."""
    found, half = [], setup.data.view
    for run in runs:
        name, end = f"{run.label}: " if len(runs) > 1 else "", run.path.end
        lost = int((~torch.isfinite(end)).any(1).sum())
        if lost or run.path.status.startswith("diverged"):
            found.append(f"{name or run.label + ': '}{run.path.status}.")
        away = int((torch.nan_to_num(end, nan=math.inf).abs() > half).any(1).sum())
        if away > OUTSIDE * len(end):
            found.append(f"{name}{away:,} of {counted(len(end), 'point')} end outside the picture.")
    return found
