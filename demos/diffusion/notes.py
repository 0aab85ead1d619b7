"""What happened, as sentences under the picture."""

from __future__ import annotations

import math

import pandas as pd
import torch

from demos.diffusion.setup import Setup
from demos.diffusion.simulate import Run


def notes(setup: Setup, runs: list[Run], tables: dict[str, pd.DataFrame]) -> list[str]:
    """Distances with their floor first, then what a reader must know about this very picture."""
    found = []
    many = len(runs) > 1
    columns = ("series", "evaluations", "sliced W2", "floor", "floor spread", "in support")
    rows = zip(*(tables["distances"][name].tolist() for name in columns), strict=True)
    for series, evaluations, distance, floor, spread, inside in rows:
        name = f"{series}: " if many else ""
        sentence = (
            f"{name}{evaluations:,} evaluations, sliced W2 to {setup.asked_name} {distance:.3g}; "
            f"two true samples of this size are {floor:.2g} ± {spread:.1g} apart"
        )
        found.append(sentence + ("" if math.isnan(inside) else f"; {inside:.1%} inside the squares") + ".")
    return found + _about(setup, runs) + [f"Scale of these data: {setup.data.scale}."]


def _about(setup: Setup, runs: list[Run]) -> list[str]:
    config, data, plan, found = setup.config, setup.data, setup.plan, []
    if config.score != "exact":
        found.append(_learned(setup))
    if config.score == "flow_ot":
        found.append(
            "Matched pairs give a velocity, not a score: its clouds are wider than p_σ on the way, and "
            "samplers that add noise do not keep its law."
        )
    if data.finite and config.score == "exact":
        copied = _copied(setup, runs[0])
        found.append(
            f"The exact score of {len(data.distribution.means):,} points can only give them back: {copied:.0%} of the "
            "samples lie on a data point."
        )
    if config.guided and config.guidance != 1 and data.classes > 1:
        found.append(
            "The guided flow does not sample p(x) p(c|x)^w: these products, one for each noise level, are not "
            "the diffused versions of one law."
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
                f"At t = 1 the process still keeps {signal:.0%} of the signal; sampling starts from pure noise."
            )
    elif not config.from_data and config.sigma_max < 5:
        found.append(f"Noise of {config.sigma_max:g} spreads does not drown the data; sampling starts as if it did.")
    if config.score_error:
        found.append(f"The score is bent on purpose, around σ = {3 * data.sigma_data:.3g}.")
    if "sde" in config.samplers:
        rate = config.stochasticity
        found.append(
            f"λ = {rate:g}: the gradient flow of −log p_σ with mobility {1 + rate:g} σ and temperature "
            f"{rate / (1 + rate):.3g}, by the same solver."
        )
    return found


def _learned(setup: Setup) -> str:
    """How large the network is, and what it has seen."""
    from demos.diffusion.learned import needed, shipped
    from demos.diffusion.learned.provide import DRAWN

    config, data = setup.config, setup.data
    training = needed(config, data)
    steps = (training or shipped(data.name, config.score).config).steps
    seen = f"the {len(data.distribution.means):,} points themselves" if data.finite else f"{DRAWN:,} points of the data"
    where = "trained here" if training else "its weights ship with the project"
    return f"The network has seen {seen}, in {steps:,} steps; {where}."


def _copied(setup: Setup, run: Run) -> float:
    """The share of samples closer to a data point than a hundredth of the spread."""
    end = torch.nan_to_num(run.path.end, nan=1e6)
    nearest = torch.cat([torch.cdist(part, setup.data.distribution.means.float()).amin(1) for part in end.split(500)])
    left = 0.0 if setup.plan.denoise else 2 * setup.plan.low  # noise that is still there
    return float((nearest < 0.01 * setup.data.sigma_data + left).double().mean())


def warnings(setup: Setup, runs: list[Run]) -> list[str]:
    """Paths that were lost."""
    found = []
    for run in runs:
        lost = int((~torch.isfinite(run.path.end)).any(1).sum())
        if lost or run.path.status.startswith("diverged"):
            found.append(f"{run.label}: {run.path.status}.")
    return found
