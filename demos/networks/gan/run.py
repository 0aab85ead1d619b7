"""One run of the Dirac-GAN: each way of training it, beside its flow. Pure: same config, same bytes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.common.numbers import number
from demos.common.progress import Progress, part
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.networks.gan import law
from demos.networks.gan.checks import RADIUS, checks_of, of_the_field
from demos.networks.gan.config import METHODS, GanConfig
from demos.networks.gan.game import train
from demos.networks.gan.picture import picture

LEVEL = 1e-4  # largest |factor − 1| of a step that counts as constant: 1.5 % in 150 steps


@demo_run
def run(config: GanConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """The Dirac-GAN as a function of its config."""
    exact = law.flow(config, config.lr * np.arange(config.steps + 1))
    runs, paths, wanted = {}, {}, {}
    for index, method in enumerate(config.methods):
        runs[method] = train(config, method, part(progress, index, len(config.methods), 0.9)).states.numpy()
        paths[method] = filled(runs[method][:, 0], config.steps)
        wanted[method] = law.steps(config, method, (config.theta, config.psi))
    drawn = picture(config, paths, wanted, exact)
    if on_picture is not None:
        on_picture(drawn)
    rows = [checks_of(config, method, states, exact) for method, states in runs.items()]
    checks = [row for kind in zip(*rows, strict=True) for row in kind] + of_the_field(config)
    if progress is not None:
        progress(1.0)
    return Result(
        drawn,
        tuple(checks),
        {"norms": norms(config, paths)},
        (spiral(config),),
        headline=headline(config, checks),
    )


def filled(path: np.ndarray, steps: int) -> np.ndarray:
    """(steps + 1, 2): the path, with nan after a divergence."""
    rest = np.full((steps + 1 - len(path), 2), np.nan)
    return np.concatenate((path, rest))


def spiral(config: GanConfig) -> str:
    first, second = law.eigenvalues(config)
    if first.imag == 0:
        return (
            f"The flow's rates at the equilibrium are {number(first.real)} and {number(second.real)}: it does not turn."
        )
    turn = f"one turn takes {number(2 * np.pi / abs(first.imag))}"
    return f"The flow's eigenvalues are {number(first.real)} ± {number(abs(first.imag))}i: {turn} units of time."


def headline(config: GanConfig, checks: list[Check]) -> str:
    wrong = next((row for row in checks if row.state is State.DIFFERS), None)
    if wrong is not None:
        return f"{wrong.name}: {number(wrong.measured)}, due is {number(wrong.predicted or wrong.truth or 0.0)}."
    words = []
    for row, method in zip(checks, config.methods, strict=False):
        assert row.name.startswith(RADIUS)
        factor = law.factor(config, method)
        what = "circles" if abs(factor - 1) < LEVEL else "leaves" if factor > 1 else "comes to rest"
        start = np.hypot(config.theta, config.psi)
        words.append(
            f"{METHODS[method]}: distance {number(start)} → {number(row.measured)}; near the equilibrium it {what}, "
            f"× {number(factor, digits=4)} a step"
        )
    return "; ".join(words) + (_other_penalties(config) if len(words) == 1 else "") + "."


def _other_penalties(config: GanConfig) -> str:
    """A clause on the factor of a step near the equilibrium with half and with twice the penalty."""
    if not 0 < config.gamma <= GanConfig.controls()["gamma"].high / 2:
        return ""
    half, twice = (law.factor(config.replace(gamma=scale * config.gamma), config.methods[0]) for scale in (0.5, 2.0))
    return f" (with half the penalty × {number(half, digits=4)}, with twice × {number(twice, digits=4)})"


def norms(config: GanConfig, paths: dict[str, np.ndarray]) -> pd.DataFrame:
    """Columns series, step, ratio: the discriminator's gradient over the generator's."""
    frames = []
    for name, path in paths.items():
        inside = np.flatnonzero(np.hypot(*path.T) < 1e6)
        v = np.array([law.field(config, *path[i]) for i in inside])
        with np.errstate(divide="ignore"):
            ratio = np.abs(v[:, 1]) / np.abs(v[:, 0])
        good = (ratio > 1e-3) & (ratio < 1e3)
        frames.append(pd.DataFrame({"series": METHODS[name], "step": inside[good], "ratio": ratio[good]}))
    return pd.concat(frames, ignore_index=True)
