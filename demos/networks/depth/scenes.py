"""Named presets: each makes one point in one sentence, with a claim that a test checks."""

from __future__ import annotations

from collections.abc import Callable

from demos.contract import Result, Scene, State
from demos.contract.scene import Claim, Evidence, Try
from demos.networks.depth.checks import DECAY
from demos.networks.depth.config import DepthConfig


def decays(*ranges: tuple[float, float], comparable: bool = True) -> Claim:
    """The claim that the decay of each kind of network, in their order, is in its range, and that it agrees with theory
    if it is `comparable`."""

    def evidence(result: Result) -> Evidence:
        rows = [row for row in result.verdict.rows if row.name.startswith(DECAY)]
        state = State.AGREES if comparable else State.NOT_COMPARABLE
        fits: Callable[..., bool] = lambda row, limits: limits[0] <= row.measured <= limits[1] and row.state is state
        holds = len(rows) == len(ranges) and all(fits(*pair) for pair in zip(rows, ranges, strict=True))
        return Evidence(holds, "; ".join(f"{row.name}: {row.measured:.2f}, {row.state}" for row in rows))

    return evidence


SCENES = (
    Scene(
        "default",
        "Torch's default vanishes",
        "20 layers as nn.Linear makes them: each keeps 1/√6 of the gradient, and the first gets 4 × 10⁻⁸ of it.",
        DepthConfig(),
        decays((-8.0, -6.8)),
        Try(
            "beside",
            "he",
            "Put He's weights beside it",
            "He's weights keep it: × 1 a layer.",
            decays((-8, -6.8), (-0.7, 0.6)),
        ),
    ),
    Scene(
        "sigmoid",
        "Sigmoids lose it at once",
        "The slope of a sigmoid is at most ¼: 16 decades in 20 layers, below Adam's ε as well.",
        DepthConfig(activation="sigmoid"),
        decays((-16.7, -15.7)),
        Try(
            "init",
            "xavier",
            "Choose Xavier's weights",
            "12 decades are still lost: no weights make up for ¼.",
            decays((-12.5, -11.5)),
        ),
    ),
    Scene(
        "critical",
        "Tanh on the critical line",
        "Xavier's σ_w = 1 stands where χ = 1: the gradient falls like a power of the depth, 5-fold in 20 layers.",
        DepthConfig(activation="tanh", init="xavier"),
        decays((-1.1, -0.4)),
        Try(
            "gain",
            2.0,
            "Raise the gain to 2",
            "Right of the line: gradients grow, the network is chaotic.",
            decays((0.7, 2.2)),
        ),
    ),
    Scene(
        "batch_norm",
        "Batch norm explodes",
        "Against what glossaries say, each layer multiplies |g|² by π/(π − 1) = 1.467 on the way back.",
        DepthConfig(init="he", normalization="batch", batch=256),
        decays((1.2, 1.75)),
        Try(
            "normalization",
            "layer",
            "Choose layer norm",
            "Layer norm keeps the size: × 1 a layer.",
            decays((-0.6, 0.3)),
        ),
    ),
    Scene(
        "skips",
        "Skips scaled by 1/√L",
        "h + f(h)/√L multiplies |g|² by 1 + 1/L a layer: e altogether, however deep. Unscaled, each doubles it.",
        DepthConfig(init="he", skip="root", depth=50),
        decays((0.0, 0.45)),
        Try(
            "skip",
            "one",
            "Take away the 1/√L",
            "Now |g|² doubles at each layer: 7 decades in 50 layers.",
            decays((6.9, 7.9)),
        ),
    ),
    Scene(
        "gelu",
        "Where theory fails",
        "GELU with He's weights: sizes are unstable, networks differ from each other, and the mean says little.",
        DepthConfig(activation="gelu", init="he"),
        decays((-1.5, 0.5), comparable=False),
        Try(
            "init",
            "default",
            "Choose torch's default",
            "Stable again: 10 decades are lost, as theory says.",
            decays((-10.7, -9.5)),
        ),
    ),
)
