"""The monitor changes nothing, measures what it says, and leaves nothing behind."""

import copy
import io
import math
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from demos.networks import GradientFlowMonitor
from demos.networks.monitor.calls import Calls
from demos.networks.monitor.hooks import Hooks
from demos.networks.monitor.layers import watched_layers
from tests.networks.architectures import ARCHITECTURES, MLP, Architecture, Tokens, built, plane, tokens, train
from tests.networks.cases import perceptron


def hooks_of(model, optimizer):
    """All hooks there are."""
    from torch.nn.modules import module as everywhere

    found = [len(optimizer._optimizer_step_pre_hooks), len(optimizer._optimizer_step_post_hooks)]
    found += [len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) for m in model.modules()]
    found += [len(p._post_accumulate_grad_hooks or {}) for p in model.parameters()]
    return sum(found) + len(everywhere._global_forward_hooks)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda each: each.name)
def test_training_is_the_same_bit_by_bit_and_no_alarm_is_raised(architecture):
    plain, optimizer = built(architecture)
    expected = train(plain, optimizer, architecture.batch, 24, clip=5.0)
    model, optimizer = built(architecture)
    with GradientFlowMonitor(model, optimizer, every=4) as monitor:
        found = train(model, optimizer, architecture.batch, 24, clip=5.0, after=monitor.log)
    assert torch.equal(torch.stack(found), torch.stack(expected))
    for one, other in zip(model.parameters(), plain.parameters(), strict=True):
        assert torch.equal(one, other) and torch.equal(one.grad, other.grad)
    assert hooks_of(model, optimizer) == 0
    run = monitor.run
    assert run.steps == [0, 4, 8, 12, 16, 20] and run.total_steps == 24 and len(run.losses) == 24
    for index, layer in enumerate(run.layers):
        if layer.size:
            assert np.isfinite(run.series["gradient"][:, index]).all(), layer.name
            assert np.isfinite(run.series["update"][:, index]).all(), layer.name
        if layer.kind in ("Linear", "Conv2d", "LSTM", "GRU", "Embedding", "BatchNorm2d", "LayerNorm", "Tanh", "ReLU"):
            assert np.isfinite(run.series["activation_gradient"][:, index]).all(), layer.name
            assert np.isfinite(run.series["variance"][:, index]).all(), layer.name
    assert not monitor.report().alarms, str(monitor.report())


def test_numbers_are_those_of_a_calculation_by_hand():
    model, optimizer = built(
        Architecture("", lambda: perceptron(nn.Tanh, depth=3, width=16), plane, lambda p: torch.optim.SGD(p, lr=0.1))
    )
    x, y = plane(torch.Generator().manual_seed(5))
    twin = copy.deepcopy(model)
    h = x
    outputs = []
    for module in twin:
        h = module(h)
        h.retain_grad()
        outputs.append(h)
    nn.functional.cross_entropy(h, y).backward()
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        nn.functional.cross_entropy(model(x), y).backward()
        total = nn.utils.clip_grad_norm_(model.parameters(), 0.01)
        optimizer.step()
    run = monitor.run
    value = lambda name, layer: run.series[name][0, run.row(layer)]
    close = lambda wanted: pytest.approx(
        float(torch.as_tensor(wanted).detach()), rel=1e-5
    )  # of sums of at most 1,024 numbers in float32
    for index, module in enumerate(twin):
        name = str(index)
        assert value("mean", name) == pytest.approx(float(outputs[index].detach().mean()), abs=1e-6)
        assert value("variance", name) == close(outputs[index].var(correction=0))
        assert value("activation_gradient", name) == close(outputs[index].grad.norm())
        if isinstance(module, nn.Linear):
            gradient = math.hypot(module.weight.grad.norm(), module.bias.grad.norm())
            weight = math.hypot(module.weight.detach().norm(), module.bias.detach().norm())
            shrunk = 0.01 / (float(total) + 1e-6)
            assert value("gradient", name) == close(gradient)
            assert value("clipped", name) == close(gradient * shrunk)
            assert value("weight", name) == close(weight)
            # the difference of weights of size 1 in float32 has errors of 6e-8 each, beside steps of 1e-4
            assert value("update", name) == pytest.approx(0.1 * gradient * shrunk, abs=6e-8 * 17)
            first, counts = run.histograms[0][run.row(name)]
            exponents = np.floor(
                np.log2(np.abs(np.concatenate([p.grad.numpy().ravel() * shrunk for p in module.parameters()])))
            )
            wanted = np.bincount(exponents.astype(int) + 127, minlength=256)[first : first + len(counts)]
            assert counts.sum() == 16 * module.in_features * (1 if index < 4 else 1 / 8) + module.out_features
            assert np.abs(counts - wanted).sum() <= 2  # a number on the edge of a bin may fall on either side
        else:
            assert value("slope", name) == close((1 - outputs[index].detach() ** 2).mean())
    assert run.clip_fraction() == 1.0
    assert run.rate()[0, 0] == pytest.approx(0.1, rel=1e-2)


def test_cosine_and_noise_of_two_known_gradients():
    weight = nn.Linear(2, 1, bias=False)
    optimizer = torch.optim.SGD(weight.parameters(), lr=0.0)
    with GradientFlowMonitor(weight, optimizer, every=2, batch_size=3) as monitor:
        for gradient in ([[9.0, 9.0]], [[3.0, 0.0]], [[3.0, 4.0]]):
            weight(torch.ones(1, 2)).sum().backward()
            weight.weight.grad = torch.tensor(gradient)
            optimizer.step()
    assert monitor.run.series["cosine"][1, 0] == pytest.approx(0.6)
    assert monitor.run.noise[1] == pytest.approx([9.0, 8.0])  # g·g' and half of |(0, 4)|²
    assert monitor.run.noise_scale() == pytest.approx(8 / 9)


def test_dead_units_are_those_that_are_silent_batch_after_batch():
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(inplace=True), nn.Linear(4, 1))
    with torch.no_grad():
        model[0].weight.zero_()
        model[0].bias.copy_(torch.tensor([-1.0, -1.0, 1.0, 1.0]))
        model[0].weight[1, 0] = 1.0  # wakes where x > 1
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        for x in (0.0, 5.0, 0.0, 0.0, 0.0):
            model(torch.full((3, 2), x)).sum().backward()
            optimizer.step()
    assert monitor.run.series["silent"][:, 1].tolist() == [0.5, 0.25, 0.25, 0.25, 0.5]
    assert monitor.run.series["slope"][:, 1].tolist() == [0.5, 0.75, 0.5, 0.5, 0.5]


def test_gradients_that_vanish_below_float32_squares_keep_their_size():
    model = nn.Linear(4, 1, bias=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        (model(torch.full((1, 4), 1e-12)) * 1e-18).sum().backward()
        optimizer.step()
    for name in ("gradient", "clipped"):
        assert monitor.run.series[name][0, 0] == pytest.approx(2e-30, rel=1e-5, abs=0)


def test_steps_that_are_not_measured_have_no_hooks_on_layers():
    model, optimizer = built(MLP)
    hooked = lambda: (
        sum(len(m._forward_hooks) for m in model.modules() if m is not model)
        + sum(len(p._post_accumulate_grad_hooks or {}) for p in model.parameters())
    )
    found = []
    with GradientFlowMonitor(model, optimizer, every=3):
        for _ in range(7):
            found.append(hooked() > 0)
            train(model, optimizer, plane, 1)
    assert found == [True, False, False, True, False, False, True]


def test_a_repeated_call_shows_all_layers_and_changes_nothing():
    model = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 2))
    called = []
    model[0].register_forward_hook(lambda *_: called.append(1))
    layers, hooks = watched_layers(model, []), Hooks()
    calls = Calls([model], layers)
    calls.watch(hooks, set())
    x = torch.ones(3, 2) * math.inf
    out = model(x)
    before = copy.deepcopy(model.state_dict())
    state = torch.get_rng_state()
    seen = calls.repeat()
    assert torch.equal(torch.get_rng_state(), state) and len(called) == 1
    assert all(
        torch.equal(old, new) or old.isnan().any()
        for old, new in zip(before.values(), model.state_dict().values(), strict=True)
    )
    assert [layer.name for layer, _, _ in seen] == ["0", "1", "3"]
    assert torch.equal(seen[0][2], x) and not seen[0][1].isfinite().all() and out.isnan().any()
    x.zero_()  # overwritten: what was called is not known any more
    assert calls.repeat() == []


def test_an_exception_goes_on_and_hooks_are_gone():
    model, optimizer = built(MLP)
    with pytest.raises(KeyError), GradientFlowMonitor(model, optimizer, every=2) as monitor:
        train(model, optimizer, plane, 3)
        model(plane(torch.Generator())[0]).sum().backward()
        raise KeyError
    assert hooks_of(model, optimizer) == 0 and monitor.run.steps == [0, 2]
    with monitor:  # and it can go on
        train(model, optimizer, plane, 2)
    assert monitor.run.steps == [0, 2, 4] and hooks_of(model, optimizer) == 0


def test_a_watched_model_can_be_copied_and_saved():
    model, optimizer = built(MLP)
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        train(model, optimizer, plane, 1)
        twin = copy.deepcopy(model)
        file = io.BytesIO()
        torch.save(model, file)
        pickle.loads(pickle.dumps(model))
        x = plane(torch.Generator().manual_seed(0))[0]
        assert torch.equal(twin(x), model(x))
        before = len(monitor.run.steps)
        twin(x).sum().backward()
        train(model, optimizer, plane, 1)
    assert len(monitor.run.steps) == before + 1
    assert b"demos" not in file.getvalue()


def test_evaluation_of_a_transformer_is_the_same_bit_by_bit():
    """torch takes another path for transformer layers without hooks."""
    architecture = Architecture("", lambda: Tokens(tied=False), tokens)
    model, optimizer = built(architecture)
    x, _ = tokens(torch.Generator().manual_seed(0))
    model.eval()
    with torch.no_grad():
        expected = model(x)
        with GradientFlowMonitor(model, optimizer, every=1):
            assert torch.equal(model(x), expected)


def test_long_runs_are_thinned(monkeypatch):
    monkeypatch.setattr("demos.networks.monitor.recorder.MOST_ROWS", 8)
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    with GradientFlowMonitor(model, optimizer, every=1, instruments=["gradients"]) as monitor:
        for _ in range(40):
            model(torch.ones(1, 1)).sum().backward()
            optimizer.step()
    assert monitor.run.every == 8 and monitor.run.steps == [0, 8, 16, 24, 32]
    assert len(monitor.run.series["gradient"]) == 5 == len(monitor.run.histograms)


@pytest.mark.parametrize(
    ("build", "error"),
    [
        (lambda: GradientFlowMonitor(nn.ReLU(), None), ValueError),
        (lambda: GradientFlowMonitor("model"), TypeError),
        (lambda: GradientFlowMonitor(nn.Linear(1, 1), every=0), ValueError),
        (
            lambda: GradientFlowMonitor(nn.Linear(1, 1), torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=1.0)),
            ValueError,
        ),
        (lambda: GradientFlowMonitor(nn.Linear(1, 1), "Adam"), TypeError),
        (lambda: GradientFlowMonitor(nn.Linear(1, 1), instruments=["all"]), ValueError),
        (lambda: GradientFlowMonitor(nn.LazyLinear(1)), ValueError),
        (lambda: GradientFlowMonitor(nn.Linear(1, 1)).log_to(3), TypeError),
    ],
)
def test_what_cannot_be_watched_is_refused_in_a_sentence(build, error):
    with pytest.raises(error) as caught:
        build()
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_a_writer_gets_each_measured_step():
    class Writer:
        def __init__(self):
            self.got = []

        def add_scalar(self, tag, value, step):
            self.got.append((tag, value, step))

    writer = Writer()
    model, optimizer = built(MLP)
    with GradientFlowMonitor(model, optimizer, every=2).log_to(writer) as monitor:
        train(model, optimizer, plane, 3)
    values = {(tag, step): value for tag, value, step in writer.got}
    assert {step for _, step in values} == {0, 2}
    assert values["gradient_flow/update/0", 2] == monitor.run.series["update"][1, 0]
    assert values["gradient_flow/gradient", 0] == pytest.approx(monitor.run.total("gradient")[0])
