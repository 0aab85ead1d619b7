"""Scenes of the diagonal linear network."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.stochastic.bench.evidence import row
from demos.stochastic.diagonal.config import DiagonalConfig
from demos.stochastic.diagonal.error_map import best_sizes

IDENTITY, RATIO, NOISY, PLAIN, SGD, FLOW, CONSERVED = (
    "largest gap of log|w v",
    "largest gap of log|w/v|",
    "test error with label noise",
    "test error of gradient descent",
    "test error of SGD",
    "test error of gradient flow",
    "gradient flow: largest",
)


def last(result: Result, name: str) -> float:
    """The test error of a method at the end, from the table of the chart."""
    table = result.tables["errors"]
    return float(table[table["series"] == name]["error"].iloc[-1])


def alpha(result: Result, name: str) -> float:
    table = result.tables["alpha"]
    return float(table[table["series"] == name]["alpha"].iloc[-1])


def sparse(times: float) -> Claim:
    """The claim that with label noise the test error ends `times` times below that of gradient descent, and that the
    identities of w·v and w/v hold, which determine the coefficients of every chain."""

    def claim(result: Result) -> Evidence:
        ratio = last(result, "gradient descent") / last(result, "label noise")
        held = all(row(result, name).agrees for name in (IDENTITY, RATIO, PLAIN))
        return Evidence(
            held and ratio >= times, f"{ratio:.1f} times below; effective α {alpha(result, 'label noise'):.2g}"
        )

    return claim


def not_sparse(result: Result) -> Evidence:
    """The claim that without label noise the chains end within a tenth of gradient descent's test error."""
    ratio = last(result, "SGD") / last(result, "gradient descent")
    return Evidence(
        row(result, SGD).agrees and abs(ratio - 1) < 0.1, f"SGD has {ratio:.2f} of gradient descent's test error"
    )


def lowest(share: float) -> Claim:
    """The claim that SGD has the smallest effective α and the lowest test error, at most `share` of the others', as

    predicted. (Gradient descent's α is below the flow's, but its test error is not: errors are not ordered like α.)"""

    def claim(result: Result) -> Evidence:
        names = ("SGD", "gradient descent", "gradient flow")
        errors, alphas = [last(result, n) for n in names], [alpha(result, n) for n in names]
        agree = all(row(result, name).agrees for name in (SGD, PLAIN, FLOW, CONSERVED))
        holds = agree and alphas == sorted(alphas) and errors[0] < share * min(errors[1:])
        return Evidence(holds, "; ".join(f"{e:.3f} (α {a:.4f})" for e, a in zip(errors, alphas, strict=True)))

    return claim


def nearly_the_same(result: Result) -> Evidence:
    """The claim that with batches as large as the data set SGD's test error is within a tenth of gradient descent's."""
    ratio = last(result, "SGD") / last(result, "gradient descent")
    return Evidence(row(result, SGD).agrees and abs(ratio - 1) < 0.1, f"{ratio:.3f} of gradient descent's")


def sweet_spot(rate: float, low: int, high: int, ends: float = 1.0) -> Claim:
    """The claim that on the shipped map the best batch size at this rate is between low and high, the errors at both
    ends are at least `ends` times as large, and this run's test error agrees with the map."""

    def claim(result: Result) -> Evidence:
        table = result.tables["map"]
        best = best_sizes(table)[rate]
        errors = table[table["rate"] == rate].set_index("batch")["error"]
        left, right = (float(errors.loc[b] / errors.loc[best]) for b in (errors.index.min(), errors.index.max()))
        holds = low <= best <= high and min(left, right) >= ends and row(result, NOISY).state is not State.DIFFERS
        return Evidence(holds, f"best {best}; the ends are {left:.1f} and {right:.1f} times as bad")

    return claim


def dense(result: Result) -> Evidence:
    """The claim that from a large start gradient flow ends near the dense least-squares solution, with most of the
    error left."""
    error = last(result, "gradient flow")
    return Evidence(row(result, FLOW).agrees and 0.8 < error < 0.87, f"test error {error:.3f}, of 1.25 before training")


def small_is_sparse(result: Result) -> Evidence:
    error = last(result, "gradient flow")
    return Evidence(row(result, FLOW).agrees and error < 0.05, f"test error {error:.4f}")


SCENES = (
    Scene(
        "label_noise",
        "Noise is a regularizer: label noise finds the sparse solution",
        "Label noise shrinks the effective α from 0.1 to 0.008: test error 0.02, where gradient descent has 0.37.",
        DiagonalConfig(),
        claim=sparse(10.0),
        tries=Try(
            "label_noise",
            0.0,
            "Set the label noise to 0.",
            "The gradient dies, α stays: nothing is gained.",
            not_sparse,
        ),
    ),
    Scene(
        "batch_noise",
        "Batches alone shrink α, and gradient flow keeps it",
        "Batches of one: α falls from 0.1 to 0.08, the test error from 0.36 to 0.27. Flow conserves w·v, to 8 digits.",
        DiagonalConfig(lr=0.05, label_noise=0.0, batch=1, chains=8),
        claim=lowest(0.8),
        tries=Try("batch", 40, "Set the batch size to 40.", "Nearly gradient descent.", nearly_the_same),
    ),
    Scene(
        "best_batch",
        "A network with label noise has a best batch size, too",
        "At lr = 0.05 batches of 12 end best: B = 1 has 12 times their test error, and B = 40 seven times.",
        DiagonalConfig(lr=0.05, batch=12, steps=20_000),
        claim=sweet_spot(0.05, 8, 16, 5.0),
        tries=Try(
            "lr",
            0.025,
            "Set the rate to 0.025.",
            "The best size is smaller, 3: it grows with the rate.",
            sweet_spot(0.025, 2, 4),
        ),
    ),
    Scene(
        "start",
        "The scale of the start decides",
        "From α = 0.5 gradient flow ends dense, with all coefficients small: two thirds of the test error are left.",
        DiagonalConfig(alpha=0.5, lr=0.01, label_noise=0.0, batch=40, steps=2_000),
        claim=dense,
        tries=Try(
            "alpha",
            0.01,
            "Set α to 0.01.",
            "Sparse without any noise, only slower: a test error of 0.02.",
            small_is_sparse,
        ),
    ),
)
