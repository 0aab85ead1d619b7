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
        "With torch's default weights the gradient vanishes",
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
        "Sigmoids lose the gradient",
        "The slope of a sigmoid is at most ¼: 16 decades are lost in 20 layers, far below Adam's ε = 10⁻⁸.",
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
        "On the critical line χ = 1 the gradient hardly vanishes",
        "χ is the factor of |g|² a layer. With tanh and Xavier's weights it is 1: the gradient falls only 5-fold.",
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
        "Batch norm makes gradients grow on the way back",
        "Each layer but the first multiplies |g|² by about π/(π − 1) = 1.467: |g| grows 20-fold in 20 layers.",
        DepthConfig(init="he", normalization="batch", batch=256),
        decays((1.2, 1.5)),
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
        "Skips scaled by 1/√L keep the gradient",
        "h + f(h)/√L multiplies |g|² by 1 + 1/L a layer: |g| grows by √e = 1.65 altogether, however deep.",
        DepthConfig(init="he", skip="root", depth=50),
        decays((0.18, 0.26)),
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
        "GELU with He's weights: here theory does not hold",
        "Sizes are unstable: networks differ from each other, and the mean, which theory predicts, says little.",
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
