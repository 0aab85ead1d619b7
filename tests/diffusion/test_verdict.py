"""The rows about the samples: they fail where the samples are wrong, and hold for true samples."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
import torch

from demos.contract import State, Verdict
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import BUILT_IN, encode_points
from demos.diffusion.metrics import null_of
from demos.diffusion.run import run
from demos.diffusion.samplers import SAMPLERS, Sampled
from demos.diffusion.setup import Setup, setup, true_points
from demos.diffusion.simulate import Run, simulate
from demos.diffusion.verdict.expected import expected
from demos.diffusion.verdict.replica import replica
from demos.diffusion.verdict.run_rows import RunRows
from demos.diffusion.verdict.scores import denoiser_of, exact_denoiser


@lru_cache(maxsize=1)
def simulated(config: DiffusionConfig) -> tuple[Setup, Run]:
    chosen = setup(config)
    with torch.no_grad():
        (made,) = simulate(chosen)
    return chosen, made


def judged(config: DiffusionConfig, end: torch.Tensor | None = None) -> Verdict:
    """The verdict of a config's own run, its last frame replaced by `end` where that is given."""
    chosen, made = simulated(config)
    with torch.no_grad():
        if end is not None:
            states = torch.cat([made.path.states[:-1], end[None].float()])
            made = replace(made, path=replace(made.path, states=states))
        return Verdict.of("", RunRows(chosen, made, true_points(config, chosen.data, chosen.labels)).rows())


def points_of(name: str) -> str:
    return encode_points(BUILT_IN[name].sample(100, 1)[0].numpy())


CONFIGS = {
    "gaussians8": DiffusionConfig(),
    "checkerboard": DiffusionConfig(data="checkerboard"),
    "moons": DiffusionConfig(data="moons"),
    "swissroll": DiffusionConfig(data="swissroll", sampler="dpmpp_2m"),
    "points": DiffusionConfig(data="points", points=points_of("moons")),
    "word": DiffusionConfig(data="word", word="score"),
    "class": DiffusionConfig(data="tree", target="0"),
    "every class": DiffusionConfig(data="pinwheel", target="each"),
    "sde": DiffusionConfig(data="moons", sampler="sde", evaluations=100),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_garbage_in_place_of_the_samples_is_always_an_alarm(name):
    """The finding: replaced by noise, by noise × 10, by one point, no verdict changed."""
    config = CONFIGS[name]
    chosen = setup(config)
    true, unit = true_points(config, chosen.data, chosen.labels), chosen.data.sigma_data
    noise = unit * torch.randn(true.shape, generator=torch.Generator().manual_seed(3))
    far = true[:, 0] > torch.quantile(true[:, 0], 0.88)
    broken = {
        "noise": noise + true.mean(0),
        "noise × 10": 10 * noise,
        "one point": torch.zeros_like(true),
        "a tenth dropped": torch.where(far[:, None], true[~far][torch.arange(len(true)) % int((~far).sum())], true),
        "mean + 0.2 spreads": true + 0.2 * true.std() * torch.tensor([0.6, 0.8]),
        "variance × 1.2": true.mean(0) + 1.2**0.5 * (true - true.mean(0)),
        "one lost": torch.cat([true[:1] * math.nan, true[1:]]),
    }
    for what, end in broken.items():
        assert judged(config, end).state in (State.DIFFERS, State.NOT_COMPARABLE), what


@pytest.mark.parametrize("name", CONFIGS)
def test_true_samples_agree_at_the_end(name):
    config = CONFIGS[name]
    chosen = setup(config.replace(seed=77))
    verdict = judged(config, true_points(chosen.config, chosen.data, chosen.labels))
    for row in verdict.rows:
        if not row.name.startswith(("Start", "Histogram of x at σ", "Points that go", "Moves that")):
            assert row.meets_truth, row


@pytest.mark.parametrize("name", CONFIGS)
def test_good_runs_are_left_in_peace(name):
    assert judged(CONFIGS[name]).state in (State.AGREES, State.PREDICTED)


@pytest.mark.parametrize(
    "values",
    [
        {"data": "moons", "sampler": "sde", "stochasticity": 10.0, "evaluations": 10},
        {"score_error": 3.0},
        {"data": "tree", "target": "0", "guidance": 20.0},
        {"sampler": "churn", "churn": 200.0, "evaluations": 12},
        {"compare": ("ddim", "dpmpp_2m"), "evaluations": 8},
        {"data": "points", "points": points_of("moons"), "evaluations": 4, "sampler": "ddim"},
        {"data": "moons", "sampler": "annealed", "langevin_steps": 1, "evaluations": 20},
        {"data": "moons", "sigma_max": 1.0},
    ],
    ids=str,
)
def test_what_is_far_from_the_data_is_not_green_and_no_alarm_either(values):
    result = run(DiffusionConfig(**values))
    assert result.verdict.state in (State.PREDICTED, State.NOT_COMPARABLE)
    assert not result.headline.startswith("2,000 samples, no further from the data than 2,000 true ones (p = 0.0).")


def test_points_that_left_are_warned_of():
    result = run(DiffusionConfig(data="moons", sampler="sde", stochasticity=10.0, evaluations=10))
    assert result.verdict.state is State.NOT_COMPARABLE
    assert result.verdict.exit_status == 3
    assert any("outside the picture" in warning for warning in result.warnings)
    assert "λ = 10" in result.headline


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_is_followed_by_its_replica(sampler):
    """Without noise to the point; with noise, on the same numbers of points, to the moments."""
    config = DiffusionConfig(
        data="moons", sampler=sampler, evaluations=24, particles=1_000, churn=60.0, target="1", guidance=2.0, seed=3
    )
    chosen = setup(config)
    with torch.no_grad():
        (made,) = simulate(chosen)
    one = RunRows(chosen, made, true_points(config, chosen.data, chosen.labels))
    end = one.again[0]
    if not one.is_noisy:
        assert one.ends_alike > 0.99
        return
    ours = one.end
    for axis in (0, 1):
        error = math.sqrt(end[:, axis].var() / len(end) + ours[:, axis].var() / len(ours))
        assert abs(end[:, axis].mean() - ours[:, axis].mean()) < 5 * error
        assert abs(end[:, axis].std() / ours[:, axis].std() - 1) < 0.15


def test_ddim_of_the_replica_is_ddim_on_a_gaussian():
    """On N(0, s²): one step from σ to 0 is the denoiser, s²/(s² + σ²) x."""
    chosen = setup(DiffusionConfig(evaluations=2))
    x = np.array([[1.0, -2.0], [0.5, 0.0]])
    gaussian = lambda y, sigma: y * 4.0 / (4.0 + sigma**2)
    *_, (level, end) = replica("ddim", gaussian, x, chosen.plan, 1, np.random.default_rng(0))
    assert level == 0
    assert np.allclose(end, gaussian(x, chosen.plan.high))


@pytest.mark.parametrize("name", list(BUILT_IN))
@pytest.mark.parametrize("sigma", [0.01, 0.4, 8.0])
def test_the_denoiser_of_the_replica_is_exact(name, sigma):
    data = BUILT_IN[name]
    points, labels = data.sample(200, 5)
    x = points + sigma * torch.randn(points.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for asked in (None, labels):
        wanted = data.distribution.denoiser(x, sigma, asked).numpy()
        found = exact_denoiser(data.distribution, x.numpy(), sigma, None if asked is None else asked.numpy())
        assert np.abs(found - wanted).max() < 2e-3 * data.sigma_data


def test_bent_and_guided_denoisers_are_those_of_the_models():
    config = DiffusionConfig(data="tree", target="1", guidance=2.5, score_error=0.7, particles=200)
    chosen = setup(config)
    x = chosen.start / 4
    sigma = 3 * chosen.data.sigma_data
    found = denoiser_of(chosen, chosen.labels.numpy())(x.double().numpy(), sigma)
    assert np.allclose(found, chosen.model.denoiser(x, sigma).numpy(), atol=2e-3)


@pytest.mark.parametrize("target", ["all", "each", "1"])
@pytest.mark.parametrize("name", ["tree", "checkerboard"])
def test_statistics_of_true_samples_have_their_own_spread(name, target):
    """z-scores of 200 true samples: mean 0 and standard deviation 1, for moments and for counts."""
    data, count = BUILT_IN[name], 500
    truth = expected(data, target, count)
    cells = truth.x_cells(0.0)
    squares = lambda p: (p[:, 0] - truth.mean[0]) ** 2
    z = []
    for seed in range(200):
        points = data.sample(count, 40_000 + seed, truth.labels)[0].numpy()
        z.append(
            (
                (points[:, 0].mean() - truth.mean[0]) / truth.spread_of_mean(lambda p: p[:, 0]),
                (squares(points).mean() - truth.covariance[0, 0]) / truth.spread_of_mean(squares),
                (cells.statistic(cells.count(points[:, 0])) - cells.freedom) / math.sqrt(2 * cells.freedom),
            )
        )
    for values in np.array(z).T:
        assert abs(values.mean()) < 0.3
        assert 0.85 < values.std() < 1.2


def test_the_null_is_that_of_independent_pairs():
    """Of the default page: 400 pairs of 2,000 true points gave 0.108 ± 0.034 for sliced W2 in the audit."""
    null = null_of(BUILT_IN["gaussians8"], 2_000)
    assert null.pairs >= 200
    assert abs(null.mean - 0.108) < 0.012
    assert abs(null.spread - 0.034) < 0.007
    assert abs(null.p(float(np.quantile(null.distances, 0.9))) - 0.1) < 0.02
    assert null.p(math.nan) == 0


@pytest.mark.parametrize(
    "values",
    [
        {"data": "points", "points": encode_points(0.4 * np.random.default_rng(0).standard_normal((200, 2)) + 3)},
        {"data": "gaussians8", "target": "1"},
        {"data": "checkerboard", "target": "2"},
        {"data": "moons", "target": "0", "process": "ve"},
        {"data": "tree", "target": "each", "process": "flow"},
    ],
    ids=str,
)
def test_what_lies_off_centre_is_sampled_where_it_lies(values):
    """Noise around 0 would end |mean|/σ_max spreads away: 0.8 spreads for a small drawing at (3, 3)."""
    verdict = judged(DiffusionConfig(**values, evaluations=60))
    for name in ("Mean of x", "Mean of y", "Start: histogram of x: χ²"):
        row = next(row for row in verdict.rows if row.name == name)
        assert row.meets_truth, row


def test_self_tests_are_never_about_the_picture():
    result = run(DiffusionConfig(compare=("sde",)))
    assert {check.about for check in result.checks} == {"picture", "code"}
    names = " ".join(test.name for test in result.verdict.self_tests)
    assert "Gaussian data" in names
    assert not result.verdict.failing


def test_the_verdict_does_not_need_autograd_to_be_on():
    with torch.no_grad():
        assert run(DiffusionConfig(particles=64, evaluations=9)).verdict.rows


def test_a_run_of_another_sampler_is_an_alarm():
    """DPM-Solver's points under Heun's name, where eight evaluations make them differ."""
    chosen = setup(DiffusionConfig(evaluations=8))
    other = setup(DiffusionConfig(evaluations=8, sampler="dpmpp_2m"))
    with torch.no_grad():
        (wrong,) = simulate(other)
        path = replace(wrong.path, sampler="heun")
        assert isinstance(path, Sampled)
        rows = RunRows(
            chosen, Run(SAMPLERS["heun"], path), true_points(chosen.config, chosen.data, chosen.labels)
        ).rows()
    assert Verdict.of("", rows).state is State.DIFFERS


def test_a_caller_may_have_switched_autograd_off():
    """No tensor that a run keeps may be one of inference mode, in which autograd is refused for ever."""
    config = DiffusionConfig(data="spirals", particles=50, evaluations=7)
    with torch.inference_mode():
        first = run(config)
    assert run(config.replace(seed=1)).verdict.self_tests and first.verdict.self_tests


GRID = [[i % 3, i // 3] for i in range(9)]
LONELY = {"labels": np.arange(9) // 8, "names": ("many", "one")}


@pytest.mark.parametrize(
    "values",
    [
        {"points": encode_points(GRID, **LONELY), "target": "1"},  # all true points are one
        {"points": encode_points(GRID, **LONELY), "target": "1", "guidance": 4.0},
        {"points": encode_points([[0, 0], [0, 1], [0, 2]])},  # x has no spread
        {"points": encode_points([[0, 0], [1, 1]], fit=False), "sampler": "sde"},  # on an edge between two bins
        {"points": encode_points(GRID), "last": "stop"},
    ],
)
def test_points_in_few_places_are_not_accused_of_rounding(values):
    verdict = run(DiffusionConfig(data="points", particles=100, **values)).verdict
    assert verdict.state in (State.AGREES, State.PREDICTED), verdict.headline
