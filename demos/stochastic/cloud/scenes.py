"""Scenes of the cloud at the bottom of a quadratic."""

from __future__ import annotations

from demos.contract import Evidence, Result, Scene, State, Try
from demos.stochastic.bench.evidence import row
from demos.stochastic.cloud.config import CloudConfig

STEEP, FLAT = "variance, steep", "variance, flat"


def ratio(result: Result, name: str = STEEP) -> float:
    """The ratio of the measured variance to that of the diffusion limit."""
    check = row(result, name)
    return check.measured / (check.truth or float("nan"))


def round_cloud(result: Result) -> Evidence:
    """The claim that the diffusion limit holds to 4 %, and the cloud is round although h differs fourfold."""
    steep, flat = row(result, STEEP), row(result, FLAT)
    apart = steep.measured / flat.measured
    holds = abs(ratio(result) - 1) < 0.1 and abs(apart - 1) < 0.1 and not result.verdict.failing
    return Evidence(holds, f"{ratio(result):.3f} of the limit; steep over flat {apart:.3f}")


def four_times(result: Result) -> Evidence:
    """The claim that at lr h = 1.5 the variance is four times that of the diffusion limit, as predicted for steps."""
    steep = row(result, STEEP)
    return Evidence(steep.state is State.PREDICTED and 3.7 < ratio(result) < 4.3, f"{ratio(result):.3g} times")


def twenty_times(result: Result) -> Evidence:
    steep = row(result, STEEP)
    return Evidence(steep.state is State.PREDICTED and 17 < ratio(result) < 23, f"{ratio(result):.3g} times")


def momentum_heats(result: Result) -> Evidence:
    """The claim that β = 0.9 makes the variance about ten times that of plain SGD at this rate."""
    steep = row(result, STEEP)
    plain = 0.05 / 4 / (2 - 0.05)
    return Evidence(
        steep.state is not State.DIFFERS and 9 < steep.measured / plain < 11, f"{steep.measured / plain:.3g}"
    )


def momentum_and_rate(result: Result) -> Evidence:
    """The claim that ten times the rate without momentum gives the same variance to a third: the effective rate is
    lr/(1 − β)."""
    steep = row(result, STEEP)
    return Evidence(
        steep.state is not State.DIFFERS and 0.9 < steep.measured / (0.5 / 4 / 2) < 1.5, f"{steep.measured:.4f}"
    )


def shuffled_is_quiet(result: Result) -> Evidence:
    """The claim that at the end of an epoch the variance is about a quarter of that with replacement,
    lr C/(h (2 − lr h)), across the steep direction, and less than a tenth across the flat one."""
    steep, flat = row(result, STEEP), row(result, FLAT)
    shares = steep.measured / (0.1 / 2 / (2 - 0.1)), flat.measured / (0.1 / 2 / (2 - 0.025))
    holds = steep.agrees and flat.agrees and 0.2 < shares[0] < 0.3 and shares[1] < 0.1
    return Evidence(holds, f"{shares[0]:.3g} and {shares[1]:.3g} of that with replacement")


def independent_is_loud(result: Result) -> Evidence:
    flat = row(result, FLAT)
    independent = 0.1 / 2 / (2 - 0.025)
    return Evidence(
        flat.state is not State.DIFFERS and abs(flat.measured / independent - 1) < 0.1, f"{flat.measured:.4f}"
    )


def grows(result: Result) -> Evidence:
    """The claim that the cloud grows as predicted: no row differs, and the warning names the limit."""
    steep = row(result, STEEP)
    return Evidence(steep.state is State.PREDICTED and len(result.warnings) == 1, f"variance {steep.measured:.3g}")


def settles(result: Result) -> Evidence:
    return Evidence(not result.warnings and row(result, STEEP).state is State.PREDICTED, "it settles")


SCENES = (
    Scene(
        "round",
        "The noise of SGD makes a round cloud",
        "At a small learning rate the cloud is round though the valley is four times as steep along x.",
        CloudConfig(),
        claim=round_cloud,
        tries=Try("lr", 1.5, "Set the learning rate to 1.5.", "Across x the cloud is four times too wide.", four_times),
    ),
    Scene(
        "limit_breaks",
        "Where the diffusion limit breaks",
        "At lr × curvature = 1.5 the variance is 4 times what the diffusion limit says: SGD takes steps, not a path.",
        CloudConfig(lr=1.5),
        claim=four_times,
        tries=Try("lr", 1.9, "Set the learning rate to 1.9.", "20 times, close to the stability limit.", twenty_times),
    ),
    Scene(
        "momentum",
        "Momentum makes the cloud wider",
        "With β = 0.9 the variance is 10 times that of plain SGD at the same learning rate.",
        CloudConfig(lr=0.05, momentum=0.9, steps=400),
        claim=momentum_heats,
        tries=Try(
            "momentum",
            0.0,
            "Set the momentum to 0.",
            "A tenth of the variance: momentum works like the rate lr/(1 − β).",
            lambda result: Evidence(
                abs(row(result, STEEP).measured / (0.05 / 4 / 1.95) - 1) < 0.1, f"{row(result, STEEP).measured:.4f}"
            ),
        ),
    ),
    Scene(
        "reshuffled",
        "Reshuffling silences the noise",
        "Where each epoch shows every example once, variance falls: along x to a quarter, along y below a tenth.",
        CloudConfig(lr=0.1, batch=2, examples=40, sampling="epochs", steps=400),
        claim=shuffled_is_quiet,
        tries=Try(
            "sampling",
            "replacement",
            "Draw the batches with replacement.",
            "Independent batches: the noise is back.",
            independent_is_loud,
        ),
    ),
    Scene(
        "too_fast",
        "Past the stability limit the cloud grows",
        "At 1.02 times the limit the cloud gets 4 % wider in every step, exactly as predicted.",
        CloudConfig(lr=2.04, steps=120),
        claim=grows,
        tries=Try("lr", 1.0, "Set the learning rate to 1.", "It settles.", settles),
    ),
)
