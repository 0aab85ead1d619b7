"""Loops of all kinds under the monitor: GAN, accumulation, mixed precision, closures, compiled and frozen models."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from demos.networks import GradientFlowMonitor
from tests.networks.architectures import MLP, Architecture, built, plane, train
from tests.networks.cases import perceptron


def test_two_optimizers_of_a_gan():
    torch.manual_seed(0)
    generator, critic = perceptron(nn.ReLU, depth=2, width=8), perceptron(nn.ReLU, depth=2, width=8, outputs=1)
    of_generator = torch.optim.Adam(generator.parameters(), lr=1e-3)
    of_critic = torch.optim.Adam(critic.parameters(), lr=1e-3)
    with GradientFlowMonitor({"G": generator, "D": critic}, [of_generator, of_critic], every=2) as monitor:
        for _ in range(4):
            of_critic.zero_grad()
            fake = generator(torch.randn(16, 2)).detach()
            (critic(fake).mean() - critic(torch.randn(16, 2)).mean()).backward()
            of_critic.step()
            of_generator.zero_grad()
            (-critic(generator(torch.randn(16, 2))).mean()).backward()
            of_generator.step()
    run = monitor.run
    assert list(zip(run.steps, run.which, strict=True)) == [(0, 1), (0, 0), (2, 1), (2, 0)]
    own = [run.row("D.0"), run.row("G.0")]
    known = ~np.isnan(run.series["gradient"][:, own])
    assert known.tolist() == [[True, False], [False, True]] * 2


def test_accumulated_gradients_are_one_step():
    model, optimizer = built(MLP)
    x, y = plane(torch.Generator().manual_seed(0))
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        optimizer.zero_grad()
        for part, classes in zip(x.chunk(4), y.chunk(4), strict=True):
            (nn.functional.cross_entropy(model(part), classes) / 4).backward()
        wanted = math.hypot(*(float(p.grad.norm()) for p in model[0].parameters()))
        optimizer.step()
    assert monitor.run.steps == [0]
    assert monitor.run.series["gradient"][0, 0] == pytest.approx(wanted, rel=1e-5)
    assert monitor.run.series["mean"][0, 0] == pytest.approx(float(model[0](x).detach().mean()), rel=1.0)


def test_scaled_gradients_are_unscaled():
    plain, optimizer = built(MLP)
    with GradientFlowMonitor(plain, optimizer, every=1) as expected:
        train(plain, optimizer, plane, 2, clip=0.1)
    model, optimizer = built(MLP)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10)
    generator = torch.Generator().manual_seed(1)
    with GradientFlowMonitor(model, optimizer, every=1, scaler=scaler) as monitor:
        for step in range(3):
            x, y = plane(generator)
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            scaler.scale(loss * (math.inf if step == 1 else 1.0)).backward()  # the second step is skipped
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(model.parameters(), 0.1)
            scaler.step(optimizer)
            scaler.update()
    assert monitor.run.steps == [0, 1] and monitor.run.nonfinite is None
    for name in ("gradient", "clipped", "activation_gradient", "update"):
        first, wanted = monitor.run.series[name][0], expected.run.series[name][0]
        assert first == pytest.approx(wanted, rel=1e-5, nan_ok=True), name


def test_frozen_and_unused_and_forgotten_parameters():
    model = nn.ModuleDict(
        {"a": nn.Linear(2, 4), "b": nn.Linear(4, 2), "idle": nn.Linear(4, 4), "left": nn.Linear(2, 2)}
    )
    model["a"].requires_grad_(False)
    optimizer = torch.optim.SGD([*model["b"].parameters(), *model["idle"].parameters()], lr=0.1)
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        model["b"](model["a"](torch.ones(3, 2))).sum().backward()
        optimizer.step()
    findings = {each.code: each.layer for each in monitor.report().findings}
    assert findings["unused"] == "idle" and findings["not_optimized"] == "left"
    assert np.isnan(monitor.run.series["gradient"][0, monitor.run.row("a")])


def test_optimizers_that_run_the_model_themselves():
    """A closure, as LBFGS and Lightning use it: gradients exist only after the step."""
    results = []
    for closure in (False, True):
        model, optimizer = built(Architecture("", MLP.build, plane, lambda p: torch.optim.SGD(p, lr=0.1)))
        x, y = plane(torch.Generator().manual_seed(3))

        def compute(model=model, optimizer=optimizer, x=x, y=y):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            return loss

        with GradientFlowMonitor(model, optimizer, every=1) as monitor:
            for _ in range(2):
                if closure:
                    optimizer.step(compute)
                else:
                    compute()
                    optimizer.step()
        results.append(monitor.run)
    for name, values in results[0].series.items():
        assert results[1].series[name] == pytest.approx(values, nan_ok=True), name


def test_a_compiled_model_is_measured_as_far_as_it_can_be():
    model, optimizer = built(MLP)
    compiled = torch.compile(model, backend="eager")
    with GradientFlowMonitor(compiled, optimizer, every=1) as monitor:
        train(compiled, optimizer, plane, 2)
    assert np.isfinite(monitor.run.series["gradient"][:, 0]).all()
    assert np.isnan(monitor.run.series["mean"]).all() and len(monitor.report().notes) == 1
    assert monitor.run.layers[0].name == "0"


def test_shared_modules_and_functions_under_vmap():
    shared = nn.Linear(2, 2)
    model = nn.Sequential(shared, nn.Tanh(), shared)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        torch.func.vmap(model)(torch.ones(3, 2))
        model(torch.ones(3, 2)).sum().backward()
        optimizer.step()
    assert [layer.name for layer in monitor.run.layers] == ["0", "1"]
    assert np.isfinite(monitor.run.series["activation_gradient"]).all()


def test_the_optimizer_inside_a_wrapper_is_hooked():
    """As accelerate's, which inherits the methods of an optimizer and lacks its attributes."""

    class Wrapper(torch.optim.Optimizer):
        def __init__(self, optimizer):
            self.optimizer = optimizer

        param_groups = property(lambda self: self.optimizer.param_groups)

        def step(self, closure=None):
            self.optimizer.step(closure)

        def zero_grad(self, set_to_none=True):
            self.optimizer.zero_grad(set_to_none)

    model, optimizer = built(MLP)
    with GradientFlowMonitor(model, Wrapper(optimizer), every=1) as monitor:
        train(model, Wrapper(optimizer), plane, 2)
    assert monitor.run.steps == [0, 1] and monitor.run.optimizers[0].name == "Adam"


def test_gradients_are_measured_before_the_step_even_if_it_forgets_them():
    model, optimizer = built(MLP)
    optimizer.register_step_post_hook(lambda each, *_: each.zero_grad())
    x, y = plane(torch.Generator().manual_seed(0))
    with GradientFlowMonitor(model, optimizer, every=1) as monitor:
        for _ in range(2):  # in the second step, backward is not hooked any more
            nn.functional.cross_entropy(model(x), y).backward()
            wanted = math.hypot(*(float(p.grad.norm()) for p in model[0].parameters()))
            optimizer.step()
    assert monitor.run.series["clipped"][1, 0] == pytest.approx(wanted, rel=1e-5)
