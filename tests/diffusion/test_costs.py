"""What runs and studies cost: estimated before, refused where it is too much, and cancelled at once."""

import re
import threading

import numpy as np
import pytest
import torch

from demos.diffusion.bridge import bridge
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import encode_points
from demos.diffusion.distributions import GaussianMixture
from demos.diffusion.distributions.mixture import ELEMENTS
from demos.diffusion.metrics import distances
from demos.diffusion.setup import setup
from demos.diffusion.simulate import simulate
from demos.diffusion.studies import cost_study, exact_distances, guidance_study, likelihood_study


class Left(BaseException):
    """What a page raises in a run that its visitor has left."""


STUDIES = (cost_study, exact_distances, likelihood_study, guidance_study, bridge)


class Clock:
    """Counts operations since the last progress report, and keeps the most."""

    def __init__(self):
        self.since = self.most = self.reports = 0

    def count(self, function, operations):
        def counted(*given, **named):
            result = function(*given, **named)
            self.since += operations(result)
            self.most = max(self.most, self.since)
            return result

        return counted

    def progress(self, fraction):
        assert 0 <= fraction <= 1
        self.since, self.reports = 0, self.reports + 1


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)
def test_no_study_works_long_between_two_reports(study, monkeypatch):
    """Between two calls of `progress` at most one block of the exact score (a millisecond) and one kernel of all pairs
    (ten). The optimal transport works in a thread of its own and is left out."""
    scores, kernels = Clock(), Clock()
    logits = scores.count(GaussianMixture._logits, lambda logits: logits.numel())
    monkeypatch.setattr(GaussianMixture, "_logits", logits)
    monkeypatch.setattr(torch, "exp", kernels.count(torch.exp, lambda values: values.numel()))
    monkeypatch.setattr(distances, "linear_sum_assignment", lambda cost: (np.arange(len(cost)),) * 2)

    def progress(fraction):
        scores.progress(fraction)
        kernels.progress(fraction)

    study(DiffusionConfig(data="tree", particles=500, evaluations=17), progress)
    assert scores.reports > 10
    assert 0 < scores.most <= ELEMENTS
    assert kernels.most <= len(distances.KERNELS) * 500**2


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)
def test_raising_from_progress_ends_a_study(study):
    calls = []

    def leave(fraction):
        calls.append(fraction)
        if len(calls) == 5:
            raise Left

    with pytest.raises(Left):
        study(DiffusionConfig(data="moons", particles=200, evaluations=9), leave)
    assert len(calls) == 5


def test_the_optimal_transport_is_abandoned(monkeypatch):
    begun, go = threading.Event(), threading.Event()
    monkeypatch.setattr(distances, "linear_sum_assignment", lambda cost: (begun.set(), go.wait(10)))

    def leave(fraction):
        if begun.is_set():
            raise Left

    try:
        with pytest.raises(Left):
            exact_distances(DiffusionConfig(particles=50, evaluations=5), leave)
    finally:
        go.set()


def test_cost_study_samples_a_path_once(monkeypatch):
    """Dormand–Prince takes what it needs, and annealing the same two levels: one path each, whatever the budget."""
    from demos.diffusion import simulate

    calls, sample = [], simulate.sample
    monkeypatch.setattr(
        simulate, "sample", lambda name, *rest, **named: (calls.append(name), sample(name, *rest, **named))[1]
    )
    config = DiffusionConfig(sampler="dopri5", compare=("annealed", "ddim"), langevin_steps=50, particles=50)
    table = cost_study(config)
    assert [calls.count(name) for name in config.samplers] == [1, 1, 6]
    assert list(table.groupby("series", sort=False).size()) == [1, 1, 6]


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"tolerance": 1e-6},
        {"sigma_max": 200.0, "sigma_min": 1e-4, "tolerance": 0.01},
        {"process": "vp"},
        {"process": "vp", "beta_max": 40.0, "tolerance": 0.01},
        {"score_error": 3.0, "tolerance": 1e-6},
        {"start": "data", "tolerance": 1e-6},
    ],
    ids=str,
)
@pytest.mark.parametrize("data", ["gaussians8", "checkerboard", "points"])
def test_a_path_with_error_control_costs_at_most_what_is_counted(data, values):
    points = encode_points(np.random.default_rng(0).uniform(-4, 4, (100, 2))) if data == "points" else ""
    config = DiffusionConfig(data=data, points=points, sampler="dopri5", particles=200, **values)
    (done,) = simulate(setup(config))
    assert done.path.evaluations <= config.spent("dopri5") < 25 * done.path.evaluations


@pytest.mark.parametrize(
    "values",
    [
        {"sampler": "annealed", "evaluations": 2, "langevin_steps": 50},
        {"sampler": "annealed", "langevin_steps": 7},
        {"sampler": "predictor_corrector", "evaluations": 2, "corrections": 4},
        {"sampler": "sde"},
    ],
    ids=str,
)
def test_what_a_sampler_spends_is_counted(values):
    config = DiffusionConfig(particles=20, **values)
    (done,) = simulate(setup(config))
    assert 0 <= config.spent(config.sampler) - done.path.evaluations <= 8


def test_what_would_take_too_long_is_refused_with_what_is_allowed():
    points = encode_points(np.random.default_rng(0).uniform(-4, 4, (2_000, 2)))
    own = DiffusionConfig(data="points", points=points, particles=4_000)
    with pytest.raises(ValueError, match="too long"):  # annealing spends 101 where 2 were asked for
        own.replace(sampler="annealed", compare=("heun", "ddim"), langevin_steps=50, evaluations=60)
    with pytest.raises(ValueError, match="too long"):
        own.replace(sampler="dopri5")
    few = own.replace(points=encode_points(np.random.default_rng(0).uniform(-4, 4, (200, 2))), sampler="dopri5")
    assert few.work < own.work * 2  # what counts are the points that there are
    long = DiffusionConfig(data="tree", evaluations=800, particles=4_000)
    for study, config in ((cost_study, own), (guidance_study, long)):
        with pytest.raises(ValueError, match=r"take [\d,]+ points\.$") as caught:
            study(config)
        most = int(re.search(r"take ([\d,]+) points", str(caught.value))[1].replace(",", ""))
        assert 100 < most < config.particles
