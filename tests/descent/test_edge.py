"""The edge of stability: the network by hand against autograd, its Hessian, a divergence, another seed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.contract import State
from demos.descent.edge import checks
from demos.descent.edge.by_hand import gradients, largest_eigenvalue, repeated
from demos.descent.edge.config import EdgeConfig
from demos.descent.edge.network import EVERY, data, loss, sharpnesses, start, train
from demos.descent.edge.run import run

SMALL = EdgeConfig(width=8, steps=400)


@pytest.fixture(scope="module")
def trained():
    return train(SMALL)


def test_the_polynomial_is_chebyshevs():
    x, y = data(4)
    np.testing.assert_allclose(y, 8 * x**4 - 8 * x**2 + 1, atol=1e-12)


def test_the_gradient_by_hand_is_that_of_autograd():
    x, y = data(3)
    weights = np.stack([start(SMALL), 2 * start(SMALL)])
    values, slopes = gradients(weights, x, y, SMALL.width)
    for flat, value, slope in zip(weights, values, slopes, strict=True):
        at = torch.tensor(flat, requires_grad=True)
        due = loss(at, torch.from_numpy(x), torch.from_numpy(y), SMALL.width)
        (exact,) = torch.autograd.grad(due, at)
        assert value == pytest.approx(due.item(), rel=1e-12)
        np.testing.assert_allclose(slope, exact.numpy(), atol=1e-13)


def test_the_sharpness_is_the_largest_eigenvalue_of_torchs_hessian():
    x, y = data(4)
    flat, both = start(SMALL), (torch.from_numpy(x), torch.from_numpy(y))
    hessian = torch.autograd.functional.hessian(lambda at: loss(at, *both, SMALL.width), torch.from_numpy(flat))
    due = float(torch.linalg.eigvalsh(hessian)[-1])
    assert largest_eigenvalue(flat, x, y, SMALL.width) == pytest.approx(due, rel=1e-7)
    assert sharpnesses(torch.from_numpy(flat)[None], *both, SMALL.width)[0] == pytest.approx(due, rel=1e-7)


def test_the_steps_made_again_are_those_of_torchs_optimizer(trained):
    x, y = (torch.from_numpy(values) for values in data(SMALL.degree))
    flat = torch.tensor(trained.weights[3], requires_grad=True)
    optimizer, losses = torch.optim.SGD([flat], SMALL.lr), []
    for _ in range(EVERY):
        optimizer.zero_grad()
        value = loss(flat, x, y, SMALL.width)
        losses.append(value.item())
        value.backward()
        optimizer.step()
    ends, ways = repeated(trained.weights, *data(SMALL.degree), SMALL.width, SMALL.lr)
    np.testing.assert_allclose(ends[3], flat.detach().numpy(), atol=1e-10)
    np.testing.assert_allclose(ways[3, :EVERY], losses, rtol=1e-10)
    np.testing.assert_allclose(trained.weights[4], ends[3], atol=1e-10)


def test_a_run_that_is_too_short_says_so():
    verdict = run(SMALL.replace(lr=0.35, width=32)).verdict
    assert verdict.rows[0].name == checks.MEDIAN and verdict.rows[0].state is State.NOT_COMPARABLE
    assert "few steps" in verdict.headline


def test_a_divergence_is_drawn_and_told():
    """At this rate the first sharpness is a third above 2/lr."""
    result = run(EdgeConfig(lr=0.35, width=48, steps=1_000, degree=3, seed=2))
    assert "diverged" in result.headline
    assert [row.name for row in result.verdict.rows if row.state is State.DIFFERS] == []
