"""Parts of a flow that cannot be used are refused by ValueError in one sentence."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
import torch

from demos.gradient_flow import METHODS, Diagonal, GradientFlow, Matrix, solve
from tests.gradient_flow.flows import GENERAL, Sphere, double_well, names
from tests.gradient_flow.test_arguments import START, refused


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({}, "A flow needs an energy or a gradient"),
        ({"energy": 3.0}, "energy = 3.0 must be a function of (x, t)"),
        ({"energy": double_well, "gradient": "x"}, "gradient = 'x' must be a function of (x, t)"),
        ({"energy": double_well, "hessian": 1}, "hessian = 1 must be a function of (x, t)"),
        ({"energy": double_well, "temperature": -0.1}, "temperature = -0.1 must be a finite number ≥ 0, or a function"),
        ({"energy": double_well, "temperature": nan}, "temperature = nan must be a finite number ≥ 0"),
        ({"energy": double_well, "temperature": "hot"}, "temperature = 'hot' must be a finite number ≥ 0"),
        ({"energy": double_well, "friction": -1}, "friction = -1 must be a finite number ≥ 0"),
        ({"energy": double_well, "friction": None}, "friction = None must be a finite number ≥ 0"),
        ({"energy": double_well, "mass": 0}, "mass = 0 must be a finite number > 0"),
        ({"energy": double_well, "mass": inf}, "mass = inf must be a finite number > 0"),
        ({"energy": double_well, "project": 1}, "project = 1 must have retract(x) and tangent(x, v)"),
        ({"energy": double_well, "mobility": 0}, "mobility = 0 must be a finite number > 0"),
        ({"energy": double_well, "mobility": -2.0}, "mobility = -2.0 must be a finite number > 0"),
        ({"energy": double_well, "mobility": nan}, "mobility = nan must be a finite number > 0"),
        ({"energy": double_well, "mobility": "fast"}, "mobility = 'fast' must be a number, a tensor"),
        ({"energy": double_well, "mobility": True}, "mobility = True must be a number, a tensor"),
        ({"energy": double_well, "mobility": torch.tensor([1.0, -1.0])}, "must hold finite numbers > 0 only"),
    ],
)
def test_flows(parts, words):
    with pytest.raises(ValueError) as refusal:
        GradientFlow(**parts)
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        ([[1.0]], "mobility = list must be a (d, d) floating-point tensor"),
        (torch.ones(2, 3), "mobility = (2, 3) must be a (d, d)"),
        (torch.ones(2), "mobility = (2,) must be a (d, d)"),
        (torch.eye(2, dtype=torch.int64), "mobility = (2, 2) must be a (d, d) floating-point tensor"),
        (torch.full((2, 2), nan), "floating-point tensor of finite numbers"),
        (torch.tensor([[1.0, 0.5], [0.0, 1.0]]), "must be symmetric and positive definite"),
        (torch.tensor([[1.0, 2.0], [2.0, 1.0]]), "must be symmetric and positive definite"),
    ],
)
def test_matrices(matrix, words):
    with pytest.raises(ValueError) as refusal:
        Matrix(matrix)
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    "mobility", [torch.ones(3), Matrix(torch.eye(3)), Diagonal(torch.ones(5, 2)), lambda t: torch.ones(7)]
)
def test_a_mobility_of_the_wrong_shape(mobility):
    refused(
        "mobility does not go with a start of shape (4, 2)", flow=GradientFlow(energy=double_well, mobility=mobility)
    )


def test_a_mobility_that_would_make_the_states_larger():
    refused(
        "mobility.apply(v, t) is float32 (4, 4, 2); it must be like x, float32 (4, 2)",
        flow=GradientFlow(energy=double_well, mobility=torch.ones(4, 1, 2)),
    )


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (lambda t: -1.0, "temperature(0) = -1.0 must be a finite number ≥ 0"),
        (lambda t: nan, "temperature(0) = nan must be"),
        (lambda t: 0.1 - t, "temperature(0.2) = -0.1 must be"),
        (lambda t: None, "temperature(0) = None must be a finite number ≥ 0"),
        (lambda t: 1j, "temperature(0) = 1j must be"),
        (lambda t: torch.ones(3), "temperature(0) = [1.0, 1.0, 1.0] must be"),
    ],
)
def test_schedules(schedule, words):
    refused(words, flow=GradientFlow(energy=double_well, temperature=schedule), times=[0.0, 0.2, 0.4])


def test_a_mass_too_small_for_the_step():
    flow = GradientFlow(energy=double_well, mass=1e-30)
    refused("mass = 1e-30 must be at least 2.9e-24 for a step of 1e+15", flow=flow, method="baoab", times=[0, 1e15])


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (lambda t: 0.1 - t, "mobility(0.2) = -0.1 must be a finite number ≥ 0, or a tensor of them"),
        (lambda t: torch.tensor(-1.0), "mobility(0) = -1.0 must be"),
        (lambda t: torch.tensor([1.0, nan]), "mobility(0) = [1.0, nan] must be"),
        (lambda t: None if t > 0.1 else 1.0, "mobility(0.2) = None must be"),
        (lambda t: inf, "mobility(0) = inf must be"),
        (lambda t: None, "mobility(0) = None must be"),
    ],
)
def test_mobility_schedules(schedule, words):
    refused(words, flow=GradientFlow(energy=double_well, mobility=schedule), times=[0.0, 0.2, 0.4])


@pytest.mark.parametrize("method", ["implicit_euler", "bdf", "radau", "lsoda"])
@pytest.mark.parametrize(
    ("hessian", "words"),
    [
        (lambda x: torch.zeros(len(x), 3, 3), "hessian(x, t) is float32 (4, 3, 3); it must be one matrix for"),
        (lambda x: torch.zeros(2, 2), "hessian(x, t) is float32 (2, 2); it must be one matrix"),
        (lambda x: torch.zeros(len(x), 2, 2).double(), "is float64 (4, 2, 2); it must be one matrix for each of the 4"),
        (lambda x: None, "hessian(x, t) is None; it must be"),
    ],
)
def test_hessians_of_the_wrong_shape(method, hessian, words):
    refused(words, flow=GradientFlow(energy=double_well, hessian=hessian), method=method)


@pytest.mark.parametrize("part", ["energy", "gradient", "hessian"])
def test_functions_that_take_no_state(part):
    with pytest.raises(ValueError, match=rf"{part} = .* must be a function of \(x, t\)"):
        GradientFlow(**({"energy": double_well} | {part: lambda: 0.0}))


@pytest.mark.parametrize(
    ("gradient", "words"),
    [
        (lambda x: x[:, 0], "gradient(x, t) is float32 (4,); it must be like x, float32 (4, 2)"),
        (lambda x: x.double(), "gradient(x, t) is float64 (4, 2); it must be like x, float32 (4, 2)"),
        (lambda x: x.numpy(), "gradient(x, t) is array("),
        (lambda x: None, "gradient(x, t) is None"),
    ],
)
@pytest.mark.parametrize("method", ["euler", "dopri5", "bdf", "mala"])
def test_gradients_of_the_wrong_shape(method, gradient, words):
    flow = GradientFlow(energy=double_well, gradient=gradient, temperature=0.1 if method == "mala" else 0)
    refused(words, flow=flow, method=method)


@pytest.mark.parametrize(
    ("energy", "words"),
    [
        (lambda x: x.sum(), "energy(x, t) is float32 ()"),
        (lambda x: x, "energy(x, t) is float32 (4, 2)"),
        (lambda x: 3.0, "energy(x, t) is 3.0"),
    ],
)
def test_energies_of_the_wrong_shape(energy, words):
    refused(words, flow=GradientFlow(energy=energy, gradient=lambda x: x, temperature=0.1), method="mala")


def test_projections():
    class Flat(Sphere):
        def retract(self, x):
            return x[:, :1]

    refused(
        "project.retract(start) is float32 (4, 1); it must be like x, float32 (4, 2)",
        flow=GradientFlow(energy=double_well, project=Flat()),
    )
    refused(
        "start has points that project.retract cannot bring to the constraint set",
        flow=GradientFlow(energy=double_well, project=Sphere()),
        start=torch.zeros(4, 2),
    )


@pytest.mark.parametrize("method", names(GENERAL))
def test_numbers_of_numpy_are_numbers(method):
    row = METHODS[method]
    flow = GradientFlow(
        energy=double_well,
        temperature=np.float32(0.1) if row.stochastic != "never" else np.int64(0),
        friction=np.float64(1),
        mass=np.int32(2),
    )
    path = solve(
        flow,
        START + 0.1,
        np.linspace(0, 0.1, 3),
        method,
        record=np.int64(2),
        seed=np.uint8(3),
        rtol=np.float32(1e-4),
        atol=np.float64(1e-4),
    )
    assert path.status.kind == "finished"
