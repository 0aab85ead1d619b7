"""The optimizers step by step beside torch.optim, and the stability limits that their rows state."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.gradient_flow import METHODS, GradientFlow, solve
from tests.gradient_flow.flows import FIXED, muller_brown, quadratic

START = torch.tensor([[-0.8, 0.9], [0.1, 0.5], [-1.2, 1.1]], dtype=torch.float64)
ENERGY = lambda x: muller_brown(x) / 100
H, STEPS, BETA = 1e-3, 60, 0.8

PEERS = {
    "heavy_ball": (lambda p: torch.optim.SGD(p, lr=H, momentum=BETA), {"momentum": BETA}),
    "nesterov": (lambda p: torch.optim.SGD(p, lr=H, momentum=BETA, nesterov=True), {"momentum": BETA}),
    "adam": (
        lambda p: torch.optim.Adam(p, lr=H, betas=(0.8, 0.95), eps=1e-6),
        {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6},
    ),
    "rmsprop": (lambda p: torch.optim.RMSprop(p, lr=H, alpha=0.9, eps=1e-6), {"alpha": 0.9, "epsilon": 1e-6}),
    "adagrad": (lambda p: torch.optim.Adagrad(p, lr=H, eps=1e-6), {"epsilon": 1e-6}),
    "adamw": (
        lambda p: torch.optim.AdamW(p, lr=H, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.3),
        {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6, "weight_decay": 0.3},
    ),
    "euler": (lambda p: torch.optim.SGD(p, lr=H), {}),
}


def peer_of(make) -> torch.Tensor:
    """(STEPS + 1, N, d) of torch.optim."""
    x = START.clone().requires_grad_()
    optimizer, path = make([x]), [START]
    for _ in range(STEPS):
        optimizer.zero_grad()
        ENERGY(x).sum().backward()
        optimizer.step()
        path.append(x.detach().clone())
    return torch.stack(path)


@pytest.mark.parametrize("method", PEERS)
def test_optimizers_are_those_of_torch(method):
    make, options = PEERS[method]
    peer = peer_of(make)
    flow, times = GradientFlow(energy=ENERGY), np.arange(STEPS + 1) * H
    ours = solve(flow, START, times, method, record=STEPS + 1, **options).states
    if method == "nesterov":  # torch keeps the point y where the gradient is taken: y = x + β (x − x₋)
        before = torch.cat([ours[:1], ours[:-1]])
        ours = ours + BETA * (ours - before)
    torch.testing.assert_close(ours, peer, rtol=1e-12, atol=1e-13)
    assert (peer[-1] - START).abs().max() > 0.01  # they went somewhere


@pytest.mark.parametrize("method", ["adam", "rmsprop", "adagrad", "adamw"])
def test_defaults_are_those_of_torch(method):
    optimizers = torch.optim.Adam, torch.optim.RMSprop, torch.optim.Adagrad, torch.optim.AdamW
    make = dict(zip(("adam", "rmsprop", "adagrad", "adamw"), optimizers, strict=True))[method]
    ours = solve(GradientFlow(energy=ENERGY), START, np.arange(STEPS + 1) * H, method, record=STEPS + 1).states
    torch.testing.assert_close(ours, peer_of(lambda p: make(p, lr=H)), rtol=1e-12, atol=1e-13)


def test_lbfgs_is_that_of_torch_after_its_first_move():
    """torch takes min(1, 1/|g|₁) of the gradient first, ours a tenth of its longest move: with that made equal, and a
    longest move that nothing reaches, the same pairs give the same steps."""
    K = torch.tensor([[3.0, 0.4, 0.1], [0.4, 1.0, 0.2], [0.1, 0.2, 0.5]], dtype=torch.float64)
    energy = lambda x: quadratic(K)(x) + (x**4).sum(1) / 10
    start = torch.tensor([[0.5, -0.4, 0.8]], dtype=torch.float64)
    x = start.clone().requires_grad_()
    optimizer, peer = torch.optim.LBFGS([x], lr=1, max_iter=1, history_size=5), [start]

    def closure():
        optimizer.zero_grad()
        loss = energy(x).sum()
        loss.backward()
        return loss

    for _ in range(7):
        optimizer.step(closure)
        peer.append(x.detach().clone())
    g = GradientFlow(energy=energy).gradient(start, 0.0)
    longest = float(10 * g.abs().max() * min(1.0, 1 / float(g.abs().sum())))
    path = solve(GradientFlow(energy=energy), start, range(8), "lbfgs", record=8, longest=longest, newton=0.0, pairs=5)
    torch.testing.assert_close(path.states, torch.stack(peer), rtol=1e-9, atol=1e-11)


def test_lion_and_normalized_descent_take_steps_of_one_length():
    flow, times = GradientFlow(energy=ENERGY), np.arange(STEPS + 1) * H
    path = solve(flow, START, times, "normalized_descent", record=STEPS + 1).states
    torch.testing.assert_close(path.diff(dim=0).norm(dim=2), torch.full((STEPS, 3), H, dtype=torch.float64))
    path = solve(flow, START, times, "lion", record=STEPS + 1).states
    torch.testing.assert_close(path.diff(dim=0).abs(), torch.full((STEPS, 3, 2), H, dtype=torch.float64))


def test_newton_flow_lowers_the_gradient_by_one_rate_and_finds_saddles():
    """On a quadratic every component shrinks by 1 − h a step, whatever its curvature, and of either sign; elsewhere
    |∇E| ∝ e⁻ᵗ along the flow, to the order of the step. A direction without curvature is left alone."""
    saddle = GradientFlow(energy=lambda x: x[:, 0] ** 2 - 3 * x[:, 1] ** 2)
    path = solve(saddle, START, np.arange(21) * 0.25, "newton", record=21).states
    torch.testing.assert_close(path[-1], START * 0.75**20, rtol=1e-12, atol=1e-14)
    flow = GradientFlow(energy=lambda x: (x**4).sum(1) + x.square().sum(1))
    path = solve(flow, START, np.arange(1001) * 1e-3, "newton", record=2).states
    before, after = (flow.gradient(x, 0.0) for x in path)
    torch.testing.assert_close(after, before * np.exp(-1), rtol=2e-3, atol=0)
    gutter = GradientFlow(energy=lambda x: (x[:, 0] - 1) ** 2)
    end = solve(gutter, START, [0.0, 1.0], "newton").states[-1]
    torch.testing.assert_close(end[:, 0], torch.ones(3, dtype=torch.float64))
    assert torch.equal(end[:, 1], START[:, 1])


@pytest.mark.parametrize("method", ["heavy_ball", "nesterov"])
def test_momentum_keeps_a_memory_and_is_plain_descent_without(method):
    flow, times = GradientFlow(energy=ENERGY), np.arange(STEPS + 1) * H
    plain = solve(flow, START, times, "euler").states[-1]
    without = solve(flow, START, times, method, momentum=0.0).states[-1]
    torch.testing.assert_close(without, plain, rtol=1e-12, atol=1e-13)
    assert (solve(flow, START, times, method).states[-1] - plain).abs().max() > 1e-3


LIMITED = [row.name for row in FIXED if row.limit is not None and not row.proposes]


@pytest.mark.parametrize("method", LIMITED)
def test_stability_limits(method):
    """On E = L x²/2 a step just under the row's limit stays bounded, one just over it runs away."""
    row, L = METHODS[method], 3.0
    flow = GradientFlow(
        energy=lambda x: L * x.square().sum(1) / 2,
        friction=0.0,
        mass=1.7,
        temperature=1e-20 if row.stochastic == "must" else 0.0,
    )
    limit = row.step_limit(L, flow)
    start = torch.ones(1, 1, dtype=torch.float64)
    sizes = []
    for share in (0.99, 1.02):
        path = solve(flow, start, np.arange(801) * share * limit, method, record=801)
        sizes.append(float(path.states[-100:].abs().max()))
    assert sizes[0] < 100
    assert sizes[1] > 1e4


def test_past_its_stability_limit_hmc_refuses():
    flow = GradientFlow(energy=lambda x: 1.5 * x.square().sum(1), mass=1.7, temperature=1.0)
    limit = METHODS["hmc"].step_limit(3.0, flow)
    accepted = [
        solve(
            flow, torch.ones(200, 1, dtype=torch.float64), np.arange(11) * share * limit, "hmc", leapfrog_steps=100
        ).acceptance
        for share in (0.6, 1.02)
    ]
    assert accepted[0] > 0.9 and accepted[1] == 0


def test_stability_limits_of_the_real_axis():
    limits = {m: METHODS[m].step_limit(1.0) for m in ("euler", "heun", "rk4", "leimkuhler_matthews")}
    assert limits == pytest.approx({"euler": 2, "heun": 2, "rk4": 2.7852936, "leimkuhler_matthews": 2}, abs=1e-7)
    flow = GradientFlow(energy=quadratic(torch.eye(1)), mass=4.0)
    assert METHODS["baoab"].step_limit(1.0, flow) == pytest.approx(4.0)  # 2/√(L/m)
    assert METHODS["heavy_ball"].step_limit(2.0, momentum=0.5) == pytest.approx(1.5)
    assert METHODS["nesterov"].step_limit(2.0, momentum=0.5) == pytest.approx(0.75)
    assert METHODS["euler"].step_limit(-1.0) == METHODS["bdf"].step_limit(5.0) == float("inf")
