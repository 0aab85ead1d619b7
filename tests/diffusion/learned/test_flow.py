"""Flow matching: a velocity, a denoiser and a flow for `solve` are one thing; matched pairs make it straight."""

import pytest
import torch

from demos.diffusion.data import BUILT_IN
from demos.diffusion.learned import TrainingConfig, default_config, train_on
from demos.diffusion.learned.flow_matching import LearnedFlow
from demos.diffusion.learned.network import Network, architecture, initial_weights
from demos.diffusion.processes import LinearPath
from demos.diffusion.samplers import Plan, sample
from demos.gradient_flow import GradientFlow, solve

SMALL = {"steps": 100, "batch": 256, "width": 32, "layers": 2, "waves": 8}


def generation(velocity):
    """dy/dτ = −v(y, 1 − τ), from noise N(0, σ_d² I) at τ = 0 to the data at τ = 1."""
    return GradientFlow(gradient=lambda y, tau: velocity(y, 1 - tau))


def flow(seed: int = 0) -> LearnedFlow:
    random = torch.Generator().manual_seed(seed)
    tensors = initial_weights(architecture(16, 2, 8, 1.0), random)
    tensors["out"] = torch.randn(16, 2, generator=random)
    return LearnedFlow(Network(tensors, torch.tensor([0.5, -1.0]), 1.4, (-6.0, 6.0)))


@pytest.mark.parametrize("t", [0.05, 0.5, 0.95])
def test_denoiser_and_velocity_are_the_same_knowledge(t):
    """D = y − t v at x = y/(1 − t), σ = σ_d t/(1 − t)."""
    model = flow()
    y = torch.randn(30, 2, generator=torch.Generator().manual_seed(1))
    v = model.velocity(y, t)
    denoised = model.denoiser(y / (1 - t), model.sigma_data * t / (1 - t))
    assert torch.allclose((y - denoised) / t, v, atol=1e-4)


def test_the_ends_of_the_path_are_finite():
    y = torch.randn(30, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for t in (0.0, 1.0):
        v = flow().velocity(y, t)
        assert v.dtype == y.dtype and torch.isfinite(v).all()


def test_the_samplers_follow_the_same_flow_as_the_velocity_itself():
    """Euler in the linear path's own time on the score made of v is Euler on dy/dτ = −v: the score is only a detour."""
    model = flow()
    process = LinearPath(model.sigma_data)
    plan = Plan(process, process.sigma(0.9), process.sigma(0.02), grid="time", denoise=False)
    start = process.sigma(0.9) * torch.randn(20, 2, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    by_score = sample("ode", model, start, plan, 12).end
    levels = plan.levels(12)
    taus = torch.tensor([1 - process.time(float(sigma)) for sigma in levels], dtype=torch.float64)
    by_velocity = solve(generation(model.velocity), start * (1 - 0.9), taus, "euler", record=2).states[-1] / taus[-1]
    assert torch.allclose(by_score, by_velocity, rtol=1e-4, atol=1e-4)


def test_matched_pairs_make_straighter_paths():
    """Length over chord of 32 Euler steps, 8 Gaussians: independent pairs bend their mean flow, matched hardly do."""
    data, bend = BUILT_IN["gaussians8"], {}
    for objective in ("flow", "flow_ot"):
        velocity = train_on(data, default_config(objective, **SMALL)).model.velocity
        start = data.sigma_data * torch.randn(500, 2, generator=torch.Generator().manual_seed(3))
        times = torch.linspace(0, 1, 33, dtype=torch.float64)
        with torch.no_grad():
            states = solve(generation(velocity), start, times, "euler", record=33).states
        length = states.diff(dim=0).norm(dim=2).sum(0).mean()
        bend[objective] = float(length / (states[-1] - states[0]).norm(dim=1).mean()) - 1
    assert bend["flow_ot"] < 0.25 * bend["flow"]


def test_matched_pairs_are_trained_without_classes():
    model = train_on(BUILT_IN["moons"], TrainingConfig("flow_ot", steps=5, batch=32, width=8, layers=1, waves=2)).model
    with pytest.raises(ValueError, match="without classes"):
        model.denoiser(torch.zeros(2, 2), 1.0, torch.zeros(2, dtype=torch.long))


@pytest.mark.parametrize("matched", [False, True])
def test_each_flow_knows_what_it_starts_from(matched):
    """At t → 1 both are y ~ N(0, σ_d²): x = y/(1 − t) has the spread σ + σ_d."""
    model = LearnedFlow(flow().network, matched)
    sigma = 1e4 * model.sigma_data
    t = sigma / (sigma + model.sigma_data)
    assert (1 - t) * model.prior(sigma) == pytest.approx(model.sigma_data, rel=2e-4)
