"""Scenes of flat and sharp wells."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.stochastic.bench.evidence import row
from demos.stochastic.wells.config import WellsConfig

SHARE, TIME, TEST = "fraction in the flat well", "mean time to leave", "test loss"


def share_between(low: float, high: float) -> Claim:
    """The claim that the share in the flat well is in this range, as predicted by the exact distribution."""

    def claim(result: Result) -> Evidence:
        share = row(result, SHARE)
        holds = low <= share.measured <= high and share.meets_prediction
        return Evidence(holds, f"{100 * share.measured:.1f} %, exactly {100 * (share.predicted or 0):.1f} %")

    return claim


def as_gibbs(result: Result) -> Evidence:
    """The claim that share and passage time agree with the diffusion limit, to a twentieth."""
    share, time = row(result, SHARE), row(result, TIME)
    apart = max(abs(share.difference), abs((time.predicted or 0.0) / (time.truth or 1.0) - 1))
    holds = share.agrees and time.state is not State.DIFFERS and apart < 0.05
    holds = holds and share.measured > 0.8 and 1.25 < time.measured < 1.5
    return Evidence(holds, f"share {share.measured:.3f}, Gibbs {share.truth:.3f}; time {time.measured:.3f}")


def slower(result: Result) -> Evidence:
    """The claim that at half the temperature more than half have not escaped in the same time."""
    time = row(result, TIME)
    return Evidence(time.meets_prediction and time.measured > 3.5, f"{time.measured:.3g} on average, or longer")


def unstable(result: Result) -> Evidence:
    """The claim that above lr = 2/h more chains are in the flat well than at any temperature (Gibbs: at most 82 %)."""
    share = row(result, SHARE)
    return Evidence(share.state is State.PREDICTED and share.measured > 0.93, f"{100 * share.measured:.1f} %")


def tested(low: float, high: float) -> Claim:
    """The claim that the loss on the shifted landscape is in this range, as predicted by the exact distribution."""

    def claim(result: Result) -> Evidence:
        test = row(result, TEST)
        holds = test.meets_prediction and low <= test.measured <= high
        return Evidence(holds, f"test loss {test.measured:.3f}, exactly {test.predicted:.3f}")

    return claim


SCENES = (
    Scene(
        "gibbs",
        "Small batches find the flat minimum",
        "At B = 1 SGD leaves the sharp well in a mean time of 1.4; more than 80 % end in the flat one, as Gibbs says.",
        WellsConfig(),
        claim=as_gibbs,
        tries=Try("batch", 2, "Double the batch.", "Half the temperature: most chains take longer.", slower),
    ),
    Scene(
        "large_batch",
        "Large batches stay in the sharp minimum",
        "With B = 8 nobody leaves the sharp well, though 82 % belong to the flat one: there is no time for it.",
        WellsConfig(lr=0.01, batch=8),
        claim=share_between(0.0, 0.005),
        tries=Try("batch", 1, "Set the batch size to 1.", "84 % go over to the flat well.", share_between(0.79, 0.88)),
    ),
    Scene(
        "generalize",
        "Where the loss is tested a little shifted, flat minima generalize",
        "A shift costs the sharp well (curvature 40) 20 times as much as the flat one: batches of 2 test at 0.19.",
        WellsConfig(lr=0.01, batch=2, noise=10.0, steps=2_000),
        claim=tested(0.18, 0.21),
        tries=Try(
            "batch",
            16,
            "Set the batch to 16.",
            "Nobody leaves the sharp well: the test loss is 0.39.",
            tested(0.38, 0.40),
        ),
    ),
    Scene(
        "unstable",
        "Too large a rate leaves no sharp minimum",
        "Past lr = 2/curvature = 0.05 the sharp well repels: 95 % are in the flat one, more than at any temperature.",
        WellsConfig(lr=0.06, batch=8, steps=400),
        claim=unstable,
        tries=Try("lr", 0.01, "Set the rate to 0.01.", "The sharp well holds again.", share_between(0.0, 0.005)),
    ),
)
