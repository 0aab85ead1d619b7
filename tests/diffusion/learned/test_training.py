"""Training: a pure function of data and config; it reports, can be cancelled, and learns what is known exactly."""

import math

import pytest
import torch

from demos.diffusion.distributions import GaussianMixture
from demos.diffusion.learned import OBJECTIVES, TrainingConfig, score_error, train
from demos.diffusion.learned.denoising import LearnedDenoiser
from demos.diffusion.learned.network import Network

TINY = {"steps": 40, "batch": 64, "width": 16, "layers": 2, "waves": 8}
STRETCHED = GaussianMixture([1.0], [[1.0, -0.5]], [[[4.0, 0.0], [0.0, 0.25]]])


def points(count: int = 500, seed: int = 0) -> torch.Tensor:
    return STRETCHED.sample(count, torch.Generator().manual_seed(seed))[0]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_same_config_same_bytes_and_no_global_generator(objective):
    config = TrainingConfig(objective, **TINY)
    labels = torch.arange(500) % 2
    before = torch.get_rng_state()
    first = train(points(), config, labels)
    torch.rand(7)  # whatever else the process computes
    state = torch.get_rng_state()
    again = train(points(), config, labels, progress=lambda done: True, on_snapshot=lambda look: None)
    assert torch.equal(state, torch.get_rng_state()) and not torch.equal(before, state)
    assert all(torch.equal(first.network.tensors[name], again.network.tensors[name]) for name in first.network.tensors)
    assert first.losses.equals(again.losses)
    assert all(torch.equal(a.cloud, b.cloud) for a, b in zip(first.snapshots, again.snapshots, strict=True))
    other = train(points(), TrainingConfig(objective, **TINY, seed=1), labels)
    assert not torch.equal(first.network.tensors["weight1"], other.network.tensors["weight1"])


def test_the_points_are_not_changed_and_no_gradient_is_left():
    given = points().float()
    kept = given.clone()
    with torch.inference_mode():
        training = train(given, TrainingConfig(**TINY))
    assert torch.equal(given, kept)
    assert not any(tensor.requires_grad for tensor in training.network.tensors.values())


def test_it_learns_the_denoiser_of_a_stretched_gaussian():
    """Untrained, D is that of a round Gaussian. After 300 steps less than a tenth of its squared error is left."""
    training = train(points(4_000), TrainingConfig(steps=300, batch=256, width=32, layers=2, waves=8, bandwidth=1.0))
    network = training.network
    tensors = dict(network.tensors) | {"out": torch.zeros(32, 2), "out_bias": torch.zeros(2)}
    untrained = LearnedDenoiser(Network(tensors, network.mean, network.sigma_data, network.reach))
    sigmas = [0.1, 0.3, 1.0, 3.0]
    after, before = (score_error(model, STRETCHED, sigmas)["error"] for model in (training.model, untrained))
    assert float(after.pow(2).sum()) < 0.1 * float(before.pow(2).sum())
    assert training.losses["loss"].iloc[-20:].mean() < training.losses["loss"].iloc[:5].mean()


def test_classes_are_learned_apart():
    """Two far Gaussians: asked for its class, a point between them is denoised to that class's side."""
    distribution = GaussianMixture([0.5, 0.5], [[-2.0, 0.0], [2.0, 0.0]], [0.1, 0.1], [0, 1])
    drawn, labels = distribution.sample(2_000, torch.Generator().manual_seed(0))
    config = TrainingConfig(steps=300, batch=256, width=32, layers=2, waves=8, unasked=0.5)
    model, middle = train(drawn, config, labels).model, torch.zeros(1, 2)
    for label, sign in ((0, -1), (1, 1)):
        side = float(model.denoiser(middle, 2.0, torch.tensor([label]))[0, 0])
        exact = float(distribution.denoiser(middle.double(), 2.0, torch.tensor([label]))[0, 0])
        assert side * sign > 1.0 and abs(side - exact) < 0.5
    assert abs(float(model.denoiser(middle, 2.0)[0, 0])) < 0.5


def test_progress_rises_to_one():
    reports = []
    train(points(), TrainingConfig(**TINY | {"steps": 200}), progress=reports.append)
    assert reports == sorted(reports) and reports[-1] == 1.0 and len(reports) >= 2


def test_returning_false_ends_it_early_and_raising_at_once():
    calls = []

    def stop(done: float) -> bool:
        calls.append(done)
        return False

    training = train(points(), TrainingConfig(**TINY | {"steps": 100_000}), progress=stop)
    assert not training.finished and len(calls) == 1
    assert torch.isfinite(training.model.denoiser(torch.zeros(3, 2), 1.0)).all()

    def fail(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(points(), TrainingConfig(**TINY | {"steps": 100_000}), progress=fail)


def test_early_looks_come_as_they_are_made():
    seen = []
    training = train(points(), TrainingConfig(**TINY), on_snapshot=seen.append)
    assert [look.step for look in seen] == [1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40]
    assert [look.losses["step"].iloc[-1] for look in seen] == [look.step for look in seen]
    assert tuple(seen) == training.snapshots
    assert all(look.cloud.shape == (500, 2) and torch.isfinite(look.cloud).all() for look in seen)


def test_loss_curve_covers_every_step():
    training = train(points(), TrainingConfig(**TINY | {"steps": 450}))
    losses = training.losses
    assert list(losses.columns) == ["step", "loss", "rate"] and losses["step"].iloc[-1] == 450 and len(losses) <= 200
    assert losses["rate"].iloc[-1] < 1e-3 * losses["rate"].max()


@pytest.mark.parametrize("bad", [torch.zeros(5, 3), torch.zeros(1, 2), torch.ones(9, 2), torch.full((4, 2), math.nan)])
def test_what_cannot_be_learned_from_is_refused_in_a_sentence(bad):
    with pytest.raises(ValueError, match="points"):
        train(bad, TrainingConfig(**TINY))


@pytest.mark.parametrize(
    "field", [{"steps": 0}, {"batch": 1}, {"objective": "other"}, {"rate": math.nan}, {"unasked": 2.0}]
)
def test_a_config_out_of_range_is_refused(field):
    with pytest.raises(ValueError, match=next(iter(field))):
        TrainingConfig(**field)


def test_two_points_are_enough():
    training = train(torch.tensor([[0.0, 0.0], [1.0, 1.0]]), TrainingConfig(**TINY))
    assert torch.isfinite(training.snapshots[-1].cloud).all()
