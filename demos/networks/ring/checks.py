"""The cloud beside the ring, beside fresh points of its generator, and all of it beside the same players by hand."""

from __future__ import annotations

from math import sqrt

import numpy as np

from demos.common.random_streams import generator
from demos.contract import Check
from demos.networks.ring import again, law
from demos.networks.ring.config import RingConfig
from demos.networks.ring.players import NOISE
from demos.networks.ring.train import GRID, SHOWN, VIEW, Trained

HELD, MOST, LEAST, DISTANCE = "modes held, of 8", "share of the fullest mode", "share of the emptiest mode", "distance"
RING = "discrepancy from the ring"
FRESH, REPLICAS = 20_000, 30
ROUNDING = 2e-6  # of numbers of size 1, in float32, after three layers
DIFFERENT = 2e-3  # of a stretch of steps: rounding in float32, and units that it switches on or off
BY = "20,000 fresh points of this generator"


def checks_of(config: RingConfig, trained: Trained) -> list[Check]:
    """The rows of one GAN, the most telling first."""
    last, end = trained.points[-1], trained.weights[0][-1]
    noise = generator(config.seed, "fresh points").standard_normal((FRESH, NOISE))
    fresh, seen = again.made(config, end, noise), law.cloud(last, config.sigma)
    known = law.cloud(fresh, config.sigma)
    return [
        held(seen, known),
        *shares(seen, known),
        distance(config, seen, known),
        discrepancy(config, last, fresh),
        *steps(config, trained),
        drawn(config, trained),
        data(config, trained),
    ]


def held(seen: law.Cloud, known: law.Cloud) -> Check:
    error = np.sqrt(known.shares * (1 - known.shares) / SHOWN)
    unsure = int((np.abs(known.shares - law.HELD) < 4 * error).sum())
    return Check(
        HELD,
        seen.held,
        law.MODES,
        floor=unsure,
        predicted=known.held,
        predicted_by=BY,
        source="the data: eight modes",
        note=f"with {law.HELD:.1%} of the points or more within 3σ"
        + (f"; {unsure} so near that that {SHOWN} points cannot tell" if unsure else ""),
    )


def shares(seen: law.Cloud, known: law.Cloud) -> list[Check]:
    """Fresh points say which mode is the fullest and which the emptiest: the shown ones do not choose themselves."""
    due, rows = law.INSIDE / law.MODES, []
    for name, mode in ((MOST, int(known.shares.argmax())), (LEAST, int(known.shares.argmin()))):
        share = float(known.shares[mode])
        spread = max(sqrt(share * (1 - share)), sqrt(1 / FRESH))
        rows.append(
            Check(
                name,
                float(seen.shares[mode]),
                due,
                spread / sqrt(SHOWN),
                floor=2 / SHOWN,
                predicted=share,
                predicted_error=spread / sqrt(FRESH),
                predicted_by=BY,
                source="(1 − e^{−9/2})/8",
                note=f"mode {mode + 1}, within 3σ",
            )
        )
    return rows


def distance(config: RingConfig, seen: law.Cloud, known: law.Cloud) -> Check:
    error = float(known.near.std())
    return Check(
        f"{DISTANCE} from the nearest centre",
        float(seen.near.mean()),
        law.mean_distance(config.sigma)[0],
        error / sqrt(SHOWN),
        floor=1e-6,
        predicted=float(known.near.mean()),
        predicted_error=error / sqrt(FRESH),
        predicted_by=BY,
        source="σ√(π/2), in the mean over the points of the data",
        sigmas=5.0,
    )


def discrepancy(config: RingConfig, last: np.ndarray, fresh: np.ndarray) -> Check:
    """The truth is a distribution, that of true clouds; replicas of the generator's cloud give what it must be."""
    measured, null = law.discrepancy(last, config.sigma), law.null(config.sigma, SHOWN)
    replicas = [law.discrepancy(part, config.sigma) for part in np.split(fresh[: REPLICAS * SHOWN], REPLICAS)]
    beyond = float((null >= measured).mean())
    return Check(
        f"{RING}, squared",
        measured,
        0.0,
        float(np.std(replicas, ddof=1)),
        floor=float(null[-1]),
        predicted=float(np.mean(replicas)),
        predicted_error=float(np.std(replicas, ddof=1)) / sqrt(REPLICAS),
        predicted_by=f"{REPLICAS} fresh clouds of this generator",
        source="the ring's density, by a normal kernel; 0 for true points in the mean",
        note=f"{beyond:.0%} of {law.PAIRS} true clouds are as far",
        sigmas=5.0,
        percentile=100 * (1 - beyond),
    )


def steps(config: RingConfig, trained: Trained) -> list[Check]:
    """Stretches between two frames, with the same random numbers, by hand: where they lead, and their gradients."""
    apart, ratios = 0.0, [1.0]
    for index, (frame, memories) in enumerate(trained.windows):
        weights, norms = again.stretch(config, trained, index)
        first, last = trained.at[frame], trained.at[frame + 1]
        for player, memory in enumerate(memories):
            start, reached = (trained.weights[player][frame + i] for i in (0, 1))
            way = np.linalg.norm(weights[player] - memory.weights)
            off = np.linalg.norm(reached - weights[player]) + np.linalg.norm(start - memory.weights)
            apart = max(apart, float(np.nan_to_num(off / way, nan=np.inf)))
        ratios += (trained.ratio[first:last] * norms[:, 1] / norms[:, 0]).tolist()
    worst = int(np.argmax(np.nan_to_num(np.abs(np.array(ratios) - 1), nan=np.inf)))
    return [
        Check(
            "steps of both players, |difference| / |Δθ|",
            apart,
            0.0,
            floor=DIFFERENT,
            source="gradients and Adam's equations by hand, in float64",
            note=f"the worst of {len(trained.windows)} stretches between two frames",
        ),
        Check(
            "generator's gradient over the discriminator's, over the same by hand",
            float(ratios[worst]),
            1.0,
            floor=DIFFERENT,
            source="gradients by hand, in float64",
            note=f"the worst of {len(ratios) - 1} steps",
        ),
    ]


def drawn(config: RingConfig, trained: Trained) -> Check:
    """Every cloud and every look at the discriminator, from the recorded weights."""
    noise = trained.drawn.shown.double().numpy()
    wanted = np.array([again.made(config, weights, noise) for weights in trained.weights[0]])
    size = 1 + np.abs(wanted).max()
    apart = float(np.abs(trained.points - wanted).max() / size)
    if trained.fields is not None:
        axis = np.linspace(-VIEW, VIEW, GRID)
        places = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
        fields = np.array([again.judged(config, trained.weights[1][frame], places) for frame in trained.looks])
        apart = max(apart, float(np.abs(trained.fields.reshape(len(fields), -1) - fields).max()))
    return Check(
        "points and field drawn, largest difference",
        apart,
        0.0,
        floor=ROUNDING * sqrt(config.width),
        source="the recorded weights, by hand in float64",
        note=f"all {len(wanted)} frames",
    )


def data(config: RingConfig, trained: Trained) -> Check:
    """What the discriminator was shown as true."""
    points = trained.drawn.true.double().numpy().reshape(-1, 2)
    near = law.cloud(points, config.sigma).near
    mean, spread = law.mean_distance(config.sigma)
    return Check(
        "true points' distance from their centre",
        float(near.mean()),
        mean,
        spread / sqrt(len(near)),
        floor=overlap(config.sigma),
        source="σ√(π/2)",
        note=f"{len(near):,} points of the training",
    )


def overlap(sigma: float) -> float:
    """How much nearer points may be to another centre in the mean: a tail beyond the middle between two, both sides."""
    half = float(np.sin(np.pi / law.MODES))
    z = half / sigma
    density = np.exp(-z * z / 2) / sqrt(2 * np.pi)
    return float(2 * 2 * sigma * density)
