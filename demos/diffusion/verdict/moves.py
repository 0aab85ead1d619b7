"""The moves of a run from frame to frame, beside those of independent code (`replica`) with the same noise.

Where points end tells little about a sampler with noise: all of its family have the same marginals, whatever the share
of noise. From a recorded frame and the same normal numbers the next frame follows, without any chance. So it does for a
flow so wild that rounding decides where its points end.
"""

from __future__ import annotations

import numpy as np

from demos.diffusion.plan import Sampled
from demos.diffusion.samplers import Sampler
from demos.diffusion.setup import Setup
from demos.diffusion.verdict.adaptive_replica import SUBSTEPS, exact_move
from demos.diffusion.verdict.replica import replica, visited
from demos.diffusion.verdict.same_noise import SameNoise
from demos.diffusion.verdict.scores import denoiser_of

MOST, FEWEST = 24, 3  # moves from frame to frame that are repeated, the first and the last among them
COST = 3e6  # points × evaluations × components of all repeated moves, about 0.03 s
CALL = 1e4  # the cost of a call of the denoiser besides, in the same unit
ALIKE = 0.005  # two moves are alike that differ by less, as a fraction of the root mean square of that move
ROUNDING = 2e-6  # and of the points' distance from the origin: float32
BLURRED = (
    10  # times its tolerance, by which an adaptive method may miss a frame: one lies within a step, and few points
)
# decide little of the error that is bounded
FULL = frozenset({"predictor_corrector"})  # its step depends on all points together
SMOOTH = frozenset({"dopri5", "dpmpp_2m"})  # the flow itself, by `exact_move`, takes the place of steps not recorded
CALLS_OF_EXACT = 4 * SUBSTEPS + 1  # evaluations of one move along the flow


def steps_of(sampler: Sampler, setup: Setup, path: Sampled) -> np.ndarray | None:
    """The step (F,) after which each frame was recorded, by its noise level. None where these are not the levels of the
    sampler's grid, from the first to the last."""
    grid = visited(sampler.name, setup.plan, sampler.steps(setup.config.evaluations, setup.plan))
    found = np.abs(grid[None] - path.sigmas[:, None]).argmin(1)
    close = np.abs(grid[found] - path.sigmas) <= 1e-6 * grid[found] + 1e-9 * setup.plan.high
    complete = found[0] == 0 and found[-1] == len(grid) - 1 and (np.diff(found) > 0).all()
    return found if complete and close.all() else None


def moves_alike(sampler: Sampler, setup: Setup, path: Sampled, members: np.ndarray) -> tuple[float, int]:
    """The share of moves that the replica makes too, and their number. members: the points that are compared, rising.

    The number is 0 where the frames are not at the noise levels of this sampler."""
    steps, plan, name = steps_of(sampler, setup, path), setup.plan, sampler.name
    if steps is None:
        return 0.0, 0
    points = path.states.shape[1]
    moved = np.arange(points) if name in FULL else members
    labels = None if setup.labels is None else setup.labels.numpy()[moved]
    denoiser, budget = denoiser_of(setup, labels), sampler.steps(setup.config.evaluations, plan)
    taken = plan.corrections + 1 if name in FULL else 1
    noise = SameNoise(plan.seed, points, taken, sampler.row.normals, moved)
    spent = CALLS_OF_EXACT if name in SMOOTH else path.evaluations / (len(steps) - 1)
    each = (len(moved) * setup.config.price + CALL) * setup.calls * spent
    wanted = max(FEWEST, min(MOST, len(steps) - 1, int(COST / each)))
    grid, blurred = visited(name, plan, budget), BLURRED * plan.tolerance if name == "dopri5" else 0.0
    alike = []
    known = np.arange(len(steps) - 1)
    if name == "dpmpp_2m" and (after_a_step := np.diff(steps, prepend=-1)[:-1] == 1).sum() >= FEWEST:
        known = known[after_a_step]  # where the step before was recorded
    for frame in known[np.unique(np.linspace(0, len(known) - 1, wanted).round().astype(int))]:
        before, after = (path.states[i].double().numpy()[moved] for i in (frame, frame + 1))
        first, last = steps[frame : frame + 2].tolist()
        noise.seek(first)
        if name == "dopri5":
            ours = exact_move(denoiser, before, grid[first], grid[last])
        else:
            earlier = None
            if name == "dpmpp_2m" and first:
                recorded = path.states[frame - 1].double().numpy()[moved] if steps[frame - 1] == first - 1 else None
                earlier = exact_move(denoiser, before, grid[first], grid[first - 1]) if recorded is None else recorded
            *_, (_, ours) = replica(name, denoiser, before, plan, budget, noise, (first, last), earlier)
        near = ALIKE * np.sqrt(np.square(ours - before).mean()) + ROUNDING * np.abs(before).max(1)
        near = near + blurred * (setup.data.sigma_data + np.abs(before).max(1))
        alike.append((np.abs(after - ours).max(1) <= near)[np.searchsorted(moved, members)])
    return float(np.mean(alike)), np.size(alike)
