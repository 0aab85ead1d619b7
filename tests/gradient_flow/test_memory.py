"""Flows that use their memory again, or hand out the state itself, or write into it."""

from __future__ import annotations

import pytest
import torch

from demos.gradient_flow import (
    METHODS,
    GradientFlow,
    Matrix,
    Stiff,
    solve,
)
from tests.gradient_flow.edges import IDENTITY, START, TIMES, bowl, flow_for
from tests.gradient_flow.flows import GENERAL, Sphere, names, temperature_for


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
