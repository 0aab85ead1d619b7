"""Scenes of architectures beyond the perceptron."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.networks.architectures.checks import ALIKE, DECAY, LAST
from demos.networks.architectures.config import ArchitecturesConfig
from demos.networks.bench.evidence import rows


def decays(*ranges: tuple[float, float]) -> Claim:
    """The claim that log10 of the first over the last gradient of both variants is in its range, as predicted."""
    return within(DECAY, *ranges)


def within(name: str, *ranges: tuple[float, float]) -> Claim:
    def claim(result: Result) -> Evidence:
        found = rows(result, name)
        holds = len(found) == len(ranges) and all(check.state is State.AGREES for check in result.checks)
        holds = holds and all(low <= one.measured <= high for one, (low, high) in zip(found, ranges, strict=True))
        return Evidence(holds, "; ".join(f"{one.name}: {one.measured:.3f}" for one in found))

    return claim


def ratio(low: float, high: float) -> Claim:
    """The claim on the ratio of post-norm's gradient at the last matrix to pre-norm's."""

    def claim(result: Result) -> Evidence:
        post, pre = rows(result, LAST)
        times = 10 ** (post.measured - pre.measured)
        return Evidence(post.agrees and pre.agrees and low <= times <= high, f"{times:.3f} times")

    return claim


SCENES = (
    Scene(
        "post_norm",
        "Why post-norm needs a warm-up",
        "With 12 blocks the last matrix of post-norm gets 3 times the gradient of pre-norm's, which falls like 1/√L.",
        ArchitecturesConfig(),
        ratio(2.9, 3.7),
        Try("blocks", 3, "Take 3 blocks", "Only 1.5 times: the gap grows with the depth.", ratio(1.35, 1.65)),
        label="Post-norm",
    ),
    Scene(
        "alike",
        "Post-norm's tokens grow alike",
        "Attention averages at the start: behind 12 blocks post-norm's tokens are one vector, pre-norm's are not yet.",
        ArchitecturesConfig(tokens=16, batch=4),
        within(ALIKE, (0.995, 1.0), (0.70, 0.76)),
        Try(
            "blocks",
            4,
            "Take 4 blocks",
            "Less has been averaged: 0.77 and 0.47.",
            within(ALIKE, (0.70, 0.83), (0.42, 0.52)),
        ),
    ),
    Scene(
        "cnn",
        "A plain CNN's gradient vanishes, skips keep it",
        "Each convolution passes 1/√6 of the gradient, as a linear layer does: 4 decades in 12 layers. Skips keep all.",
        ArchitecturesConfig(kind="cnn"),
        decays((-4.7, -3.9), (0.0, 0.07)),
        Try("init", "he", "Choose He's weights", "Now both keep it.", decays((-0.7, 0.5), (0.1, 0.3))),
        label="CNN",
    ),
    Scene(
        "deep_cnn",
        "Skips make depth harmless",
        "h + f(h)/√L multiplies |g|² by less than e however deep; 30 plain layers lose 11 decades.",
        ArchitecturesConfig(kind="cnn", blocks=30, batch=4),
        decays((-12.2, -10.5), (0.0, 0.07)),
        Try(
            "blocks",
            10,
            "Take 10 layers",
            "Plain layers lose 3.5 decades; the other curve stays.",
            decays((-4.0, -3.1), (0.0, 0.07)),
        ),
        label="Deep CNN",
    ),
)
