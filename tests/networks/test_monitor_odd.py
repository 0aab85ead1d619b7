"""Models and loops that are seldom: scalar outputs, lengths that vary, many micro-batches, models without a copy."""

import math
import random
import threading

import numpy as np
import pytest
import torch
from torch import nn

from demos.networks import GradientFlowMonitor
from demos.networks.monitor import outputs, step
from demos.networks.monitor.calls import Calls
from demos.networks.monitor.hooks import Hooks
from demos.networks.monitor.layers import watched_layers
from demos.networks.monitor.measures import means_and_variances, numbers


class Loss(nn.Module):
    """Has a parameter of its own, and computes its loss itself."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.scale = nn.Linear(3, 4), nn.Parameter(torch.tensor(2.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (self.linear(x) * self.scale).square().mean()


class Root(nn.Module):
    """√(Wx), and what some models hold and do."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        random.random(), np.random.rand()  # as in stochastic depth
        return self.linear(x).sqrt()


def test_a_model_that_gives_a_number_is_measured():
    model = Loss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    x = torch.linspace(-1, 1, 15).reshape(5, 3)
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        loss = model(x)
        loss.backward()
        optimizer.step()
    assert monitor.run.series["mean"][0, 0] == pytest.approx(loss.item())
    assert monitor.run.series["variance"][0, 0] == 0.0


def test_outputs_of_ever_other_lengths_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(outputs, "MOST", 10_000)
    model = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        for length in range(1, 60):
            model(torch.ones(length, 4)).sum().backward()
            optimizer.step()
            assert sum(each.numel() for each in monitor._outputs._buffers.values()) <= 10_000
    assert monitor.run.series["mean"].shape[0] == 59 and np.isfinite(monitor.run.series["mean"]).all()


def test_gradients_of_many_micro_batches_do_not_fill_the_memory(monkeypatch):
    """Those that are not kept count by their norms, to the same sum."""
    found = []
    for most in (10**6, 500):
        monkeypatch.setattr(step, "MOST", most)
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        with GradientFlowMonitor(model, optimizer, every=1) as monitor:
            for i in range(12):
                model(torch.full((8, 4), i / 12)).square().sum().backward()
            held = sum(part.numel() for own in monitor._step._of_outputs.values() for part in own)
            optimizer.step()
        assert held <= most + 36  # a norm is one number
        found.append(monitor.run.series["activation_gradient"])
    np.testing.assert_allclose(found[1], found[0], rtol=1e-6)


@pytest.mark.parametrize(
    ("copies", "last", "layer", "where"),
    [
        (True, math.inf, "linear", "input"),
        (False, math.inf, "the model", "input"),
        (False, -1.0, "the model", "activation"),
    ],
)
def test_a_model_without_a_copy_is_not_said_to_have_finite_outputs(copies, last, layer, where):
    model = Root()
    if not copies:
        model.lock = threading.Lock()
    with torch.no_grad():
        model.linear.weight.copy_(torch.eye(2))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    with GradientFlowMonitor(model, optimizer, every=10) as monitor:
        for x in (1.0, 1.0, 1.0, last):
            (model(torch.full((3, 2), x)) * torch.tensor([1.0, -1.0])).sum().backward()
            optimizer.step()
            optimizer.zero_grad()
    assert monitor.run.nonfinite == {"layer": layer, "step": 3, "where": where}
    assert [finding.layer for finding in monitor.report().findings if finding.code == "nonfinite"] == [layer]


def test_a_sparse_gradient_has_a_norm_and_no_cosine():
    """Its values belong to other rows in the next step."""
    model = nn.Sequential(nn.Embedding(4, 3, sparse=True), nn.Linear(3, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        for row in (0, 1):
            model(torch.tensor([row])).sum().backward()
            norm = float(model[0].weight.grad.to_dense().norm())
            optimizer.step()
            optimizer.zero_grad()
    assert monitor.run.series["clipped"][:, 0] == pytest.approx(norm)
    assert np.isnan(monitor.run.series["cosine"][:, 0]).all() and monitor.run.series["cosine"][1, 1] <= 1.0


def test_a_layer_that_grows_is_measured_again():
    model = nn.Sequential(nn.Embedding(4, 3), nn.Linear(3, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        for rows in (4, 6, 6):
            model[0].weight.data = torch.ones(rows, 3)
            model(torch.tensor([0, 1])).sum().backward()
            optimizer.step()
            optimizer.zero_grad()
    assert monitor.run.series["weight"][:, 0] == pytest.approx(np.sqrt([12.0, 18.0, 18.0]))
    assert np.isfinite(monitor.run.series["cosine"][2]).all()


def test_a_loop_that_calls_parts_of_the_model_is_watched_again():
    """Its first step calls the model, whose layers are then without hooks for a step."""
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    with GradientFlowMonitor(model, optimizer, every=10) as monitor:
        model(torch.ones(1, 2)).sum().backward()
        optimizer.step()
        for x in (1.0, 1.0, math.inf):
            model[1](model[0](torch.full((1, 2), x))).sum().backward()
            optimizer.step()
    assert monitor.run.nonfinite == {"layer": "0", "step": 3, "where": "input"}


def test_a_repeated_call_leaves_the_random_streams_of_python_and_numpy():
    model = Root()
    calls, hooks = Calls([model], watched_layers(model, [])), Hooks()
    calls.watch(hooks, set())
    model(torch.ones(1, 2))
    before = random.getstate(), str(np.random.get_state())
    assert len(calls.repeat()) == 1
    assert (random.getstate(), str(np.random.get_state())) == before


def test_the_variance_of_ten_million_numbers():
    """Squares summed in one go in single precision lose a thousandth."""
    x = torch.randn(1, 10_000_019, generator=torch.Generator().manual_seed(0)) + 0.3
    (mean,), (variance,) = means_and_variances(x)
    wide = x.double()
    assert mean == pytest.approx(float(wide.mean()), rel=1e-5)
    assert variance == pytest.approx(float(wide.square().mean() - wide.mean() ** 2), rel=1e-5)


class OnDevice(torch.Tensor):
    """A tensor that says it is not on the CPU."""

    is_cpu = False


def test_numbers_of_a_model_half_on_a_device():
    """torch stacks no numbers of the CPU with those of a device."""
    device = torch.tensor([2.0, 4.0]).as_subclass(OnDevice)
    stacked = []
    original = torch.stack
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "stack", lambda parts: stacked.extend(parts) or original(parts))
        assert numbers([1.0, device[0], 3.0, device[1]]) == [1.0, 2.0, 3.0, 4.0]
    assert all(isinstance(each, OnDevice) for each in stacked) and len(stacked) == 2


def test_outputs_are_measured_before_they_are_overwritten():
    """In the second step outputs that nothing has overwritten are not copied any more."""
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(inplace=True), nn.Linear(4, 2), nn.Tanh())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    x = torch.linspace(-1, 1, 12).reshape(3, 4)
    with torch.no_grad():
        hidden = model[0](x)
        wanted = [float(each.mean()) for each in (hidden, hidden.relu(), model[2](hidden.relu()))]
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        for _ in range(2):
            model(x).sum().backward()
            optimizer.step()
    for row in monitor.run.series["mean"]:
        assert row[:3] == pytest.approx(wanted, abs=1e-6)


def test_an_output_that_is_overwritten_for_once_is_not_measured():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        for overwritten in (False, True, True):
            out = model[1](hidden := model[0](torch.ones(1, 2)))
            out.sum().backward()
            if overwritten:
                hidden.detach().zero_()
            optimizer.step()
    assert np.isnan(monitor.run.series["mean"][:, 0]).tolist() == [False, True, False]
    assert monitor.run.series["mean"][2, 0] == pytest.approx(monitor.run.series["mean"][0, 0])


def test_a_layer_that_is_thawed_and_given_to_the_optimizer_is_measured():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    model[0].requires_grad_(False)
    optimizer = torch.optim.SGD(model[1].parameters(), lr=0.1)
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        for step in range(3):
            if step == 1:
                optimizer.add_param_group({"params": model[0].requires_grad_(True).parameters(), "lr": 0.2})
            optimizer.zero_grad()
            model(torch.ones(1, 2)).sum().backward()
            optimizer.step()
    run = monitor.run
    for name in ("gradient", "update"):
        assert np.isnan(run.series[name][:, 0]).tolist() == [True, False, False], name
    assert run.series["rate"][2].tolist() == [0.2, 0.1] and run.layers[0].trainable and run.layers[0].optimizer == 0


def test_a_generator_that_is_called_once_for_both_steps_keeps_its_outputs():
    generator, critic = nn.Linear(2, 2), nn.Linear(2, 1)
    of_generator, of_critic = (torch.optim.SGD(each.parameters(), lr=0.1) for each in (generator, critic))
    with GradientFlowMonitor({"G": generator, "D": critic}, [of_generator, of_critic], every=1) as monitor:
        for _ in range(2):
            of_critic.zero_grad()
            fake = generator(torch.ones(1, 2))
            critic(fake.detach()).sum().backward()
            critic(torch.ones(1, 2)).sum().backward()  # accumulated, so that backward has to be hooked
            of_critic.step()
            of_generator.zero_grad()
            critic(fake).sum().backward()
            of_generator.step()
    run = monitor.run
    own = np.array([[run.row("G" if which == 0 else "D")] for which in run.which])
    for name in ("mean", "gradient", "activation_gradient"):
        assert np.isfinite(np.take_along_axis(run.series[name], own, 1)).all(), name


def test_gradients_that_are_accumulated_are_known_in_every_row():
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        for _ in range(4):
            optimizer.zero_grad()
            for _ in range(2):
                model(torch.ones(1, 2)).sum().backward()
            optimizer.step()
    assert monitor.run.series["gradient"][:, 0] == pytest.approx(2 * math.sqrt(3))


def test_a_weight_that_changes_when_it_is_read_is_not_read():
    layer = nn.utils.parametrizations.spectral_norm(nn.Linear(4, 4))
    before = {name: value.clone() for name, value in layer.state_dict().items()}
    monitor = GradientFlowMonitor(nn.Sequential(layer))
    assert monitor.run.predicted is None
    assert all(torch.equal(value, before[name]) for name, value in layer.state_dict().items())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_of_a_scripted_model_gradients_are_measured():
    model = torch.jit.script(nn.Sequential(nn.Linear(2, 1)))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        model(torch.ones(1, 2)).sum().backward()
        optimizer.step()
    assert monitor.run.series["gradient"][0, 0] == pytest.approx(math.sqrt(3)) and len(monitor.report().notes) == 1
