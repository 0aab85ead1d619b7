"""Bad arguments are refused by ValueError in one sentence: the argument, its value and what is allowed."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
import torch

from demos.gradient_flow import METHODS, GradientFlow, solve, splitting
from tests.gradient_flow.flows import GENERAL, double_well

FLOW, COLD = GradientFlow(energy=double_well, temperature=0.25), GradientFlow(energy=double_well)
START, TIMES = torch.zeros(4, 2), [0.0, 0.1, 0.2]


def refused(words: str, flow=FLOW, start=START, times=TIMES, method="euler", **rest):
    with pytest.raises(ValueError) as refusal:
        solve(flow, start, times, method, **rest)
    message = str(refusal.value)
    assert words in message, message
    assert "\n" not in message and len(message) < 500
    return message


@pytest.mark.parametrize("flow", [None, "x²", double_well])
def test_flow(flow):
    refused(f"flow = {flow!r} must be a GradientFlow", flow=flow)


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
    refused(words, start=start)


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
    refused(words, times=times)


@pytest.mark.parametrize("method", [r.name for r in METHODS.values() if r.proposes])
def test_samplers_of_a_law_need_rising_times(method):
    refused(f"times fall from 0.2 to 0; for method = '{method}' they must rise", times=[0.2, 0.1, 0.0], method=method)


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("eular", "method = 'eular' is unknown; known are euler, heun, rk4"),
        ("", "method = '' is unknown"),
        (None, "method = None must be a Method, a name in METHODS"),
        (["euler"], "method = ['euler'] must be a Method"),
        ("vrorv", "method = 'vrorv' is unknown"),
        ("leimkuler_mathews", "Did you mean leimkuhler_matthews?"),
        ("VRV", "splitting word 'VRV' lacks O: it needs V, R and O"),
        ("VVVVVRRRRROOOOO", "splitting word 'VVVVVRRRRROOOOO' must be 1 to 12 letters V (kick), R (drift), O (bath)"),
    ],
)
def test_method(method, words):
    refused(words, method=method)


@pytest.mark.parametrize("word", ["", "VRX", "V R O", "vro"])
def test_splitting_words(word):
    with pytest.raises(ValueError, match="must be 1 to 12 letters V"):
        splitting(word)


@pytest.mark.parametrize("method", [r.name for r in GENERAL if r.stochastic == "never"])
def test_methods_without_noise_refuse_a_temperature(method):
    refused(f"method = '{method}' has no noise, but the flow has a temperature; use one of euler, heun", method=method)


@pytest.mark.parametrize("method", [r.name for r in GENERAL if r.stochastic == "must"])
def test_samplers_refuse_a_flow_without_temperature(method):
    words = f"method = '{method}' samples at a temperature, but this flow's temperature is 0"
    refused(words, flow=COLD, method=method)


@pytest.mark.parametrize("method", [r.name for r in GENERAL if "energy" in r.needs])
def test_methods_that_compare_energies_refuse_a_score(method):
    score = GradientFlow(gradient=lambda x: x, temperature=0.5)
    refused(f"method = '{method}' compares energies, and this flow has only a gradient", flow=score, method=method)


def test_implicit_euler_needs_a_hessian():
    flow = GradientFlow(gradient=lambda x: x)
    object.__setattr__(flow, "energy", double_well)
    refused(
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
    refused(words, **given)


@pytest.mark.parametrize("tolerance", [0, -1.0, nan, inf, "tight"])
def test_tolerance(tolerance):
    refused(f"tolerance = {tolerance!r} must be a finite number > 0", flow=COLD, tolerance=tolerance)


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
    refused(words, method="baoab", momenta=momenta)


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
        refused(f"{name} = 'much'", flow=flow, method=method, **{name: "much"})
