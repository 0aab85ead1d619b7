"""FIRE beside the rule of its paper, L-BFGS beside the two-loop recursion, and both where they must not fail."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.gradient_flow import GradientFlow, solve
from demos.gradient_flow.methods.lbfgs import NUMPY, TORCH, empty_memory, updated_direction
from tests.gradient_flow.flows import muller_brown

FLOW = GradientFlow(energy=muller_brown)
START = torch.tensor([[-0.8, 0.9], [0.1, 0.5], [-1.2, 1.1], [0.6, 0.2]], dtype=torch.float64)
MINIMA = (-146.69951721, -108.166724117, -80.7678181297)  # Müller & Brown 1979, by Newton's method


def _fire(x: np.ndarray, h: float, steps: int, fastest: float, longest: float) -> np.ndarray:
    """One replica, line by line from Bitzek et al., with semi-implicit Euler steps."""
    gradient = lambda x: FLOW.gradient(torch.from_numpy(x[None]), 0.0)[0].numpy()
    v, dt, alpha, count, path = np.zeros_like(x), h, 0.1, 0, [x]
    for step in range(steps):
        force = -gradient(x)
        power = force @ v
        if power > 0:
            v = (1 - alpha) * v + alpha * np.linalg.norm(v) * force / np.linalg.norm(force)
            count += 1
            if count > 5:
                dt, alpha = min(1.1 * dt, fastest * h), 0.99 * alpha
        elif step > 0:
            v, dt, alpha, count = np.zeros_like(x), 0.5 * dt, 0.1, 0
        v = v + dt * force
        move = dt * v
        move = move / max(1.0, np.abs(move).max() / longest)
        x = x + move
        path.append(x)
    return np.array(path)


def test_fire_is_the_rule_of_its_paper():
    h, steps = 2e-3, 150
    path = solve(FLOW, START, np.arange(steps + 1) * h, "fire", record=steps + 1, fastest=10.0, longest=0.05)
    for i, start in enumerate(START.numpy()):
        expected = _fire(start, h, steps, 10.0, 0.05)
        np.testing.assert_allclose(path.states[:, i].numpy(), expected, rtol=1e-9, atol=1e-11)
    assert path.evaluations == steps + 1


@pytest.mark.parametrize(("method", "h"), [("fire", 2e-3), ("lbfgs", 0.05)])
def test_both_find_minima_and_say_so(method, h):
    path = solve(FLOW, START, np.arange(20_001) * h, method, tolerance=1e-9)
    assert path.status.kind == "converged"
    assert float(FLOW.gradient(path.states[-1], 0.0).abs().max()) <= 1e-9
    for energy in path.energies[-1].tolist():
        assert min(abs(energy - minimum) for minimum in MINIMA) < 1e-7


def _two_loops(pairs: list, gradient: np.ndarray, scale: float) -> np.ndarray:
    """Nocedal & Wright, Numerical Optimization, algorithm 7.4."""
    q, alphas = gradient.copy(), []
    for s, y in reversed(pairs):
        alphas.append(s @ q / (s @ y))
        q = q - alphas[-1] * y
    r = scale * q
    for (s, y), alpha in zip(pairs, reversed(alphas), strict=True):
        r = r + s * (alpha - y @ r / (s @ y))
    return r


@pytest.mark.parametrize("xp", [NUMPY, TORCH], ids=["numpy", "torch"])
def test_compact_form_is_the_two_loop_recursion(xp):
    random, size, m, replicas = np.random.default_rng(0), 7, 4, 3
    hessian = random.standard_normal((size, size))
    hessian = hessian @ hessian.T + np.eye(size)
    memory = empty_memory(torch.zeros(replicas, size, dtype=torch.float64), m)
    as_xp = torch.from_numpy if xp is TORCH else np.asarray
    memory = [as_xp(part) for part in memory]
    kept: list[list] = [[] for _ in range(replicas)]
    for step in range(11):
        s = random.standard_normal((replicas, size))
        y = s @ hessian + 0.1 * random.standard_normal((replicas, size))
        if step in (3, 7):
            y[1] = -s[1]  # replica 1 meets negative curvature
        gradient = random.standard_normal((replicas, size))
        result = updated_direction(xp, memory, step % m, *map(as_xp, (s, y, gradient)))
        result = np.asarray(result)
        for i in range(replicas):
            kept[i].append((s[i], y[i]))
            pairs = [(a, b) for a, b in kept[i][-m:] if a @ b > 0]
            last_s, last_y = kept[i][-1]
            scale = last_s @ last_y / (last_y @ last_y) if last_s @ last_y > 0 else 1.0  # |s|/|y| of y = −s
            np.testing.assert_allclose(result[i], _two_loops(pairs, gradient[i], scale), rtol=1e-10, atol=1e-12)


def test_newton_finishes_quadratically_and_lbfgs_alone_more_slowly():
    times = np.arange(1001) * 0.05
    with_newton = solve(FLOW, START, times, "lbfgs", tolerance=1e-10, newton=0.1)
    without = solve(FLOW, START, times, "lbfgs", tolerance=1e-10, newton=0.0)
    assert with_newton.status.kind == without.status.kind == "converged"
    assert with_newton.evaluations < without.evaluations
    torch.testing.assert_close(with_newton.energies[-1], without.energies[-1], rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize("method", ["fire", "lbfgs"])
def test_no_coordinate_moves_further_than_allowed(method):
    h = 0.01
    options = {"longest": h} if method == "fire" else {}
    path = solve(FLOW, START, np.arange(201) * h, method, record=201, **options)
    moves = (path.states[1:] - path.states[:-1]).abs()
    assert float(moves.max()) <= h * (1 + 1e-9)
    assert float(moves.amax((0, 2)).min()) > 0.5 * h  # the cap was met by every replica


@pytest.mark.parametrize(("method", "h"), [("fire", 2e-3), ("lbfgs", 0.05)])
def test_replicas_do_not_know_of_each_other(method, h):
    times = np.arange(61) * h
    together = solve(FLOW, START, times, method).states[-1]
    for i in range(len(START)):
        alone = solve(FLOW, START[i : i + 1], times, method).states[-1, 0]
        torch.testing.assert_close(together[i], alone, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("method", ["fire", "lbfgs"])
def test_a_lost_replica_leaves_the_others_alone(method):
    def gradient(x: torch.Tensor) -> torch.Tensor:
        slope = 2 * (x - 1)
        slope[x[:, 0] > 5] = torch.nan  # nothing is defined there
        return slope

    x = torch.tensor([[6.0, 0.0], [-3.0, 2.0]], dtype=torch.float64)
    path = solve(GradientFlow(gradient=gradient), x, np.arange(1001) * 0.1, method)
    assert path.status.kind == "diverged" and path.status.diverged == 1
    torch.testing.assert_close(path.states[-1, 1], torch.ones(2, dtype=torch.float64), rtol=0, atol=1e-6)


def test_a_long_flat_start_is_left_behind():
    """Where the energy curves down, pairs teach nothing: the steps must not shrink to the last curvature seen."""
    flow = GradientFlow(energy=lambda x: -1 / (1 + x.square().sum(1)))
    path = solve(flow, torch.tensor([[30.0, 1.0]], dtype=torch.float64), np.arange(401) * 0.5, "lbfgs", tolerance=1e-10)
    assert path.status.kind == "converged"
    assert float(path.states[-1].abs().max()) < 1e-9


def test_convergence_costs_no_gradient_of_its_own():
    path = solve(FLOW, START, np.arange(2001) * 0.05, "lbfgs", tolerance=1e-9)
    assert path.evaluations == path.steps + 1
