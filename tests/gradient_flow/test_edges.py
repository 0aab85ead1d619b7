"""What every method makes of energies at the edge: no graph, odd shapes and types, numbers that are not finite."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.gradient_flow import (
    METHODS,
    GradientFlow,
    NoGraphError,
    autograd_gradient,
    autograd_hessian,
    solve,
)
from tests.gradient_flow.edges import START, TIMES, bowl, flow_for
from tests.gradient_flow.flows import GENERAL, names, temperature_for


@pytest.mark.parametrize("method", METHODS)
def test_inference_mode_changes_nothing(method):
    plain = solve(flow_for(method), START, TIMES, method)
    with torch.inference_mode():
        inside = solve(flow_for(method), START.clone(), TIMES, method)
        assert torch.is_inference_mode_enabled()
    assert torch.equal(inside.states, plain.states) and not torch.equal(inside.states[0], inside.states[-1])


def _cut(x):
    with torch.no_grad():
        return bowl(x)


@pytest.mark.parametrize(
    "energy",
    [
        _cut,
        torch.inference_mode()(bowl),
        lambda x: bowl(x.detach()),
        lambda x: torch.from_numpy((x.numpy() ** 2).sum(1)),
    ],
    ids=["no_grad", "inference_mode", "detached", "numpy"],
)
@pytest.mark.parametrize("method", METHODS)
def test_an_energy_without_a_graph_is_refused_by_name(method, energy):
    parts = {"energy": energy}
    if "stiff" in METHODS[method].needs:
        parts["rest"] = lambda x, t: 0 * x
    with pytest.raises(NoGraphError, match="energy"):
        solve(flow_for(method, **parts), START, TIMES, method)


@pytest.mark.parametrize("method", names(r for r in GENERAL if "hessian" not in r.needs))
def test_an_energy_without_a_graph_serves_beside_a_gradient(method):
    flow = GradientFlow(_cut, lambda x: x, temperature=temperature_for(METHODS[method]))
    plain = solve(flow_for(method), START, TIMES, method, rtol=1e-8, atol=1e-8)
    path = solve(flow, START, TIMES, method, rtol=1e-8, atol=1e-8)
    close = {"rtol": 0, "atol": 1e-6 if METHODS[method].adaptive else 0.05}  # L-BFGS has no Newton finish then
    torch.testing.assert_close(path.states, plain.states, **close)


def test_an_energy_that_is_constant_has_no_gradient():
    x = torch.randn(3, 2)
    for energy in (lambda x: torch.ones(len(x)), lambda x: torch.zeros(len(x)) + float("inf")):
        assert not autograd_gradient(energy)(x).any() and not autograd_hessian(energy)(x, 0.0).any()
    linear = lambda x: x @ torch.tensor([1.0, 2.0])
    assert autograd_gradient(linear)(x).tolist() == [[1.0, 2.0]] * 3
    assert autograd_hessian(linear)(x, 0.0).shape == (3, 2, 2)


def test_an_empty_batch_has_empty_derivatives():
    assert autograd_gradient(bowl)(torch.zeros(0, 2)).shape == (0, 2)
    assert autograd_hessian(bowl)(torch.zeros(0, 2), 0.0).shape == (0, 2, 2)


@pytest.mark.parametrize(
    "energy",
    [
        lambda x: (x**2).sum(),
        lambda x: (x**2).sum(1, keepdim=True),
        lambda x: 1.0,
        lambda x: (x > 0).sum(1),
        lambda x: x,
    ],
    ids=["scalar", "column", "number", "whole", "field"],
)
@pytest.mark.parametrize("method", names(GENERAL))
def test_an_energy_that_is_not_one_number_a_replica(method, energy):
    with pytest.raises(ValueError, match="energy"):
        solve(GradientFlow(energy, temperature=temperature_for(METHODS[method])), START, TIMES, method)
    with pytest.raises(ValueError, match="energy"):  # also where it is looked at in the end only
        solve(GradientFlow(energy, lambda x: x), START, TIMES)


@pytest.mark.parametrize("method", names(GENERAL))
def test_an_energy_in_double_precision_serves_a_run_in_single(method):
    flow = GradientFlow(lambda x: bowl(x.double()), temperature=temperature_for(METHODS[method]))
    path = solve(flow, START.float(), TIMES, method)
    assert path.states.dtype == torch.float32 and path.status.kind == "finished"
    assert path.energies.shape == (11 if METHODS[method].adaptive is None else 120, 2)


def _log(x):
    """Not a number left of 0, where its gradient is a number all the same."""
    return x[:, 0].log() + 3 * x[:, 1:].square().sum(1)


def _wall(x):
    """Infinite beyond 1, without a force there."""
    return torch.where(x[:, 0] > 1, torch.inf, x[:, 0] ** 2) + x[:, 1:].square().sum(1)


def _cliff(x):
    """√x: the flow runs into 0, beyond which there is nothing."""
    return x[:, 0].sqrt() + x[:, 1:].square().sum(1)


@pytest.mark.parametrize(
    ("energy", "x"), [(_log, -50.0), (_wall, 50.0), (_cliff, 0.05)], ids=["starts at nan", "at inf", "arrives at nan"]
)
@pytest.mark.parametrize("tolerance", [None, 1e-3])
@pytest.mark.parametrize("method", names(GENERAL))
def test_who_ends_where_the_energy_is_not_finite_has_not_finished(method, tolerance, energy, x):
    """Unless a method left that place, or never went there."""
    start = torch.tensor([[x, 0.1]], dtype=torch.float64)
    T = temperature_for(METHODS[method], 0.01)
    if T and tolerance:
        pytest.skip("no tolerance with noise")
    path = solve(GradientFlow(energy, temperature=T), start, np.linspace(0, 0.5, 51), method, tolerance=tolerance)
    if torch.isfinite(energy(path.states[-1])).all():
        adaptive = METHODS[method].adaptive is not None  # stops before the cliff: it finds no step across
        assert path.status.diverged == 0 and (path.status.kind != "diverged" or adaptive)
    else:
        stopped_early = path.steps == 0
        assert path.status.kind == "diverged" and (path.status.diverged == 1 or stopped_early)


@pytest.mark.parametrize("method", ["fire", "lbfgs", "euler", "rk4"])
def test_a_broken_replica_is_not_called_converged(method):
    """One replica rests, the other has a gradient that is not a number, or loses it on the way."""
    flow = GradientFlow(gradient=lambda x: torch.where(x > 2, torch.nan, x))
    start = torch.tensor([[0.0], [3.0]], dtype=torch.float64)
    path = solve(flow, start, np.linspace(0, 1, 101), method, tolerance=1e-3)
    assert path.status.kind == "diverged" and path.status.diverged == 1


@pytest.mark.parametrize("method", names(r for r in METHODS.values() if "stiff" in r.needs))
def test_a_stiff_flow_that_is_not_finite(method):
    flow = flow_for(method, bowl, lambda x: x * torch.nan, lambda x, t: x * torch.nan)
    path = solve(flow, START, TIMES, method)
    assert path.status.kind == "diverged"


def _nan_beyond_20(values, x):
    return torch.where((x[:, 0] > 20).reshape(-1, *[1] * (values.ndim - 1)), torch.nan, values)


@pytest.mark.parametrize("method", METHODS)
def test_a_broken_replica_does_not_change_the_others(method):
    """The second of three starts where nothing is a number: the others are what they are without it."""
    start = torch.tensor([[1.0, 0.5], [30.0, 0.3], [0.4, -0.8]], dtype=torch.float64)
    flow = flow_for(
        method,
        lambda x: _nan_beyond_20(bowl(x), x),
        lambda x: _nan_beyond_20(x, x),
        lambda x, t: _nan_beyond_20(0 * x, x),
    )
    path = solve(flow, start, TIMES, method, seed=3)
    if METHODS[method].adaptive is not None:  # one step for all: there is none, and the sentence says why
        assert path.steps == 0 and path.status.diverged == 1 and "the gradient is not finite" in str(path.status)
        return
    if "project" not in METHODS[method].needs:  # a sphere has no point beyond 20
        assert path.status.kind == "diverged" and path.status.diverged == 1
    if method == "predictor_corrector":  # its step size is a mean over the replicas: here over two
        assert torch.isfinite(path.states[-1, [0, 2]]).all()
    else:
        plain = solve(flow_for(method), start, TIMES, method, seed=3)
        assert torch.equal(path.states[:, [0, 2]], plain.states[:, [0, 2]])


@pytest.mark.parametrize("method", ["implicit_euler", "lbfgs"])
@pytest.mark.parametrize("given", [False, True])
def test_a_parameter_of_each_replica_is_refused_in_one_sentence(method, given):
    """These two compute some of the replicas alone: those that have not converged, those near their minimum."""
    k = torch.tensor([1.0, 50.0, 3.0], dtype=torch.float64)
    start = torch.tensor([[1.0, 0.5], [1e-5, 0.0], [0.4, -0.8]], dtype=torch.float64)
    energy = lambda x: k * ((x**2).sum(1) / 2 + (x**4).sum(1) / 4)
    flow = GradientFlow(energy, (lambda x: k[:, None] * (x + x**3)) if given else None)
    with pytest.raises(ValueError, match=r"(energy|gradient|hessian)\(x, t\) .*replicas alone"):
        solve(flow, start, TIMES, method)


@pytest.mark.parametrize("outside", [float("inf"), float("nan")])
@pytest.mark.parametrize("name", ["dopri5", "bdf", "lsoda", "radau"])
def test_the_edge_of_an_energy_without_force_beyond_it_ends_a_run(name, outside):
    """LSODA went back and forth over it for minutes: a hundred thousand steps in a twentieth of the time."""

    def energy(x):
        return torch.where(x[:, 0] > 0.5, x.square().sum(1) / 2, outside)

    run = solve(GradientFlow(energy), torch.ones(1, 2), torch.linspace(0, 2, 21), name)
    assert run.status.kind == "diverged" and "not finite" in run.status.message
