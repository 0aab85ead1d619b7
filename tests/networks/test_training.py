"""The panel that trains live: its data, its networks, the network beside it, and what its cost limit says."""

import subprocess
import sys
from itertools import islice

import numpy as np
import pytest
import torch
from torch import nn

from demos.contract import State
from demos.networks.theory.mean_field import initial_variances
from demos.networks.training import train as training
from demos.networks.training.batch_norm import gradients
from demos.networks.training.checks import checks_of
from demos.networks.training.config import EXAMPLES, RATES, TrainingConfig
from demos.networks.training.data import VIEW, data_of, truth
from demos.networks.training.identities import Identities
from demos.networks.training.network import build
from demos.networks.training.optimizers import optimizer_of
from demos.networks.training.run import run
from demos.networks.training.steps import step_rows
from demos.networks.training.train import batches, data_loss, train
from demos.picture.payload.write import encode


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


UNHARMED = {  # each of these once raised an alarm
    "a norm that feels its ε": dict(activation="sigmoid", init="xavier", gain=0.1, normalization="batch", depth=4),
    "layer norm that feels its ε": dict(init="xavier", gain=0.1, normalization="layer", depth=4, width=8),
    "beyond float32": dict(depth=60, width=16, activation="relu", init="he", gain=5.0),
    "a small penalty": dict(depth=18, width=32, activation="relu", l2=1e-6),
    "a constant at a large rate": dict(batch=8, lr=1.0, optimizer="momentum"),
}


@pytest.mark.parametrize("changes", UNHARMED.values(), ids=UNHARMED)
def test_no_alarm_without_a_fault(changes):
    config = TrainingConfig(**({"optimizer": "sgd", "steps": 20} | changes))
    rows = checks_of(config, train(config))
    assert [row for row in rows if row.state is State.DIFFERS] == []
    assert all(row.measured == row.measured or row.state is State.NOT_COMPARABLE for row in rows)


MUON = TrainingConfig(depth=4, width=16, activation="relu", init="he", optimizer="muon", lr=0.01, steps=20)


def test_muon_that_is_a_hundredth_too_fast_is_noticed(monkeypatch):
    def states():
        return {row.state for row in step_rows(MUON, train(MUON))}

    assert states() == {State.AGREES}
    monkeypatch.setattr(
        training, "optimizer_of", lambda config, p: optimizer_of(config.replace(lr=1.01 * config.lr), p)
    )
    assert State.DIFFERS in states()


def test_what_a_norm_feels_of_its_scale_is_seen(monkeypatch):
    """The identity with a wrong ε fails, so that its term is no slack."""
    config = TrainingConfig(init="xavier", gain=0.1, normalization="batch", depth=4, width=8, steps=20)
    model = build(config)
    found = Identities(config, model)
    for norm in found.norms:
        norm.register_forward_hook(lambda module, arguments, output: setattr(module, "eps", 2e-5))
    found.watching, data = True, data_of(config)
    nn.functional.cross_entropy(model(data.x), data.y).backward()
    found.look()
    assert found.worst["orthogonal"] > found.rounding > found.worst["softmax"]


@pytest.mark.parametrize("changes", [{}, {"skip": "root", "activation": "tanh"}, {"data": "line"}], ids=str)
def test_gradients_through_batch_norm_by_hand_are_those_of_autograd(changes):
    config = TrainingConfig(**({"normalization": "batch", "activation": "relu", "depth": 4, "width": 6} | changes))
    model, data = build(config).double(), data_of(config)
    linears = [module for module in model.modules() if isinstance(module, nn.Linear)]
    own = [(each.weight.detach().numpy(), each.bias.detach().numpy()) for each in linears]
    outputs = []
    for linear in linears[:-1]:
        linear.register_forward_hook(lambda module, given, out: outputs.append(out))
    x, y = data.x[:20].double(), data.y[:20]
    loss = data_loss(config, model(x), y.double() if config.data == "line" else y)
    wanted = torch.autograd.grad(loss, outputs)
    found = gradients(config, own, x.numpy(), y.double().numpy())
    for one, other in list(zip(found, wanted, strict=True))[1 if config.skip != "none" else 0 :]:
        np.testing.assert_allclose(one, other.numpy(), rtol=1e-8, atol=1e-14)


def test_too_much_work_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="fewer steps"):
        TrainingConfig(depth=60, steps=3_000)


LEAN = """
import sys
from demos.networks.training.config import TrainingConfig
from demos.networks.training.train import train
train(TrainingConfig(steps=20, optimizer="adam"))
assert not {"torch._dynamo", "sympy"} & set(sys.modules)
"""


def test_training_brings_neither_the_compiler_of_torch_nor_sympy():
    """A server would keep them: 110 MB, for nothing that it does."""
    subprocess.run([sys.executable, "-c", LEAN], check=True)


def test_a_run_that_ends_at_its_first_step_has_a_picture():
    result = run(TrainingConfig(activation="relu", init="he", gain=5.0))
    assert encode(result.picture)
