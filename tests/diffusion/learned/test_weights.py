"""Weights on disk: what is written comes back, what ships is complete, small, good, and what its file says it is."""

import math

import numpy as np
import pytest
import torch

from demos.common.bounded_cache import BoundedCache
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import BUILT_IN, from_points
from demos.diffusion.learned import (
    OBJECTIVES,
    TrainingConfig,
    abandon,
    default_config,
    learned_model,
    needed,
    provide,
    remembered,
    shipped,
    train,
)
from demos.diffusion.learned.quality import generated, inside, least_nll, likelihood
from demos.diffusion.learned.score_error import score_error
from demos.diffusion.learned.train_all import config_of
from demos.diffusion.learned.weights import FOLDER, Shipped, as_saved, path_of, read, save
from demos.diffusion.metrics import sliced_w2
from demos.diffusion.models import FromDenoiser
from demos.diffusion.setup import setup
from demos.diffusion.simulate import simulate

TINY = TrainingConfig(steps=5, batch=32, width=8, layers=2, waves=4)
POINTS = torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
SHIPS = [(data, objective) for data in BUILT_IN for objective in OBJECTIVES]


def test_what_is_written_comes_back(tmp_path):
    training = train(POINTS, TINY, torch.arange(50) % 3)
    path = save(Shipped("moons", TINY, training.network, {"NLL": 2.4}), tmp_path)
    again = read(path)
    assert (again.data, again.config, again.metrics) == ("moons", TINY, {"NLL": 2.4})
    assert again.network.classes == 3 and again.network.reach == training.network.reach
    x, labels = 3 * POINTS, torch.arange(50) % 3
    exact = train(POINTS, TINY, torch.arange(50) % 3).model
    assert (again.model.denoiser(x, 0.5, labels) - exact.denoiser(x, 0.5, labels)).abs().max() < 0.02
    rounded = as_saved(training.network)
    assert all(torch.equal(rounded.tensors[name], again.network.tensors[name]) for name in rounded.tensors)


@pytest.mark.parametrize("content", [b"", b"not weights at all", b"\x80\x04\x95" + bytes(60)])
def test_a_file_that_is_something_else_is_refused_in_a_sentence(tmp_path, content):
    path = tmp_path / "moons-learned.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no file of trained weights"):
        read(path)


@pytest.mark.parametrize(("data", "objective"), SHIPS)
def test_what_ships_is_what_the_command_makes(data, objective):
    file = shipped(data, objective)
    assert file is not None and file is shipped(data, objective)  # read once
    assert (file.data, file.config) == (data, config_of(data, objective))  # the command makes this very file
    assert file.network.sigma_data == pytest.approx(BUILT_IN[data].sigma_data)
    classes = BUILT_IN[data].classes
    assert file.network.classes == (classes if classes > 1 and objective != "flow_ot" else 0)
    assert {"sliced W2", "sliced floor"} <= file.metrics.keys()


def test_all_weights_together_are_small():
    files = list(FOLDER.glob("*.safetensors"))
    assert {file.name for file in files} >= {path_of(*pair).name for pair in SHIPS}
    assert sum(file.stat().st_size for file in files) < 1_000_000


class Linear(FromDenoiser):
    """The exact denoiser of a Gaussian with the mean and the spread of the data."""

    def __init__(self, distribution):
        self.mean, self.sigma_data = distribution.mean, distribution.sigma_data

    def denoiser(self, x, sigma, labels=None):
        return self.mean + (x.double() - self.mean) / (1 + (sigma / self.sigma_data) ** 2)


@pytest.mark.parametrize("data", list(BUILT_IN))
def test_shipped_scores_are_close_to_the_exact_ones(data):
    """Untrained, the error is that of the best linear denoiser; of it an eighth, in the mean square over noise levels,
    is left at most (measured: 0.03 to 0.10), and nowhere more than 0.12 where pure noise is √2."""
    file, distribution = shipped(data, "learned"), BUILT_IN[data].distribution
    sigmas = [s * distribution.sigma_data for s in (0.03, 0.1, 0.3, 1.0, 3.0)]
    learned, linear = (
        score_error(model, distribution, sigmas, count=500)["error"] for model in (file.model, Linear(distribution))
    )
    assert (learned < 0.12).all()
    assert learned.pow(2).mean() ** 0.5 < linear.pow(2).mean() ** 0.5 / 8


@pytest.mark.parametrize(("data", "objective"), [("moons", "learned"), ("gaussians8", "flow"), ("scurve", "flow_ot")])
def test_what_a_file_says_of_its_network_is_true(data, objective):
    """The numbers of the page, measured again: the likelihood point for point, distance and support as they were."""
    file = shipped(data, objective)
    again = likelihood(file.model, BUILT_IN[data], count=file.metrics["NLL points"])
    assert again["NLL"] == pytest.approx(file.metrics["NLL"], abs=1e-3)
    assert again["NLL error"] == pytest.approx(file.metrics["NLL error"], rel=1e-2)
    assert again["NLL"] > least_nll(BUILT_IN[data], again["NLL points"]) - 5e-3  # KL ≥ 0


def test_the_distance_and_the_support_in_a_file_are_true():
    """The same noise again: apart by less than one standard error over its clouds, for arithmetic in another order
    brings a point between two squares to the other one."""
    file, data = shipped("checkerboard", "flow"), BUILT_IN["checkerboard"]
    said = file.metrics
    values = [
        sliced_w2(
            generated(file.model, said["sliced points"], seed), data.sample(said["sliced points"], 50_000 + seed)[0]
        )
        for seed in range(said["sliced seeds"])
    ]
    assert abs(np.mean(values) - said["sliced W2"]) < np.std(values, ddof=1) / math.sqrt(len(values))
    again = inside(file.model, data, count=said["support points"])
    assert abs(again["support"] - said["support"]) < said["support error"]
    assert again["support error"] == pytest.approx(said["support error"], rel=0.02)


def test_shipped_checkerboard_stays_inside():
    """Bar 0.975; six standard errors of 5,000 points are 0.013."""
    found = inside(shipped("checkerboard", "learned").model, BUILT_IN["checkerboard"], count=5_000)
    assert found["support"] > 0.975 - 6 * found["support error"]


@pytest.mark.parametrize("objective", ["learned", "flow"])
def test_the_page_takes_what_ships(objective):
    model = learned_model(DiffusionConfig(data="moons", score=objective), BUILT_IN["moons"])
    assert model.network is shipped("moons", objective).network
    with torch.no_grad():
        assert torch.isfinite(generated(model, 100, 0, steps=8)).all()


def test_own_points_are_trained_once(monkeypatch):
    monkeypatch.setattr(provide, "_trained", BoundedCache())
    monkeypatch.setattr(provide, "default_config", lambda objective, **changes: TINY)
    data, reports = from_points("points", "Mine", POINTS.numpy()), []
    config = DiffusionConfig(data="points", points="AAAABBBB", score="learned")
    first = learned_model(config, data, reports.append)
    again = learned_model(config, from_points("points", "Mine", POINTS.numpy()), reports.append)
    assert again.network is first.network and reports[-1] == 1.0
    assert len(provide._trained) == 1


def test_what_was_cancelled_is_not_remembered(monkeypatch):
    monkeypatch.setattr(provide, "_trained", BoundedCache())
    data = from_points("points", "Mine", POINTS.numpy())
    config = default_config(steps=100_000, width=8, waves=2, layers=1)
    assert not provide.train_on(data, config, lambda done: False).finished
    assert not len(provide._trained)


def test_what_was_interrupted_goes_on_where_it_was(monkeypatch):
    """A visitor turns another control while the network trains: nothing is lost, and the result is the same."""
    for name in ("_trained", "_paused"):
        monkeypatch.setattr(provide, name, BoundedCache())
    data = from_points("points", "Mine", POINTS.numpy())
    config = TrainingConfig(steps=600, batch=32, width=8, layers=2, waves=4)

    class Left(BaseException):
        pass

    def leave(done: float) -> None:
        if done > 0.3:
            raise Left

    reports, seen = [], []
    with pytest.raises(Left):
        provide.train_on(data, config, leave)
    assert remembered(data, config) is None and len(provide._paused) == 1
    training = provide.train_on(data, config, reports.append, seen.append)
    assert reports[0] > 0.3 and reports[-1] == 1.0 and seen[0].step < 600
    assert remembered(data, config) is training and not len(provide._paused)
    half = torch.from_numpy(provide.halves(data)[0]).float()  # the other half is held back
    straight = train(half, config, spread=data.sigma_data)
    assert all(torch.equal(straight.network.tensors[name], tensor) for name, tensor in training.network.tensors.items())
    assert straight.losses.equals(training.losses)


def test_what_is_abandoned_begins_anew(monkeypatch):
    monkeypatch.setattr(provide, "_paused", BoundedCache())
    data = from_points("points", "Mine", POINTS.numpy())
    config = TrainingConfig(steps=100_000, batch=32, width=8, layers=2, waves=4)

    def leave(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        provide.train_on(data, config, leave)
    assert len(provide._paused)
    abandon(data, config)
    assert not len(provide._paused)


def test_what_is_trained_and_what_ships():
    moons, steps = BUILT_IN["moons"], default_config("flow", steps=70)
    assert needed(DiffusionConfig(data="moons"), moons) is None
    assert needed(DiffusionConfig(data="moons", score="flow"), moons) is None
    assert needed(DiffusionConfig(data="moons", score="flow", network="trained", training_steps=70), moons) == steps
    mine = from_points("points", "Mine", POINTS.numpy())
    assert needed(DiffusionConfig(data="word", score="flow", training_steps=70), mine) == steps  # nothing ships


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_config_is_sampled_from_the_noise_that_its_flow_has(objective):
    """With matched pairs from σ_max + σ_data: from σ_max alone the cloud would end a tenth too small."""
    config = DiffusionConfig(data="gaussians8", score=objective, particles=4_000, evaluations=63)
    (made,) = simulate(setup(config))
    spread = float(made.path.end.square().mean().sqrt())
    assert spread == pytest.approx(BUILT_IN["gaussians8"].sigma_data, rel=0.04)
