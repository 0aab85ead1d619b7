"""Odd values that a caller may well give: each is right, or refused in one sentence that names it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from demos.gradient_flow import (
    METHODS,
    Diagonal,
    GradientFlow,
    Matrix,
    Noise,
    Restart,
    Stiff,
    largest_curvature,
    solve,
)
from tests.gradient_flow.edges import IDENTITY, START, TIMES, bowl, flow_for
from tests.gradient_flow.flows import GENERAL, Sphere, names

HUGE = 10**400  # beyond the floats
COLD, WARM = GradientFlow(bowl), GradientFlow(bowl, temperature=0.1)


@pytest.mark.parametrize("name", ["seed", "rtol", "atol", "tolerance", "record"])
@pytest.mark.parametrize("value", [HUGE, -HUGE, 10**5000], ids=["huge", "negative", "unprintable"])
def test_numbers_beyond_the_floats(name, value):
    with pytest.raises(ValueError, match=f"{name} = "):
        solve(COLD, START, TIMES, **{name: value})


@pytest.mark.parametrize("name", ["temperature", "friction", "mass", "mobility"])
def test_parts_beyond_the_floats(name):
    with pytest.raises(ValueError, match=f"{name} = "):
        GradientFlow(bowl, **{name: HUGE})


@pytest.mark.parametrize("times", [range(10**20), range(HUGE, HUGE + 10**6)], ids=["too many", "too large"])
def test_ranges_beyond_the_floats(times):
    with pytest.raises(ValueError, match="times = range"):
        solve(COLD, START, times)


@pytest.mark.parametrize("kind", [np.float32, Fraction], ids=lambda kind: kind.__name__)
def test_numbers_of_other_types_are_taken_at_their_value(kind):
    """A float32 of NumPy must not make the other factors of a step single."""
    values = {name: kind(value) for name, value in {"temperature": 0.1, "mass": 0.7, "friction": 0.3}.items()}
    paths = [
        solve(GradientFlow(bowl, **parts), START, TIMES, "baoab")
        for parts in (values, {name: float(value) for name, value in values.items()})
    ]
    assert torch.equal(paths[0].states, paths[1].states)


def test_a_frame_number_that_is_none_names_all_that_is_allowed():
    with pytest.raises(ValueError, match=r"record = 'all' .*'steps'.* times"):
        solve(COLD, START, TIMES, record="all")


@pytest.mark.parametrize("no", [False, np.False_])
def test_any_false_stops_a_run(no, monkeypatch):
    monkeypatch.setattr("demos.gradient_flow.loop.REPORT_EVERY", 0.0)
    assert solve(COLD, START, range(1000), progress=lambda fraction: no).status.kind == "cancelled"
    assert solve(COLD, START, range(10), progress=lambda fraction: None).status.kind == "finished"


def test_paths_and_parts_have_no_comparison_that_fails():
    path, again = (solve(COLD, START, TIMES) for _ in range(2))
    assert path != again and path == path  # noqa: PLR0124
    assert Restart([0], START) != Restart([0], START.clone())


class WritesIntoItsArgument:
    """A sphere and a mobility 2 that write their results into what they are given."""

    def retract(self, x):
        return x.div_(x.norm(dim=1, keepdim=True))

    def tangent(self, x, v):
        return v.sub_((v * x).sum(1, keepdim=True) * x)

    def apply(self, v, t):
        return v.mul_(2)

    def root(self, v, t):
        return v.mul_(2**0.5)


class TangentWrites(Sphere):
    tangent = WritesIntoItsArgument.tangent


class RootWrites(WritesIntoItsArgument):
    def apply(self, v, t):
        return 2 * v


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"project": WritesIntoItsArgument()}, r"project\.retract\(x\) writes into x"),
        ({"project": TangentWrites()}, r"project\.tangent\(x, v\) writes into v"),
        ({"mobility": WritesIntoItsArgument()}, r"mobility\.apply\(v, t\) writes into v"),
        ({"mobility": RootWrites(), "temperature": 0.1}, r"mobility\.root\(v, t\) writes into v"),
    ],
)
def test_parts_that_write_into_their_arguments_are_refused(parts, words):
    """Such a mobility doubled MALA's stored gradients at every step, and such a set moved the caller's start."""
    start = START.clone()
    with pytest.raises(ValueError, match=words):
        solve(GradientFlow(bowl, **parts), start, TIMES)
    assert torch.equal(start, START)


def test_an_observer_that_writes_into_the_states_is_refused():
    with pytest.raises(ValueError, match=r"observe\(x, t\) writes into x"):
        solve(COLD, START, TIMES, observe=lambda x, t: x.mul_(1.5).sum())


class Broadcast(Noise):
    """The same numbers for all replicas."""

    def normal(self):
        return super().normal()[:1]


class OneNumber(Noise):
    def uniform(self):
        return super().uniform()[0]


@pytest.mark.parametrize(("noise", "words"), [(Broadcast, "normal"), (OneNumber, "uniform")])
def test_noise_of_another_shape_is_refused(noise, words):
    with pytest.raises(ValueError, match=rf"noise\.{words}\(\)"):
        solve(WARM, START, TIMES, "mala", noise=noise(START, 0))


@pytest.mark.parametrize("scale", [-2.0, 0.0, "x", HUGE, torch.tensor([1.0, -1.0]), torch.ones(2, dtype=torch.int64)])
def test_a_diagonal_that_is_not_positive_is_refused(scale):
    with pytest.raises(ValueError, match="mobility"):
        Diagonal(scale)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_a_matrix_in_any_precision(dtype):
    matrix = torch.tensor([[2.0, 0.5], [0.5, 1.0]], dtype=dtype)  # numbers that every precision has exactly
    paths = [solve(GradientFlow(bowl, mobility=Matrix(m)), START, TIMES) for m in (matrix, matrix.double())]
    assert torch.equal(paths[0].states, paths[1].states)
    twice = Matrix(matrix).root(Matrix(matrix).root(START, 0.0), 0.0)
    torch.testing.assert_close(twice, START @ matrix.double(), rtol=0, atol=1e-6 if dtype == torch.float32 else 1e-14)


ONE = torch.ones(2, dtype=torch.float64)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((None, ONE, lambda x, t: x), "transform"),
        ((IDENTITY, ONE, lambda x: x), "rest"),
        ((IDENTITY, ONE, lambda x, t: x, "a"), "damping"),
        ((IDENTITY, ONE, lambda x, t: x, torch.tensor([1.0, torch.nan])), "damping"),
    ],
)
def test_stiff_parts_that_cannot_be_used(arguments, words):
    with pytest.raises(ValueError, match=rf"stiff\.{words}"):
        Stiff(*arguments)


@pytest.mark.parametrize("method", names(row for row in METHODS.values() if "stiff" in row.needs))
def test_a_stiff_part_of_another_size(method):
    stiff = Stiff(IDENTITY, torch.ones(3, dtype=torch.float64), lambda x, t: 0 * x)
    flow = GradientFlow(bowl, project=Sphere() if "project" in METHODS[method].needs else None, stiff=stiff)
    with pytest.raises(ValueError, match=r"stiff does not go with a start of shape \(2, 2\)"):
        solve(flow, START, TIMES, method)


DIFFUSION = names(row for row in METHODS.values() if "noise_level" in row.needs)


@pytest.mark.parametrize("method", DIFFUSION)
@pytest.mark.parametrize(
    "level", [lambda t: t, lambda t: t + 0.1, lambda t: 0.0, lambda t: 0.2 - t, lambda t: torch.nan, lambda t: None]
)
def test_noise_levels_that_do_not_fall_to_zero_are_refused(method, level):
    """Samplers run from a high noise level to a lower one; a rising one gave numbers, or "math domain error"."""
    with pytest.raises(ValueError, match="noise_level"):
        solve(GradientFlow(bowl, temperature=flow_for(method).temperature, noise_level=level), START, TIMES, method)


@pytest.mark.parametrize("method", DIFFUSION)
def test_a_noise_level_that_ends_below_zero_by_rounding_ends_at_zero(method):
    temperature, end = flow_for(method).temperature, TIMES[-1]
    paths = [
        solve(GradientFlow(bowl, temperature=temperature, noise_level=level), START, TIMES, method)
        for level in (lambda t: end - t, lambda t: end - t - (1e-16 if t == end else 0))
    ]
    assert torch.equal(paths[0].states, paths[1].states)


@pytest.mark.parametrize("method", [name for name in DIFFUSION if METHODS[name].stochastic != "never"])
@pytest.mark.parametrize("temperature", [1.0, 2.0, lambda t: 1 + t])
def test_a_diffusion_at_a_temperature_of_one_is_refused(method, temperature):
    flow = GradientFlow(bowl, temperature=temperature, noise_level=lambda t: 1 - t)
    with pytest.raises(ValueError, match=r"temperature\(0\) = . must be below 1"):
        solve(flow, START, TIMES, method)


@pytest.mark.parametrize(
    ("restart", "words"),
    [
        (lambda x, gradient: ([0], x[:1]), "must give a Restart or None"),
        (lambda x, gradient: Restart([-1], x[:1]), r"rows = \[-1\]"),
        (lambda x, gradient: Restart([7], x[:1]), r"rows = \[7\]"),
        (lambda x, gradient: Restart([0.5], x[:1]), r"rows = \[0\.5\]"),
        (lambda x, gradient: Restart([True, False], x), "rows = "),
        (lambda x, gradient: Restart([0, 0], x), r"rows = \[0, 0\]"),
        (lambda x, gradient: Restart(0, x[:1]), "rows = 0"),
        (lambda x, gradient: Restart([0], x[:1].numpy()), "starts array"),
        (lambda x, gradient: Restart(leaving=[9]), r"leaving = \[9\]"),
        (lambda x, gradient: Restart([0], x[:1], [0]), "row 0 in rows and in leaving"),
    ],
)
def test_restarts_of_rows_that_are_not_there(restart, words):
    with pytest.raises(ValueError, match=words):
        solve(COLD, START, TIMES, "fire", restart=restart)


def test_the_curvature_of_a_gradient_without_time():
    assert largest_curvature(lambda x: 3 * x, START) == pytest.approx(3, rel=1e-8)


@pytest.mark.parametrize("method", names(row for row in GENERAL if row.stochastic != "must"))
def test_a_default_device_elsewhere_changes_nothing(method):
    """As after `torch.set_default_device("cuda")` with a start on the CPU; the meta device has no numbers at all."""
    steep = GradientFlow(lambda x: 100 * bowl(x))
    plain = [solve(flow, START, list(TIMES), method) for flow in (COLD, steep)]
    with torch.device("meta"):
        elsewhere = [solve(flow, START, list(TIMES), method) for flow in (COLD, steep)]
    for a, b in zip(plain, elsewhere, strict=True):
        assert torch.equal(a.states, b.states) and torch.equal(a.times, b.times) and str(a.status) == str(b.status)


def _own_default(x: torch.Tensor, k: float = 3.0) -> torch.Tensor:
    return k * bowl(x)


def _of_time(x: torch.Tensor, t: float) -> torch.Tensor:
    return (1 + t) * bowl(x)


@pytest.mark.parametrize(
    ("energy", "plain", "changes"),
    [
        (_own_default, lambda x: 3 * bowl(x), False),  # t is not passed as k
        (lambda x, t=5.0: bowl(x) * (1 + 0 * t), bowl, False),
        (lambda *given: bowl(given[0]) * (1 + given[1]), _of_time, True),
        (torch.jit.trace(bowl, START), bowl, False),  # has no signature
    ],
    ids=["own default", "default of t", "any number", "jit"],
)
def test_which_functions_are_given_the_time(energy, plain, changes):
    flow = GradientFlow(energy)
    assert flow.time_dependent == changes
    torch.testing.assert_close(solve(flow, START, TIMES).states, solve(GradientFlow(plain), START, TIMES).states)


def test_a_jitted_function_of_time_is_given_it():
    assert GradientFlow(torch.jit.trace(_of_time, (START, torch.tensor(0.0)))).time_dependent
