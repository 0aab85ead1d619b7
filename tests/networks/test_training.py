"""The panel that trains live: its data, its networks, the network beside it, and what its cost limit says."""

from itertools import islice

import numpy as np
import pytest
import torch
from torch import nn

from demos.networks.theory.mean_field import initial_variances
from demos.networks.training.config import EXAMPLES, RATES, TrainingConfig
from demos.networks.training.data import VIEW, data_of, truth
from demos.networks.training.network import build
from demos.networks.training.train import batches, train


@pytest.mark.parametrize("data", ["xor", "moons", "spirals"])
def test_classes_are_halves_and_wrong_labels_are_as_many_as_told(data):
    clean, wrong = (data_of(TrainingConfig(data=data, flipped=share)) for share in (0.0, 0.25))
    assert int(clean.y.sum()) == EXAMPLES // 2
    assert torch.equal(clean.x, wrong.x) and int((clean.y != wrong.y).sum()) == EXAMPLES // 4
    assert torch.equal(clean.test_y, wrong.test_y)
    assert float((clean.x.abs().max(1).values < VIEW[data]).float().mean()) > 0.9  # the plane shows nearly all
    if data == "xor":
        assert torch.equal(clean.y, (clean.x.prod(1) > 0).long())


def test_the_function_is_the_chebyshev_polynomial():
    angle = np.linspace(0, np.pi, 20)
    assert truth(np.cos(angle)) == pytest.approx(np.cos(4 * angle))


def test_an_epoch_has_every_example_once():
    config = TrainingConfig(batch=128)
    drawn = torch.cat(list(islice(batches(config), EXAMPLES // 128)))
    assert sorted(drawn.tolist()) == list(range(EXAMPLES))


@pytest.mark.parametrize("init", ["default", "xavier", "he", "orthogonal"])
def test_weights_have_the_variance_that_theory_is_told(init):
    model = build(TrainingConfig(init=init, width=128, depth=4, gain=1.5))
    linear = [module for module in model.modules() if isinstance(module, nn.Linear)][1]
    wanted, of_bias = initial_variances(init, 128, 128, 1.5)
    assert 128 * float(linear.weight.detach().square().mean()) == pytest.approx(
        wanted, rel=0.066
    )  # 4 sd of 16,384 numbers
    assert float(linear.bias.detach().square().mean()) == pytest.approx(of_bias, rel=0.48)


def test_the_network_beside_differs_in_one_thing_and_its_usual_rate():
    config = TrainingConfig(optimizer="sgd", beside="adam")
    other = config.other()
    assert other == config.replace(optimizer="adam", beside="none", lr=RATES["adam"])
    assert TrainingConfig(optimizer="adam", lr=0.002, beside="adam").other() is None
    weights = [next(build(each).parameters()) for each in (config, other)]
    assert torch.equal(*weights)


def test_another_optimizer_brings_its_usual_rate():
    config, refused = TrainingConfig.read({"optimizer": "adam"})
    assert (config.lr, refused) == (RATES["adam"], ())


def test_the_monitor_and_the_looks_leave_the_training_as_it_is():
    """The losses are those of a plain loop."""
    config = TrainingConfig(activation="tanh", init="xavier", depth=3, width=8, steps=20, normalization="batch")
    data, model = data_of(config), build(config)
    optimizer = torch.optim.SGD(model.parameters(), lr=config.lr, momentum=0.9)
    losses = []
    for index in islice(batches(config), config.steps):
        loss = nn.functional.cross_entropy(model(data.x[index]), data.y[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert train(config).losses.tolist() == losses


def test_too_much_work_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="fewer steps"):
        TrainingConfig(depth=60, steps=3_000)
