"""What every method makes of flows at the edge: no graph, numbers that are not finite, reused memory, falling times."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.gradient_flow import (
    METHODS,
    GradientFlow,
    Matrix,
    NoGraphError,
    Stiff,
    autograd_gradient,
    autograd_hessian,
    solve,
)
from tests.gradient_flow.flows import GENERAL, Orthogonal, Sphere, names, temperature_for

TIMES = np.linspace(0, 0.5, 11)
START = torch.tensor([[1.0, 0.5], [0.4, -0.8]], dtype=torch.float64)
IDENTITY = Orthogonal(torch.eye(2, dtype=torch.float64))


def bowl(x: torch.Tensor) -> torch.Tensor:
    return (x**2).sum(1) / 2


def flow_for(method: str, energy=bowl, gradient=None, rest=None) -> GradientFlow:
    """A flow that the method can serve, whatever it needs."""
    row = METHODS[method]
    parts: dict = {}
    if "stiff" in row.needs:
        force = gradient or autograd_gradient(energy)
        rest = rest or (lambda x, t: force(x) - x)  # L = 1
        parts["stiff"] = Stiff(IDENTITY, torch.ones(2, dtype=torch.float64), rest)
    if "project" in row.needs:
        parts["project"] = Sphere()
    if "noise_level" in row.needs:
        parts["noise_level"] = lambda t: 1 - t
    return GradientFlow(energy, gradient, temperature=temperature_for(row), **parts)


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


@pytest.mark.parametrize("method", METHODS)
def test_memory_that_a_flow_uses_again_changes_nothing(method):
    """Gradient, energy and stiff rest fill one buffer each; a second run gets fresh memory at every call."""
    memory: dict[str, torch.Tensor] = {}

    def reused(name, values):
        kept = memory.setdefault(f"{name} {tuple(values.shape)}", torch.empty_like(values))
        return kept.copy_(values)

    quartic = lambda x: (x**2).sum(1) / 2 + (x**4).sum(1) / 4
    force = lambda x: x + x**3
    rest = lambda x, t: x**3
    fresh = solve(flow_for(method, quartic, force, rest), START, TIMES, method, seed=1)
    flow = flow_for(
        method,
        lambda x: quartic(x) if x.requires_grad else reused("energy", quartic(x)),
        lambda x: reused("gradient", force(x)),
        lambda x, t: reused("rest", rest(x, t)),
    )
    path = solve(flow, START, TIMES, method, seed=1)
    assert torch.equal(path.states, fresh.states)


class Reusing:
    """A part of a flow that gives all results of one shape in the same memory."""

    def __init__(self, part):
        self._part, self._memory = part, {}

    def __getattr__(self, name):
        given = getattr(self._part, name)

        def called(*arguments):
            values = given(*arguments)
            return self._memory.setdefault(values.shape, torch.empty_like(values)).copy_(values)

        return called


SLANTED = Matrix(torch.tensor([[1.0, 0.3], [0.3, 2.0]], dtype=torch.float64))
PARTS = {
    "mobility": (
        lambda part: {"mobility": part},
        SLANTED,
        lambda row: "mobility" in row.supports and row.name != "implicit_euler",
    ),
    "project": (lambda part: {"project": part}, Sphere(), lambda row: "project" in row.supports),
    "transform": (
        lambda part: {"stiff": Stiff(part, torch.ones(2, dtype=torch.float64), lambda x, t: x**3), "project": Sphere()},
        IDENTITY,
        lambda row: "stiff" in row.needs,
    ),
}


@pytest.mark.parametrize(
    ("method", "part"),
    [
        (name, part)
        for part in PARTS
        for name, row in METHODS.items()
        if PARTS[part][2](row) and row.family != "diffusion" and ("stiff" in row.needs) == (part == "transform")
    ],
)
def test_a_mobility_a_set_and_a_transform_may_use_their_memory_again(method, part):
    """As FFTs with a plan do. Sums over memory of another layout differ by rounding."""
    parts, plain, _ = PARTS[part]
    ends = []
    for each in (plain, Reusing(plain)):
        given = parts(each)
        if part == "transform" and "project" not in METHODS[method].needs:
            del given["project"]
        force = lambda x: x + x**3
        flow = GradientFlow(lambda x: bowl(x) + (x**4).sum(1) / 4, force, temperature_for(METHODS[method]), **given)
        ends.append(solve(flow, START, TIMES, method, seed=1).states)
    torch.testing.assert_close(*ends, rtol=0, atol=1e-11)


@pytest.mark.parametrize(
    "parts",
    [
        {"gradient": lambda x: x.mul_(0.5)},
        {"energy": lambda x: x.mul_(0.5).sum(1)},
        {"energy": lambda x: x.square_().sum(1), "gradient": lambda x: 1 * x},
    ],
)
def test_a_function_that_writes_into_the_states_is_refused(parts):
    with pytest.raises(ValueError, match=r"\(x, t\) writes into x"):
        solve(GradientFlow(**parts), START, TIMES, "lbfgs")


def test_a_set_of_another_precision_is_refused():
    double = type("Double", (Sphere,), {"tangent": lambda self, x, v: v.double()})()
    with pytest.raises(ValueError, match=r"project\.tangent.* is float64 .* float32"):
        solve(GradientFlow(bowl, project=double), START.float(), TIMES, "lbfgs")


@pytest.mark.parametrize("method", names(GENERAL))
def test_a_gradient_may_be_the_state_itself(method):
    rest = {"temperature": temperature_for(METHODS[method])}
    plain = solve(GradientFlow(bowl, lambda x: 1 * x, **rest), START, TIMES, method)
    assert torch.equal(solve(GradientFlow(bowl, lambda x: x, **rest), START, TIMES, method).states, plain.states)


@pytest.mark.parametrize("method", METHODS)
def test_falling_times_are_right_or_refused(method):
    """Back in time from the end the flow returns to its start: x₀ = x e^{t}, as accurately as forward."""
    row = METHODS[method]
    flow = flow_for(method)
    fine = np.linspace(0, 0.5, 401)
    if row.backward == "never":
        with pytest.raises(ValueError, match=r"times fall from 0\.5 to 0"):
            solve(flow, START, fine[::-1].copy(), method)
        return
    if flow.is_stochastic:  # Leimkuhler–Matthews: dx = +∇E |dt| + noise, whose mean is known
        many = torch.ones(20_000, 1, dtype=torch.float64)
        path = solve(GradientFlow(bowl, temperature=0.25), many, fine[::-1].copy(), method, record=2)
        spread = (0.25 * (np.e - 1) / len(many)) ** 0.5
        assert abs(float(path.states[-1].mean()) - np.exp(0.5)) < 5 * spread + 2e-3
        return
    there = solve(flow, START, fine, method, record=2)
    again = {} if there.momenta is None else {"momenta": there.momenta[-1]}
    back = solve(flow, there.states[-1], fine[::-1].copy(), method, record=2, **again)
    torch.testing.assert_close(back.states[-1], START, rtol=0, atol=3e-3)
    assert float((there.states[-1] - START).abs().max()) > 0.05


@pytest.mark.parametrize("method", names(r for r in METHODS.values() if r.backward == "cold"))
def test_falling_times_with_a_bath_are_refused(method):
    with pytest.raises(ValueError, match=r"times fall .* temperature"):
        solve(GradientFlow(bowl, temperature=0.1), START, TIMES[::-1].copy(), method)


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


@pytest.mark.parametrize("times", [torch.linspace(0, 1, 11, requires_grad=True), torch.arange(3), range(3), (0.0, 1.0)])
def test_times_of_any_kind(times):
    path = solve(GradientFlow(bowl), START, times)
    assert path.status.kind == "finished" and path.times[0] == 0 and not path.times.requires_grad


def test_times_elsewhere_are_refused_in_one_sentence():
    with pytest.raises(ValueError, match="times = "):
        solve(GradientFlow(bowl), START, torch.linspace(0, 1, 11, device="meta"))
