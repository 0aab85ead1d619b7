"""Samplers: on Gaussians to the last digit, their orders, the names they share, and what they cost."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.diffusion.data import BUILT_IN
from demos.diffusion.distributions import GaussianMixture
from demos.diffusion.flows import level_times, native_flow, native_times, reverse_flow
from demos.diffusion.gaussian import exact_factor
from demos.diffusion.models import FromVelocity, Guided, Perturbed
from demos.diffusion.processes import PROCESSES, Edm, LinearPath, VariancePreserving
from demos.diffusion.samplers import SAMPLERS, Plan, sample
from demos.diffusion.verdict.self_tests import measured_order
from demos.gradient_flow import METHODS, GradientFlow, solve

SPREAD = 1.7
GAUSSIAN = GaussianMixture([1.0], [[0.0, 0.0]], [SPREAD**2])
EDM = Plan(Edm(SPREAD), 10 * SPREAD, 0.01 * SPREAD)
LINEAR = [name for name, sampler in SAMPLERS.items() if sampler.linear_map is not None]


def noise(count, sigma, seed=0, dtype=torch.float64):
    return torch.randn(2, count, generator=torch.Generator().manual_seed(seed), dtype=dtype).T * sigma


class Counting:
    """A model that counts how often it is asked."""

    def __init__(self, model):
        self.model, self.sigma_data, self.asked = model, model.sigma_data, 0

    def score(self, x, sigma, labels=None):
        self.asked += 1
        assert sigma > 0
        return self.model.score(x, sigma, labels)

    def denoiser(self, x, sigma, labels=None):
        return x + sigma**2 * self.score(x, sigma, labels)


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("denoise", [True, False])
@pytest.mark.parametrize("name", LINEAR)
def test_every_sampler_on_a_gaussian(process, denoise, name):
    """Each step is linear plus noise there: the end is the formulas' own product, replica by replica."""
    plan = replace(EDM, process=PROCESSES[process](SPREAD), denoise=denoise, stochasticity=0.7, eta=0.8, churn=5.0)
    start = noise(2_000, plan.high)
    path = sample(name, GAUSSIAN, start, plan, 30)
    exact = SAMPLERS[name].linear_map(plan, SAMPLERS[name].steps(30, plan), SPREAD)
    left = path.end - exact.factor * start
    if exact.variance == 0:
        assert float(left.abs().max()) < SPREAD * max(1e-12, exact.floor)
        return
    scaled = left / math.sqrt(exact.variance)
    assert abs(float(scaled.mean())) < 6 / 4_000**0.5
    assert abs(float(scaled.square().mean()) - 1) < 6 * (2 / 4_000) ** 0.5


@pytest.mark.parametrize(("name", "order"), [("ddim", 1), ("ode", 1), ("heun", 2), ("dpmpp_2m", 2)])
def test_order_on_another_grid(name, order):
    plan = replace(EDM, grid="log", denoise=False)
    assert measured_order(name, plan, SPREAD, (128, 256, 512)) == pytest.approx(order, abs=0.15)


def test_declared_orders_are_the_measured_ones():
    declared = {name: sampler.order for name, sampler in SAMPLERS.items() if sampler.order is not None}
    assert declared == {"ddim": 1, "heun": 2, "dpmpp_2m": 2, "ode": 1}
    for name, order in declared.items():
        assert measured_order(name, replace(EDM, denoise=False), SPREAD) == pytest.approx(order, abs=0.15)


def test_adaptive_follows_the_closed_form():
    plan = replace(EDM, tolerance=1e-6, denoise=False)
    path = sample("dopri5", GAUSSIAN, noise(50, plan.high), plan, 0)
    for sigma, states in zip(path.sigmas, path.states, strict=True):
        exact = exact_factor(SPREAD, plan.high, float(sigma)) * path.states[0]
        assert float((states - exact).abs().max()) < 1e-4 * SPREAD


@pytest.mark.parametrize("data", ["gaussians8", "checkerboard", "tree"])
@pytest.mark.parametrize("grid", ["karras", "cosine"])
def test_ddim_under_four_names(data, grid):
    """Ancestral with η = 0, DPM-Solver++ of order 1, Euler in σ and Euler on the linear path: equal to rounding."""
    distribution = BUILT_IN[data].distribution
    plan = Plan(
        Edm(distribution.sigma_data), 10 * distribution.sigma_data, 0.01 * distribution.sigma_data, grid=grid, eta=0.0
    )
    start, levels = noise(100, plan.high), plan.levels(12)
    ddim = sample("ddim", distribution, start, plan, 12).end
    assert torch.allclose(sample("ancestral", distribution, start, plan, 12).end, ddim, atol=1e-10)
    one = solve(
        reverse_flow(distribution, plan.high), start, level_times(levels), "dpm_solver_2m", multistep_order=1
    ).states[-1]
    assert torch.allclose(one, ddim, atol=1e-10)
    line = LinearPath(distribution.sigma_data)
    first = line.scale(line.time(plan.high))
    straight = solve(
        native_flow(distribution, line, plan.high), start * first, native_times(line, levels), "euler"
    ).states[-1]
    assert torch.allclose(straight, ddim, atol=1e-9)


def test_other_equal_names():
    """No churn is Heun; λ = 0 is the ODE; η = 1 goes down to σ↓ = σ₊²/σ."""
    distribution = BUILT_IN["moons"].distribution
    plan = Plan(
        Edm(distribution.sigma_data),
        10 * distribution.sigma_data,
        0.01 * distribution.sigma_data,
        churn=0.0,
        stochasticity=0.0,
    )
    start = noise(100, plan.high)
    assert torch.equal(
        sample("churn", distribution, start, plan, 31).end, sample("heun", distribution, start, plan, 31).end
    )
    assert torch.allclose(
        sample("sde", distribution, start, plan, 31).end, sample("ddim", distribution, start, plan, 31).end, atol=1e-10
    )
    from demos.gradient_flow.noise import Noise

    sigma, to = 3.0, 2.0
    flow = reverse_flow(distribution, sigma, 1.0)
    x = noise(100, sigma)
    moved = solve(flow, x, [0.0, sigma - to], "ancestral", seed=4).states[-1]
    drawn = Noise(x, 4)
    drawn.refill(1, 0)
    down, up = to**2 / sigma, to * math.sqrt(1 - to**2 / sigma**2)
    d = (x - distribution.denoiser(x, sigma)) / sigma
    assert torch.allclose(moved, x + (down - sigma) * d + up * drawn.normal(), atol=1e-12)


def test_edm_heun_is_the_papers_loop():
    """NVlabs/edm generate.py, edm_sampler, written out with the same normals."""
    distribution, churn = BUILT_IN["gaussians8"].distribution, 30.0
    plan = Plan(
        Edm(distribution.sigma_data),
        20.0,
        0.01,
        churn=churn,
        churn_low=0.05,
        churn_high=15.0,
        noise_scale=1.003,
        seed=6,
    )
    start = noise(200, plan.high)
    found = sample("churn", distribution, start, plan, 23)
    from demos.gradient_flow.noise import Noise

    levels = plan.levels(12)
    drawn = Noise(start, 6)
    drawn.refill(12, 0)
    x = start
    for sigma, to in zip(levels[:-1], levels[1:], strict=True):
        gamma = min(churn / 12, math.sqrt(2) - 1) if 0.05 <= sigma <= 15.0 else 0
        raised = sigma + gamma * sigma
        x = x + math.sqrt(raised**2 - sigma**2) * 1.003 * drawn.normal()
        d = (x - distribution.denoiser(x, raised)) / raised
        moved = x + (to - raised) * d
        if to > 0:
            moved = x + (to - raised) * (d + (moved - distribution.denoiser(moved, to)) / to) / 2
        x = moved
    assert found.steps == 12
    assert torch.allclose(found.end, x, atol=1e-9)


def test_predictor_corrector_is_songs():
    """One step: ε = 2 (snr ‖z‖/‖s‖)² with batch means, then the ancestral predictor of the VE process."""
    from demos.gradient_flow.noise import Noise

    distribution, sigma, to = BUILT_IN["moons"].distribution, 3.0, 2.5
    x = noise(500, sigma)
    flow = reverse_flow(distribution, sigma, 1.0)
    found = solve(flow, x, [0.0, sigma - to], "predictor_corrector", seed=2, snr=0.2).states[-1]
    drawn = Noise(x, 2)
    drawn.refill(2, 0)
    score, z = distribution.score(x, sigma), drawn.normal()
    step = 2 * (0.2 * z.norm(dim=1).mean() / score.norm(dim=1).mean()) ** 2
    y = x + step * score + (2 * step).sqrt() * z
    spread = math.sqrt(to**2 * (sigma**2 - to**2) / sigma**2)
    expected = y + (sigma**2 - to**2) * distribution.score(y, sigma) + spread * drawn.normal()
    assert torch.allclose(found, expected, atol=1e-10)


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("denoise", [True, False])
@pytest.mark.parametrize("budget", [2, 5, 24, 61])
def test_evaluations_are_counted_and_kept(name, denoise, budget):
    model = Counting(BUILT_IN["gaussians8"].distribution)
    unit = model.sigma_data
    plan = Plan(Edm(unit), 10 * unit, 0.01 * unit, denoise=denoise, corrections=2, langevin_steps=3)
    path = sample(name, model, noise(8, plan.high), plan, budget)
    assert path.evaluations == model.asked
    least = {"predictor_corrector": 6, "annealed": 7, "dopri5": 10**6}.get(name, 2)
    assert path.evaluations <= max(budget, least)
    if name in ("ddim", "ode", "dpmpp_2m", "sde", "ancestral") and denoise and budget > 2:
        assert path.evaluations == budget
    if name in ("heun", "churn") and denoise:
        assert path.evaluations == 2 * path.steps - 1
    assert (np.diff(path.sigmas) < 0).all()
    assert path.sigmas[0] == pytest.approx(plan.high)
    assert (path.sigmas[-1] == 0) == denoise


@pytest.mark.parametrize("name", SAMPLERS)
def test_same_seed_same_bytes(name):
    distribution = BUILT_IN["spirals"].distribution
    plan = Plan(VariancePreserving(distribution.sigma_data), 20.0, 0.02, seed=3)
    start = noise(30, 20.0, dtype=torch.float32)
    before = torch.get_rng_state()
    first, again = (sample(name, distribution, start, plan, 20) for _ in range(2))
    other = sample(name, distribution, start, replace(plan, seed=4), 20)
    assert torch.equal(first.states, again.states)
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(first.states, other.states) == (not SAMPLERS[name].stochastic)
    assert torch.equal(first.states[0], start) or torch.allclose(first.states[0], start, rtol=1e-6)


@pytest.mark.parametrize("name", ["heun", "dpmpp_2m", "sde", "ancestral", "churn", "predictor_corrector", "annealed"])
def test_marginals_stay_the_same(name):
    """From data with noise, every sampler brings the second moment of the checkerboard down to that of the data."""
    data = BUILT_IN["checkerboard"]
    unit, count = data.sigma_data, 2_000
    plan = Plan(Edm(unit), 5 * unit, 0.01 * unit, langevin_steps=10, langevin_size=0.1)
    points, _ = data.sample(count, 1)
    path = sample(name, data.distribution, (points + noise(count, plan.high)).float(), plan, 400)
    squares = path.end.double().square().sum(1) / 2
    error = float(squares.std()) / count**0.5
    late = 0.1 * unit**2 if name == "annealed" else 0.0  # too wide by 8.7 ± 0.7 %: levels fall before it has relaxed
    assert -5 * error < float(squares.mean()) - unit**2 < 5 * error + late
    assert float(data.distribution.inside(path.end).double().mean()) > 0.99


def test_rows_say_what_they_need():
    for name in ("ancestral", "edm_heun", "dpm_solver_2m", "predictor_corrector"):
        assert "noise_level" in METHODS[name].needs
        with pytest.raises(ValueError, match="noise_level"):
            solve(
                GradientFlow(lambda x: x.square().sum(1), temperature=0.5 if name == "predictor_corrector" else 0.0),
                torch.zeros(1, 2),
                [0.0, 1.0],
                name,
            )


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="is not one of"):
        sample("euler2", GAUSSIAN, noise(2, 1.0), EDM, 5)
    with pytest.raises(ValueError, match="stochasticity"):
        reverse_flow(GAUSSIAN, 1.0, -1.0)


def test_guidance_weights():
    distribution, x = BUILT_IN["tree"].distribution, noise(50, 1.0)
    labels = torch.ones(50, dtype=torch.int64)
    assert torch.equal(Guided(distribution, labels, 0.0).denoiser(x, 0.5), distribution.denoiser(x, 0.5))
    assert torch.equal(Guided(distribution, labels, 1.0).denoiser(x, 0.5), distribution.denoiser(x, 0.5, labels))
    score = distribution.score(x, 0.5) + 3 * (distribution.score(x, 0.5, labels) - distribution.score(x, 0.5))
    assert torch.allclose(Guided(distribution, labels, 3.0).score(x, 0.5), score, atol=1e-10)
    with pytest.raises(ValueError, match="finite"):
        Guided(distribution, labels, math.inf)


def test_a_changed_score_is_not_rounded_away_at_the_least_noise():
    """Where σ² = 4·10⁻⁸, (D − x)/σ² of points in single precision is rounding error: it was larger than the score."""
    distribution, x = BUILT_IN["gaussians8"].distribution, noise(50, 1.0) + BUILT_IN["gaussians8"].distribution.means[0]
    labels, sigma = torch.zeros(50, dtype=torch.int64), 2e-4
    for model in (Guided(distribution, labels, 1.0), Guided(distribution, labels, 3.0), Perturbed(distribution, 0.5)):
        exact, found = model.score(x.float().double(), sigma), model.score(x.float(), sigma)
        assert (found - exact).abs().max() < 1e-4 * exact.abs().max()


def test_velocity_is_a_denoiser():
    """The exact velocity of the linear path, E[σ_data ε − x₀ | y], gives the exact denoiser back."""
    distribution = BUILT_IN["moons"].distribution
    spread = distribution.sigma_data

    def velocity(y, t, labels):
        x, sigma = y / (1 - t), spread * t / (1 - t)
        denoised = distribution.denoiser(x, sigma)
        return (x - denoised) / sigma * spread - denoised

    x = noise(40, 2.0)
    for sigma in (0.05, 1.0, 30.0):
        assert torch.allclose(
            FromVelocity(velocity, spread).denoiser(x, sigma), distribution.denoiser(x, sigma), atol=1e-9
        )


def test_noise_forgets_an_error_that_the_ode_keeps():
    """A score that is wrong around σ = 3σ_data bends the ODE's samples more than twice as much as those of churn."""
    data = BUILT_IN["checkerboard"]
    unit, count = data.sigma_data, 2_000
    model = Perturbed(data.distribution, 1.0 / unit)
    plan = Plan(Edm(unit), 10 * unit, 0.01 * unit, churn=40.0)
    from demos.diffusion.metrics import sliced_w2

    truth = data.sample(count, 5)[0].float()
    apart = {
        name: sliced_w2(sample(name, model, noise(count, plan.high, dtype=torch.float32), plan, 69).end, truth)
        for name in ("heun", "churn")
    }
    assert apart["heun"] > 0.4
    assert apart["churn"] < 0.5 * apart["heun"]
