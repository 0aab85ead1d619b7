"""Scenes of schedules."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.stochastic.bench.evidence import expected, row
from demos.stochastic.schedules.config import SchedulesConfig

CONSTANT, COSINE, WARM, POLYAK, FREE = (
    "loss, constant",
    "loss, cosine",
    "loss, Warm-up",
    "loss, Polyak",
    "loss, Schedule-Free",
)


def right(result: Result) -> bool:
    return all(check.state is not State.DIFFERS for check in result.verdict.rows)


def bound(result: Result) -> float:
    """½ tr(C H⁻¹)/steps, the Cramér–Rao bound of the loss."""
    return row(result, POLYAK).truth or float("nan")


def above_cosine(low: float, high: float) -> Claim:
    """The claim that a constant rate agrees with its floor, and ends `low` to `high` times above cosine."""

    def claim(result: Result) -> Evidence:
        constant, cosine = row(result, CONSTANT), row(result, COSINE)
        ratio = expected(constant) / expected(cosine)
        holds = right(result) and constant.agrees and low <= ratio <= high
        return Evidence(
            holds, f"floor {constant.truth:.4g}, measured {constant.measured:.4g}; {ratio:.1f} times cosine's"
        )

    return claim


def floor_between(low: float, high: float) -> Claim:
    def claim(result: Result) -> Evidence:
        constant = row(result, CONSTANT)
        return Evidence(constant.agrees and low <= (constant.truth or 0) <= high, f"floor {constant.truth:.4g}")

    return claim


def times_bound(name: str, low: float, high: float) -> Claim:
    """The claim that the exact loss of this schedule is `low` to `high` times the bound, and that losses agree with the
    exact ones."""

    def claim(result: Result) -> Evidence:
        ratio = expected(row(result, name)) / bound(result)
        return Evidence(right(result) and low <= ratio <= high, f"{ratio:.3f} times the bound")

    return claim


def whenever(result: Result) -> Evidence:
    """The claim that Schedule-Free is at most 1/(1 − β²) times the bound at the end and at a tenth of the steps,
    Polyak's average at 1.1 times at the end, and cosine, at its last step, farther."""
    free, polyak, cosine = (expected(row(result, name)) / bound(result) for name in (FREE, POLYAK, COSINE))
    early = expected(row(result, f"{FREE} after")) / (10 * bound(result))
    holds = right(result) and 4.0 < early < free < 5.3 < cosine and 1.05 < polyak < 1.2
    return Evidence(
        holds, f"{early:.2f} and {free:.2f} times the bound; Polyak's average {polyak:.2f}, cosine {cosine:.2f}"
    )


def the_same(result: Result) -> Evidence:
    """The claim that warm-up and a constant rate end alike, to one in a thousand, and warm-up is behind before."""
    ends = [expected(row(result, name)) for name in (CONSTANT, WARM)]
    ways = [expected(row(result, f"{name} after")) for name in (CONSTANT, WARM)]
    holds = right(result) and abs(ends[1] / ends[0] - 1) < 1e-3 and ways[1] > 1.2 * ways[0]
    return Evidence(holds, f"{ends[1] / ends[0]:.6f} at the end, {ways[1] / ways[0]:.2f} on the way")


def diverges(result: Result) -> Evidence:
    """The claim that both diverge as the exact distribution does, and the warning names the rate."""
    last = [row(result, name) for name in (CONSTANT, WARM)]
    holds = right(result) and len(result.warnings) == 1 and all(check.measured > 1e3 for check in last)
    return Evidence(holds, f"losses {last[0].measured:.2g} and {last[1].measured:.2g}")


SCENES = (
    Scene(
        "rate_floor",
        "A constant rate has a floor, a falling one has none",
        "At lr = 0.5 a constant rate stays at a loss of 0.043; cosine, on the same batches, ends 40 times lower.",
        SchedulesConfig(),
        claim=above_cosine(39, 42),
        tries=Try("lr", 0.25, "Halve the rate.", "Less than half the floor, 0.019.", floor_between(0.0184, 0.0188)),
    ),
    Scene(
        "averaging",
        "An average is as good as any estimate can be",
        "Polyak's average ends 1.13 times above the least loss that 1,000 batches allow, SGD's last step 1,520 times.",
        SchedulesConfig(lr=1.5),
        claim=times_bound(POLYAK, 1.1, 1.16),
        tries=Try(
            "lr",
            0.1,
            "Set the rate to 0.1.",
            "The start stays in the mean: 37 times the least.",
            times_bound(POLYAK, 36, 39),
        ),
    ),
    Scene(
        "schedule_free",
        "Schedule-Free may stop at any step, and pays for it",
        "Whenever it stops, Schedule-Free is at most 5.3 times above the least loss; Polyak's average ends at 1.1.",
        SchedulesConfig(lr=1.0, flat=0.2),
        claim=whenever,
        tries=Try("steps", 4_000, "Set the steps to 4,000.", "Still 5.3 times the least.", times_bound(FREE, 5.2, 5.3)),
    ),
    Scene(
        "warm_up",
        "Warm-up changes nothing on a quadratic",
        "Warm-up comes later to the same floor. It helps where curvature falls during training, and here it does not.",
        SchedulesConfig(steps=600),
        claim=the_same,
        tries=Try("lr", 2.1, "Set the rate to 2.1.", "Past 2/curvature it only delays the divergence.", diverges),
    ),
)
