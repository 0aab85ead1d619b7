"""Scenes of a GAN on a ring. Their claims hold for any seed: one training's last bits decide nothing."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.networks.bench.evidence import rows
from demos.networks.ring.checks import HELD
from demos.networks.ring.config import RingConfig


def holds(*ranges: tuple[int, int]) -> Claim:
    """How many modes each GAN holds in the end, as fresh points of its generator say."""

    def claim(result: Result) -> Evidence:
        found = rows(result, HELD)
        fits = len(found) == len(ranges) and result.verdict.state is not State.DIFFERS
        fits = fits and all(low <= one.measured <= high for one, (low, high) in zip(found, ranges, strict=True))
        return Evidence(fits, "; ".join(f"{one.name}: {one.measured:g}, {one.state}" for one in found))

    return claim


COLLAPSED, WHOLE = (0, 5), (7, 8)

SCENES = (
    Scene(
        "mode_collapse",
        "Mode collapse, and a cure",
        "A discriminator half as fast cannot keep up: points run where it is largest. At 4 × its rate 7 or all 8 stay.",
        RingConfig(beside="fast"),
        holds(COLLAPSED, WHOLE),
        Try(
            "beside",
            "r1",
            "Put equal rates and R1 beside it.",
            "A penalty on its slope is a cure as well: 7 or 8 modes at equal rates.",
            holds(COLLAPSED, WHOLE),
        ),
    ),
    Scene(
        "ring_r1",
        "R1 holds the ring together",
        "At equal rates a discriminator that pays for its slope at the data keeps points in 7 modes or all 8.",
        RingConfig(ratio=1.0, gamma=0.5),
        holds(WHOLE),
        Try(
            "ratio",
            0.25,
            "Slow the discriminator down to a quarter.",
            "R1 does not help one that cannot keep up: the points collapse.",
            holds(COLLAPSED),
        ),
        label="R1 on the ring",
    ),
    Scene(
        "packing",
        "Pairs give a collapse away",
        "Shown two points at once, the discriminator sees when they are too much alike: the slow one holds the modes.",
        RingConfig(pack=2),
        holds((6, 8)),
        Try("pack", 1, "Show it one point at a time.", "The same rates, and the points collapse.", holds(COLLAPSED)),
    ),
)
