"""The cloud beside the ring, beside fresh points of its generator, and all of it beside the same players by hand."""

from __future__ import annotations

from math import sqrt

import numpy as np

from demos.common.numbers import counted
from demos.common.random_streams import generator
from demos.contract import Check
from demos.networks.ring import again, law
from demos.networks.ring.config import RingConfig
from demos.networks.ring.players import NOISE
from demos.networks.ring.train import GRID, SHOWN, VIEW, Trained

HELD, MOST, LEAST, DISTANCE = "modes held, of 8", "share of the fullest mode", "share of the emptiest mode", "distance"
RING = "discrepancy from the ring"
FRESH, REPLICAS = 20_000, 30
UNIT = 2.0**-24  # half the spacing of float32 at 1
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
        source="mean over the eight normal distributions, by quadrature",
        sigmas=5.0,
    )


def discrepancy(config: RingConfig, last: np.ndarray, fresh: np.ndarray) -> Check:
    """The truth is a distribution, that of true clouds: with it agrees what is no farther than the farthest of them.
    Replicas of the generator's cloud give what this one must be, and their scatter counts in that comparison alone."""
    measured, null = law.discrepancy(last, config.sigma), law.null(config.sigma, SHOWN)
    replicas = [law.discrepancy(part, config.sigma) for part in np.split(fresh[: REPLICAS * SHOWN], REPLICAS)]
    beyond, spread = float((null >= measured).mean()), float(np.std(replicas, ddof=1))
    return Check(
        f"{RING}, squared",
        measured,
        0.0,
        floor=float(null[-1]),
        predicted=float(np.mean(replicas)),
        predicted_error=spread * sqrt(1 + 1 / REPLICAS),
        predicted_by=f"{REPLICAS} fresh clouds of this generator",
        source="the ring's density, by a normal kernel; 0 for true points in the mean",
        note=f"{beyond:.0%} of {law.PAIRS} true clouds are as far",
        sigmas=5.0,
        percentile=100 * (1 - beyond),
    )


def steps(config: RingConfig, trained: Trained) -> list[Check]:
    """Stretches between two frames, by hand with the same random numbers: where they lead, gradients and losses."""
    apart, ratios, lost = 0.0, [1.0], 0.0
    for index, (frame, memories) in enumerate(trained.windows):
        weights, norms, losses = again.stretch(config, trained, index)
        first, last = trained.at[frame], trained.at[frame + 1]
        for player, memory in enumerate(memories):
            start, reached = (trained.weights[player][frame + i] for i in (0, 1))
            way = np.linalg.norm(weights[player] - memory.weights)
            off = np.linalg.norm(reached - weights[player]) + np.linalg.norm(start - memory.weights)
            apart = max(apart, float(np.nan_to_num(off / way, nan=np.inf)))
        off = np.abs(trained.losses[first:last] - losses) / (1 + np.abs(losses))
        lost = max(lost, float(np.nan_to_num(off, nan=np.inf).max()))
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
            note=f"the worst of {counted(len(ratios) - 1, 'step')}",
        ),
        Check(
            "losses drawn, |difference| / (1 + |loss|)",
            lost,
            0.0,
            floor=DIFFERENT,
            source="both players' losses by hand, in float64",
            note=f"the worst of {counted(len(ratios) - 1, 'step')} of either player",
        ),
    ]


def drawn(config: RingConfig, trained: Trained) -> Check:
    """Every cloud and every look at the discriminator, from the recorded weights."""
    noise = trained.drawn.shown.double().numpy()
    pairs = []  # (difference, what rounding may do) of each frame
    for points, weights in zip(trained.points, trained.weights[0], strict=True):
        apart = np.abs(points - again.made(config, weights, noise))
        pairs.append((apart, again.rounding(0, again.parts(config, 0, weights), noise, UNIT)))
    if trained.fields is not None:
        axis = np.linspace(-VIEW, VIEW, GRID)
        places = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
        for field, frame in zip(trained.fields, trained.looks, strict=True):
            weights = trained.weights[1][frame]
            apart = np.abs(field.reshape(-1, 1) - again.judged(config, weights, places)[:, None])
            logits = again.rounding(1, again.parts(config, 1, weights), places, UNIT)
            pairs.append((apart, logits / 4 + 4 * UNIT))  # σ' is at most 1/4
    times = [np.nan_to_num(apart / most, nan=np.inf) for apart, most in pairs]
    apart, most = pairs[int(np.argmax([each.max() for each in times]))]
    place = np.nan_to_num(apart / most, nan=np.inf).argmax()
    return Check(
        "points and field drawn, largest difference",
        float(apart.flat[place]),
        0.0,
        floor=float(most.flat[place]),
        source="the recorded weights, by hand in float64; most that rounding in float32 can do",
        note=f"the worst of all {counted(len(trained.at), 'frame')}",
    )


def data(config: RingConfig, trained: Trained) -> Check:
    """What the discriminator was shown as true."""
    points = trained.drawn.true.double().numpy().reshape(-1, 2)
    near = law.cloud(points, config.sigma).near
    mean, spread = law.mean_distance(config.sigma)
    return Check(
        "true points' distance from the nearest centre",
        float(near.mean()),
        mean,
        spread / sqrt(len(near)),
        floor=1e-5 * config.sigma,
        source="mean over the eight normal distributions, by quadrature",
        note=f"{counted(len(near), 'point')} of the training",
    )
