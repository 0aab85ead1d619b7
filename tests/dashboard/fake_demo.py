"""A small demo for tests of the dashboard: particles whose mean decays exponentially to 0."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from demos import contract
from demos.common.progress import Progress
from demos.contract import Check, Config, Demo, Result, Scene
from demos.picture import Field, Markers, Panel, Picture, Points, Readout

METHODS = {"euler": "Euler–Maruyama", "leimkuhler_matthews": "Leimkuhler–Matthews", "mala": "MALA", "hmc": "HMC"}


@dataclass(frozen=True)
class FakeConfig(Config):
    step: float = contract.number(
        0.1, "Step size", low=0.001, high=1.0, scale="log", group="main", unit="1/√k", help="How far one step goes."
    )
    rate: float = contract.number(1.0, "Rate", low=0.0, high=2.0, step=0.05, group="main")
    particles: int = contract.whole(500, "Particles", low=10, high=20_000, scale="log", group="main")
    method: str = contract.choice("euler", "Method", METHODS, group="main")
    start: str = contract.choice("cloud", "Start", {"point": "Point", "cloud": "Cloud"}, group="start")
    compare: tuple[str, ...] = contract.several(("euler",), "Compare", METHODS, most=2, group="compare")
    seed: int = contract.whole(0, "Seed", low=0, high=2**31 - 1, group="start")
    frames: int = contract.whole(40, "Frames", low=2, high=200, group="start")
    title: str = contract.text("decay", "Title", 20, group="words")
    noise: bool = contract.flag(True, "Noise", group="start")
    slow: float = contract.number(0.0, "Seconds of work", low=0.0, high=600.0, group="words")

    def check(self) -> None:
        if self.particles * self.frames > 2_000_000:
            raise ValueError(f"{self.particles} particles × {self.frames} frames are more than 2,000,000 positions.")


def run(config: FakeConfig, progress: Progress | None = None) -> Result:
    generator = np.random.default_rng(config.seed)
    stop = time.monotonic() + config.slow
    while (left := stop - time.monotonic()) > 0:
        time.sleep(0.005)
        if progress is not None and progress(1 - left / config.slow) is False:
            break
    times = np.linspace(0, 3, config.frames)
    start = generator.standard_normal((config.particles, 2)) * (0.5 if config.start == "cloud" else 0.0) + [1.5, 0.5]
    positions = start * np.exp(-config.rate * times)[:, None, None]
    if config.noise:
        positions = positions + 0.05 * generator.standard_normal(positions.shape)
    grid = np.linspace(-3, 3, 90)
    energy = 0.5 * (grid**2)[None, :] + 0.5 * (grid**2)[:, None]
    mean = float(positions[-1, :, 0].mean())
    error = float(positions[-1, :, 0].std() / np.sqrt(config.particles))
    exact = float(start[:, 0].mean() * np.exp(-3 * config.rate))
    picture = Picture(
        panels=[
            Panel(
                x=(-3, 3), y=(-2, 2), equal=True, clickable=True, x_label="x", y_label="y",
                layers=[
                    Field("energy", energy, contours=8),
                    Points("particles", positions, trail=8),
                    Markers("places", np.array([[0.0, 0.0]]), ["minimum"], ["minimum"]),
                ],
            )
        ],
        clock=Readout("t", times),
        readouts=[Readout("mean of x", positions[:, :, 0].mean(axis=1))],
        alt="A cloud of particles decays to the origin.",
    )  # fmt: skip
    checks = (
        Check("mean of x at the end", mean, exact, uncertainty=error, unit="m", source="x₀ exp(−kt)"),
        Check("energy at the origin", 0.5 * 0.0, 0.0, source="U(0)"),
        Check("∫ exp(−U) dx", 6.2831853071, 6.2831853072, floor=1e-9, source="2π, trapezoidal rule"),
        Check("mean of <b>y</b>", 0.31, 0.25, uncertainty=0.01, source="a wrong formula", note="Wrong on purpose."),
    )
    means = {"mean": positions[:, :, 0].mean(axis=1), "exact": exact * np.exp(config.rate * (3 - times))}
    decay = pd.DataFrame({"t": times, **means})
    warnings = ("3 of 500 particles left the box.",) if config.step > 0.5 else ()
    return Result(picture, checks, {"decay": decay}, notes=("The flow ended at t = 3.",), warnings=warnings)


def code(config: FakeConfig) -> str:
    return f"from tests.dashboard.fake_demo import FAKE, FakeConfig\n\nFAKE.run(FakeConfig(rate={config.rate!r}))"


ODD = FakeConfig(step=0.0123, method="mala", compare=("mala", "hmc"))
FAKE = Demo(
    name="fake",
    title="Decay",
    sentence="Particles run down a bowl, and their mean decays exponentially.",
    equation=r"dx = -k\,x\,dt",
    config=FakeConfig,
    run=run,
    scenes=(
        Scene("calm", "Calm decay", "The cloud shrinks without changing its shape.", FakeConfig()),
        Scene("fast", "Fast decay", "Twice the rate: half the time.", FakeConfig(rate=2.0, particles=1000)),
        Scene("odd", "Odd values", "Values off every grid.", ODD, label="Odd values"),
        Scene("coarse", "Step too large", "The warning says what broke.", FakeConfig(step=1.0)),
    ),
    code=code,
    explanation="The mean obeys $\\dot m = -k m$, so $m(t) = m(0)\\,e^{-kt}$.",
)  # fmt: skip
