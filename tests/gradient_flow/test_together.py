"""Several methods at once: each path is that of torch.optim, or of `solve`, whatever the others do."""

from __future__ import annotations

import pytest
import torch

from demos.common.progress import Cancelled
from demos.gradient_flow import METHODS, GradientFlow, Run, solve, solve_together
from demos.gradient_flow.recurrence import Recurrence, take_steps
from tests.gradient_flow.test_optimizers import BETA, ENERGY, PEERS, START, STEPS, H, peer_of

FLOW = GradientFlow(energy=ENERGY)
COUNTS = {method: STEPS - 7 * (i % 4) for i, method in enumerate(PEERS)}  # some end before others


def test_all_at_once_are_those_of_torch_step_by_step():
    runs = [Run(method, H, COUNTS[method], options) for method, (_, options) in PEERS.items()]
    for run, path in zip(runs, solve_together(FLOW, START, runs), strict=True):
        ours = path.states
        if run.method == "nesterov":  # torch keeps the point y where the gradient is taken
            ours = ours + BETA * (ours - torch.cat([ours[:1], ours[:-1]]))
        peer = peer_of(PEERS[run.method][0])[: run.steps + 1]
        torch.testing.assert_close(ours, peer, rtol=1e-12, atol=1e-13)
        assert path.times[-1] == pytest.approx(run.steps * H) and path.status.kind == "finished"


def test_each_path_is_that_of_solve():
    """Also of methods that are no recurrence, and of runs that diverge: with the same status."""
    methods = [name for name in METHODS if METHODS[name].recurrence] + ["lion", "newton"]
    for rate in (1e-3, 0.3):
        runs = [Run(method, rate, 40) for method in methods]
        for run, path in zip(runs, solve_together(FLOW, START, runs), strict=True):
            alone = solve(FLOW, START, run.times, run.method, record=run.steps + 1)
            assert (path.status, path.evaluations) == (alone.status, alone.evaluations)
            if alone.status.kind == "finished" and rate == 1e-3:
                torch.testing.assert_close(path.states, alone.states, rtol=1e-11, atol=1e-12)
                torch.testing.assert_close(path.energies, alone.energies)
    assert solve_together(FLOW, START, []) == []


def test_paths_end_when_told_and_arguments_are_checked():
    with pytest.raises(Cancelled):
        solve_together(FLOW, START, [Run("adam", H, STEPS)], progress=lambda done: False)
    with pytest.raises(ValueError, match="momentum"):
        solve_together(FLOW, START, [Run("heavy_ball", H, STEPS, {"momentum": 2.0})])
    with pytest.raises(ValueError, match="steps"):
        solve_together(FLOW, START, [Run("adam", H, 0)])
    with pytest.raises(ValueError, match="either"):
        take_steps(lambda x: x, START.numpy(), [(Recurrence(push=0.9, keep=0.5), H, 3)])


def test_a_flow_with_one_parameter_for_each_replica_is_solved_too():
    """Its gradient does not take the points of several runs at once."""
    stiffness = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    flow = GradientFlow(energy=lambda x: stiffness * x.square().sum(-1) / 2)
    paths = solve_together(
        flow, torch.ones(3, 2, dtype=torch.float64), [Run("euler", 0.1, 5), Run("heavy_ball", 0.1, 5)]
    )
    torch.testing.assert_close(paths[0].states[-1, :, 0], (1 - 0.1 * stiffness) ** 5)
    torch.testing.assert_close(paths[1].states[1], paths[0].states[1])
