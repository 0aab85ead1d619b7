"""What is said beforehand of methods that divide by a size of the gradient, against the methods themselves."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.contract import State
from demos.descent import rescaled
from demos.descent.checks_rescaled import move_checks, swing_checks
from demos.descent.checks_sharpness import sharpness_checks
from demos.descent.config import DescentConfig
from demos.descent.measured import measure
from demos.descent.optimizers import OPTIMIZERS
from demos.descent.prediction import predictions
from demos.descent.setup import Setup
from demos.descent.simulate import simulate
from demos.gradient_flow import GradientFlow, solve

RATE = 0.05
HESSIANS = {"round": ((1.0, 0.0), (0.0, 1.0)), "steep": ((20.0, 9.0), (9.0, 6.0))}


def path(method: str, energy, start: torch.Tensor, steps: int) -> np.ndarray:
    times = torch.arange(steps + 1, dtype=torch.float64) * RATE
    options = {"newton": 0.0} if method == "lbfgs" else {}
    return solve(GradientFlow(energy), start, times, method, record=steps + 1, **options).states.numpy()


@pytest.mark.parametrize("hessian", HESSIANS)
@pytest.mark.parametrize("method", ["normalized_descent", "rmsprop", "lion"])
def test_the_swing_about_a_parabola(method, hessian):
    """Half the rate, in length or in each coordinate, whatever the curvature; Lion's is no less."""
    h = torch.tensor(HESSIANS[hessian], dtype=torch.float64)
    start = torch.tensor([[0.7, -0.4], [0.31, 0.93]], dtype=torch.float64)
    states = path(method, lambda x: 0.5 * ((x @ h) * x).sum(1), start, 3_200 if method == "rmsprop" else 800)
    mean = np.linalg.norm(states[-200:], axis=-1).mean(0)
    expected, is_least = rescaled.swing(method, RATE)
    if is_least:
        assert (mean >= expected).all()
    else:
        np.testing.assert_allclose(mean, expected, rtol=2e-3)


@pytest.mark.parametrize("method", [name for name in rescaled.BOUNDED if name != "adamw"])
def test_no_move_is_longer_than_the_bound(method):
    """On slopes that rise and fall by orders of magnitude; the first move of most is at the bound."""
    options = {name: option.default for name, option in OPTIMIZERS[method].options.items()}
    start = torch.tensor([[0.7, -0.4], [3.0, 0.02]], dtype=torch.float64)
    states = path(method, lambda x: (torch.exp(x[:, 0]) + torch.cosh(3 * x[:, 1])) - 3 * x[:, 0], start, 200)
    moved = rescaled.sizes(method, np.diff(states, axis=0)) / RATE
    allowed = rescaled.longest_moves(method, options, 200)[:, None]
    assert (moved <= allowed * (1 + 1e-9)).all()
    if method != "lbfgs":  # its first move is a tenth
        assert moved[0] == pytest.approx(allowed[0, 0])


def test_the_bound_of_adam_is_reached():
    """By gradients whose sizes are in the ratio w/u of their weights: Cauchy–Schwarz holds with equality there."""
    options = {"beta1": 0.9, "beta2": 0.99}
    k = 30
    ages = np.arange(k)[::-1]
    w = 0.1 * 0.9**ages / (1 - 0.9**k)
    u = 0.01 * 0.99**ages / (1 - 0.99**k)
    g = w / u
    assert rescaled.longest_moves("adam", options, k)[-1] == pytest.approx((w @ g) / math.sqrt(u @ (g * g)))


def test_the_estimate_of_the_adam_paper_is_for_one_gradient_after_zeros():
    """Kingma & Ba's (1 − β₁)/√(1 − β₂) = 3.16; growing gradients reach (1 − β₁)/√((1 − β₂)(1 − β₁²/β₂)) = 7.27."""
    bound = rescaled.longest_moves("adam", {"beta1": 0.9, "beta2": 0.999}, 20_000)[-1]
    assert bound == pytest.approx(0.1 / math.sqrt(0.001 * (1 - 0.81 / 0.999)), rel=1e-6)
    assert bound > 2 * 0.1 / math.sqrt(0.001)


def test_adamw_without_decay_is_predicted_like_adam():
    """Past the memory of β₂ neither is said to settle."""
    config = DescentConfig(surface="quadratic", methods=("adam", "adamw"), steps=200, beta2=0.9, weight_decay=0.0)
    setup = Setup.of(config.replace(clock="steps", lr_adamw=config.lr_adam))
    one, other = (predictions(setup, method)[0] for method in ("adam", "adamw"))
    assert repr(one) == repr(other) and one.fate == "no prediction"  # some of its numbers are nan, which equals nothing


def test_least_steps():
    way = np.array([1.0, -0.26])
    assert rescaled.least_steps("lion", 0.1, {}, way, 0.0) == 10
    assert rescaled.least_steps("normalized_descent", 0.1, {}, way, 0.0) == 11
    assert rescaled.least_steps("rmsprop", 0.1, {"alpha": 0.99}, way, 0.0) == 1
    assert rescaled.least_steps("adagrad", 0.1, {}, 0 * way, 0.0) == 0


def test_rows_hold_and_notice_a_wrong_rate():
    """The rows of a whole run agree; of a path a tenth farther from its start they do not."""
    config = DescentConfig(
        methods=("lion", "normalized_descent", "adam"), clock="steps", steps=800, surface="quadratic", x0=-3.0
    )
    setup = Setup.of(config)
    for run in simulate(setup):
        said, did = predictions(setup, run.method)[0], measure(setup, run, 0)
        assert did.steps >= said.least or math.isinf(did.steps)
        rows = move_checks(setup, run) + swing_checks(setup, run, [did])
        assert rows and all(row.state is State.AGREES for row in rows)
        assert (run.method == "adam") == (len(rows) == 1)
        start = run.states[:1]
        wrong = replace(run, states=start + 1.1 * (run.states - start))
        assert all(row.state is State.DIFFERS for row in move_checks(setup, wrong))


def about_its_end(run, factor: float):
    return replace(run, states=run.states[-1:] + factor * (run.states - run.states[-1:]))


@pytest.mark.parametrize("method", ["normalized_descent", "rmsprop"])
def test_the_row_of_the_swing_notices_a_longer_path(method):
    config = DescentConfig(methods=(method,), clock="steps", steps=3_200, surface="quadratic", condition=4.0, x0=0.7)
    setup = Setup.of(config.replace(lr_rmsprop=0.05))
    (run,) = simulate(setup)
    states = [
        swing_checks(setup, path, [measure(setup, path, 0)])[0].state
        for path in (run, about_its_end(run, 1.1), about_its_end(run, 0.9))
    ]
    assert states == [State.AGREES, State.DIFFERS, State.DIFFERS]


def test_the_row_of_adams_sharpness_notices_slopes_that_v_has_not_seen():
    """A path a hundredth as long has a sharpness a hundred times as high."""
    setup = Setup.of(DescentConfig(methods=("adam",), clock="steps", steps=400, surface="quadratic", lr_adam=0.3))
    (run,) = simulate(setup)
    rows = [
        sharpness_checks(setup, path, predictions(setup, "adam"), [measure(setup, path, 0)])[0]
        for path in (run, about_its_end(run, 0.01))
    ]
    assert [row.state for row in rows] == [State.AGREES, State.DIFFERS]
    assert rows[1].measured == pytest.approx(100 * rows[0].measured, rel=1e-2)
    assert rows[0].truth == pytest.approx(38)


@pytest.mark.parametrize(("sharpness", "grows"), [(37.0, False), (39.0, True)])
def test_the_limit_of_adams_sharpness(sharpness, grows):
    """m ← β₁m + (1 − β₁) λx with a step of h = 1 and √v = 1: stable below λ = 2(1 + β₁)/(1 − β₁) = 38."""
    x, m = 1e-6, 0.0
    for _ in range(400):
        m = 0.9 * m + 0.1 * sharpness * x
        x -= m
    assert (abs(x) > 1.0) == grows and rescaled.sharpness_limit({"beta1": 0.9}) == pytest.approx(38)
