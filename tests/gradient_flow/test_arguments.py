"""Bad arguments are refused by ValueError in one sentence: the argument, its value and what is allowed."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
import torch

from demos.gradient_flow import METHODS, Diagonal, GradientFlow, Matrix, solve, splitting
from tests.gradient_flow.flows import GENERAL, Sphere, double_well, names

FLOW, COLD = GradientFlow(energy=double_well, temperature=0.25), GradientFlow(energy=double_well)
START, TIMES = torch.zeros(4, 2), [0.0, 0.1, 0.2]


def _refused(words: str, flow=FLOW, start=START, times=TIMES, method="euler", **rest):
    with pytest.raises(ValueError) as refusal:
        solve(flow, start, times, method, **rest)
    message = str(refusal.value)
    assert words in message, message
    assert "\n" not in message and len(message) < 500
    return message


@pytest.mark.parametrize("flow", [None, "x²", double_well])
def test_flow(flow):
    _refused(f"flow = {flow!r} must be a GradientFlow", flow=flow)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (None, "start is None; it must be a float32 or float64 tensor of shape (N, d)"),
        ([[1.0, 2.0]], "start is [[1.0, 2.0]]"),
        (np.zeros((3, 2)), "start is array("),
        (torch.zeros(5), "start is float32 (5,)"),
        (torch.zeros(0, 2), "start is float32 (0, 2)"),
        (torch.zeros(3, 0), "start is float32 (3, 0)"),
        (torch.zeros(3, 2, dtype=torch.int64), "start is int64 (3, 2)"),
        (torch.zeros(3, 2, dtype=torch.complex64), "start is complex64 (3, 2)"),
        (torch.zeros(3, 2, dtype=torch.float16), "start is float16 (3, 2)"),
        (torch.zeros(3, 2, device="meta"), "start is float32 (3, 2)"),
        (torch.zeros(3, 2).to_sparse(), "start is float32 (3, 2)"),
        (torch.tensor([[0.0, nan], [inf, 1.0]]), "start has 2 entries that are not finite numbers"),
    ],
)
def test_start(start, words):
    _refused(words, start=start)


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (None, "times = 'None' must be a 1-D tensor or list of numbers"),
        ("abc", "times = 'abc' must be"),
        ([[0.0], [1.0, 2.0]], "must be a 1-D tensor or list of numbers"),
        (3.0, "times has shape (); it must be 1-D with at least two entries"),
        ([0.0], "times has shape (1,)"),
        (torch.zeros(2, 2), "times has shape (2, 2)"),
        ([0.0, 1.0, 1.0], "times = [0, 1, 1] must be finite and strictly rising or strictly falling"),
        ([0.0, 1.0, 0.5], "times = [0, 1, 0.5] must be finite and strictly rising or strictly falling"),
        ([0.0, nan], "times = [0, nan] must be finite"),
        ([0.0, inf], "times = [0, inf] must be finite"),
        ([0.0, 1e308], "times reach 1e+308; in float32 they must stay within ±1.8e+19"),
        ([-1e20, 0.0], "times reach 1e+20; in float32 they must stay within"),
        ([0, 1j], "must be a 1-D tensor or list of numbers"),
        (np.array([0, 1 + 1j]), "must be a 1-D tensor or list of numbers"),
        (torch.tensor([0, 1j]), "must be a 1-D tensor or list of numbers"),
        ([1.0, 2, 3, 4, 5, 6, 7, 7], "times = [1, 2, 3, 4, 5, 6, …] must be finite and strictly rising"),
    ],
)
def test_times(times, words):
    _refused(words, times=times)


@pytest.mark.parametrize("method", [r.name for r in METHODS.values() if r.proposes])
def test_samplers_of_a_law_need_rising_times(method):
    _refused(f"times fall from 0.2 to 0; for method = '{method}' they must rise", times=[0.2, 0.1, 0.0], method=method)


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("eular", "method = 'eular' is unknown; known are euler, heun, rk4"),
        ("", "method = '' is unknown"),
        (None, "method = None is unknown"),
        (["euler"], "method = ['euler'] is unknown"),
        ("vrorv", "method = 'vrorv' is unknown"),
        ("VRV", "splitting word 'VRV' lacks O: it needs V, R and O"),
        ("VVVVVRRRRROOOOO", "splitting word 'VVVVVRRRRROOOOO' must be 1 to 12 letters V (kick), R (drift), O (bath)"),
    ],
)
def test_method(method, words):
    _refused(words, method=method)


@pytest.mark.parametrize("word", ["", "VRX", "V R O", "vro"])
def test_splitting_words(word):
    with pytest.raises(ValueError, match="must be 1 to 12 letters V"):
        splitting(word)


@pytest.mark.parametrize("method", [r.name for r in GENERAL if r.stochastic == "never"])
def test_methods_without_noise_refuse_a_temperature(method):
    _refused(f"method = '{method}' has no noise, but the flow has a temperature; use one of euler, heun", method=method)


@pytest.mark.parametrize("method", [r.name for r in GENERAL if r.stochastic == "must"])
def test_samplers_refuse_a_flow_without_temperature(method):
    words = f"method = '{method}' samples at a temperature, but this flow's temperature is 0"
    _refused(words, flow=COLD, method=method)


@pytest.mark.parametrize("method", [r.name for r in GENERAL if "energy" in r.needs])
def test_methods_that_compare_energies_refuse_a_score(method):
    score = GradientFlow(gradient=lambda x: x, temperature=0.5)
    _refused(f"method = '{method}' compares energies, and this flow has only a gradient", flow=score, method=method)


def test_implicit_euler_needs_a_hessian():
    flow = GradientFlow(gradient=lambda x: x)
    object.__setattr__(flow, "energy", double_well)
    _refused(
        "method = 'implicit_euler' needs a Hessian: give the flow an energy or a hessian",
        flow=flow,
        method="implicit_euler",
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"record": 1}, "record = 1 must be from 2 to 10,000,000"),
        ({"record": 10**9}, "record = 1000000000 must be from 2 to 10,000,000"),
        ({"record": 2.5}, "record = 2.5 must be a whole number from 2 to 10,000,000"),
        ({"record": None}, "record = None must be a whole number"),
        ({"record": True}, "record = True must be a whole number"),
        ({"seed": -1}, "seed = -1 must be from 0 to 9,007,199,254,740,992"),
        ({"seed": "0"}, "seed = '0' must be a whole number from 0 to"),
        ({"seed": nan}, "seed = nan must be a whole number"),
        ({"seed": inf}, "seed = inf must be a whole number"),
        ({"noise": "pink"}, "noise = 'pink'"),
        ({"noise": 0}, "noise = 0"),
        ({"noise": ["gaussian"]}, "noise = ['gaussian']"),
        ({"rtol": 0}, "rtol = 0 must be a finite number > 0"),
        ({"rtol": nan}, "rtol = nan must be a finite number > 0"),
        ({"atol": -1e-6}, "atol = -1e-06 must be a finite number > 0"),
        ({"atol": "small"}, "atol = 'small' must be a finite number > 0"),
        ({"progress": 3}, "progress = 3 must be a function of (fraction) or None"),
        ({"progress": lambda: True}, "must be a function of (fraction) or None"),
        ({"observe": "mean"}, "observe = 'mean' must be a function of (x, t) or None"),
        ({"observe": lambda x: x.mean()}, "must be a function of (x, t) or None"),
        ({"tolerance": 1e-3}, "tolerance = 0.001 needs a temperature of 0"),
        (
            {"momenta": torch.zeros(4, 2)},
            "momenta were given, but euler has none; use an underdamped method such as baoab",
        ),
        ({"stepsize": 0.1}, "stepsize = 0.1 is not an option of euler; its options: none"),
    ],
)
def test_the_rest(given, words):
    _refused(words, **given)


@pytest.mark.parametrize("tolerance", [0, -1.0, nan, inf, "tight"])
def test_tolerance(tolerance):
    _refused(f"tolerance = {tolerance!r} must be a finite number > 0", flow=COLD, tolerance=tolerance)


@pytest.mark.parametrize(
    ("momenta", "words"),
    [
        (torch.zeros(4), "momenta is float32 (4,); it must be a tensor of the shape of start, (4, 2)"),
        ([[0.0, 0.0]] * 4, "momenta is [[0.0, 0.0]"),
        (torch.full((4, 2), nan), "momenta must be finite real numbers"),
        (torch.zeros(4, 2, dtype=torch.complex64), "momenta must be finite real numbers"),
    ],
)
def test_momenta(momenta, words):
    _refused(words, method="baoab", momenta=momenta)


OPTIONS = [(row.name, name, option) for row in METHODS.values() for name, option in row.options.items()]


@pytest.mark.parametrize(("method", "name", "option"), OPTIONS, ids=lambda v: v if isinstance(v, str) else "")
def test_every_option_of_every_method(method, name, option):
    row = METHODS[method]
    low, high = option.low, option.high
    for value in (low - 1, high * 2 + 1, nan, "much", True, *([low + 0.5] if option.whole else [])):
        with pytest.raises(ValueError) as refusal:
            option.read(method, name, value)
        words = str(refusal.value)
        assert f"{name} = {value!r}" in words and method in words and f"from {low:g} to {high:g}" in words
    for value in (low, high, option.default, None):
        if value is not None or option.default is None:
            assert option.read(method, name, value) == value
    if row in GENERAL:
        flow = GradientFlow(energy=double_well, temperature=0.1 if row.stochastic != "never" else 0)
        _refused(f"{name} = 'much'", flow=flow, method=method, **{name: "much"})


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
        ({"energy": double_well, "mobility": -2.0}, "mobility = -2 must be a finite number > 0"),
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
    _refused(
        "mobility does not go with a start of shape (4, 2)", flow=GradientFlow(energy=double_well, mobility=mobility)
    )


def test_a_mobility_that_would_make_the_states_larger():
    _refused(
        "mobility.apply(x, t) is float32 (4, 4, 2); it must be like x, float32 (4, 2)",
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
    _refused(words, flow=GradientFlow(energy=double_well, temperature=schedule), times=[0.0, 0.2, 0.4])


def test_a_mass_too_small_for_the_step():
    flow = GradientFlow(energy=double_well, mass=1e-30)
    _refused("mass = 1e-30 must be at least 2.9e-24 for a step of 1e+15", flow=flow, method="baoab", times=[0, 1e15])


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
    _refused(words, flow=GradientFlow(energy=double_well, mobility=schedule), times=[0.0, 0.2, 0.4])


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
    _refused(words, flow=GradientFlow(energy=double_well, hessian=hessian), method=method)


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
    _refused(words, flow=flow, method=method)


@pytest.mark.parametrize(
    ("energy", "words"),
    [
        (lambda x: x.sum(), "energy(x, t) is float32 ()"),
        (lambda x: x, "energy(x, t) is float32 (4, 2)"),
        (lambda x: 3.0, "energy(x, t) is 3.0"),
    ],
)
def test_energies_of_the_wrong_shape(energy, words):
    _refused(words, flow=GradientFlow(energy=energy, gradient=lambda x: x, temperature=0.1), method="mala")


def test_projections():
    class Flat(Sphere):
        def retract(self, x):
            return x[:, :1]

    _refused(
        "project.retract(start) is float32 (4, 1); it must be like x, float32 (4, 2)",
        flow=GradientFlow(energy=double_well, project=Flat()),
    )
    _refused(
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
