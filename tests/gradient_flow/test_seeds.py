"""Same seed, same bytes, whatever else happens; nothing global is touched; the noise is what it says it is."""

from __future__ import annotations

import sys
import warnings
from math import sqrt

import numpy as np
import pytest
import torch
from scipy.special import ndtr

from demos.gradient_flow import METHODS, GradientFlow, solve
from demos.gradient_flow import noise as noises
from tests.gradient_flow.flows import GENERAL, NOISY, double_well, names

START = torch.tensor([[0.9, 0.2], [-0.6, 0.5], [0.1, -0.4]])
TIMES = np.linspace(0, 0.8, 25)


def _run(method: str, start: torch.Tensor = START, seed: int = 3, **rest):
    T = 0.25 if METHODS[method].stochastic != "never" else 0.0
    return solve(GradientFlow(energy=double_well, temperature=T), start, TIMES, method, seed=seed, **rest)


def _bytes(path) -> bytes:
    return path.states[-1].contiguous().numpy().tobytes()


@pytest.mark.parametrize("method", names(GENERAL))
def test_same_seed_same_bytes(method, monkeypatch):
    """Neither what the process draws, nor frames, progress, observers or the clock change the path."""
    path = _run(method)
    torch.manual_seed(11), torch.rand(7), np.random.seed(5), np.random.rand(3)
    again = _run(method)
    assert path.states.contiguous().numpy().tobytes() == again.states.contiguous().numpy().tobytes()
    assert (path.evaluations, path.acceptance) == (again.evaluations, again.acceptance)
    assert str(path.status) == str(again.status)

    def meddle(*args):
        torch.rand(5), np.random.rand(2)
        return None

    assert _bytes(_run(method, record=7, progress=meddle)) == _bytes(path)
    assert _bytes(_run(method, observe=lambda x, t: (meddle(), x.mean())[1])) == _bytes(path)
    monkeypatch.setattr(sys.modules["demos.gradient_flow.loop"], "REPORT_EVERY", 0.0)  # stop and look after every step
    cut = _run(method, progress=meddle)
    assert cut.states.contiguous().numpy().tobytes() == path.states.contiguous().numpy().tobytes()
    assert (cut.evaluations, cut.acceptance, str(cut.status)) == (path.evaluations, path.acceptance, str(path.status))


@pytest.mark.parametrize("method", names(GENERAL))
def test_nothing_global_is_touched(method):
    def everything():
        return (
            torch.get_rng_state().numpy().tobytes(),
            repr(np.random.get_state()),
            torch.get_default_dtype(),
            torch.get_num_threads(),
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            repr(np.geterr()),
            list(warnings.filters),
        )

    before = everything()
    _run(method), _run(method, START.double())
    assert everything() == before


@pytest.mark.parametrize("method", names(NOISY))
def test_different_seeds_differ(method):
    ends = {_bytes(_run(method, seed=seed)) for seed in (0, 1, 2**32, 2**53)}
    assert len(ends) == 4


def test_the_global_default_dtype_changes_nothing():
    path = _run("mala", observe=lambda x, t: 0.1)
    torch.set_default_dtype(torch.float64)
    try:
        again = _run("mala", observe=lambda x, t: 0.1)
    finally:
        torch.set_default_dtype(torch.float32)
    assert _bytes(path) == _bytes(again)
    assert path.observed.dtype == again.observed.dtype == torch.float64
    assert (path.observed == 0.1).all()


FREE = dict(gradient=lambda x: torch.zeros_like(x), energy=lambda x: torch.zeros(len(x), dtype=x.dtype))


def test_methods_share_their_normals():
    """Free diffusion shows the normals themselves: they are the same for every method, one step after the other."""
    flow, h, T = GradientFlow(**FREE, temperature=0.5), 0.1, 0.5
    start = torch.zeros(5, 3, dtype=torch.float64)
    paths = {
        m: solve(flow, start, np.arange(301) * h, m, seed=9, record=301).states
        for m in ("euler", "heun", "implicit_euler", "mala", "leimkuhler_matthews")
    }
    normals = paths["euler"].diff(dim=0) / sqrt(2 * h * T)
    for method in ("heun", "implicit_euler", "mala"):
        torch.testing.assert_close(paths[method], paths["euler"], rtol=0, atol=1e-13)
    # it draws one more, first: its n-th step has the n-th and the (n + 1)-th
    both = paths["leimkuhler_matthews"].diff(dim=0) / sqrt(h * T / 2)
    torch.testing.assert_close(both[:-1], normals[:-1] + normals[1:], rtol=0, atol=1e-12)


def test_underdamped_methods_share_their_normals():
    flow, start = GradientFlow(**FREE, temperature=0.5, friction=2.0), torch.zeros(5, 3, dtype=torch.float64)
    momenta = torch.zeros_like(start)
    ends = [
        solve(flow, start, np.arange(101) * 0.1, m, seed=9, momenta=momenta).momenta[-1]
        for m in ("baoab", "aboba", "lfmiddle", "VRORV")
    ]
    for end in ends[1:]:
        torch.testing.assert_close(end, ends[0], rtol=0, atol=1e-13)


@pytest.mark.parametrize("N", [1, 3, 1000])
def test_normals_do_not_depend_on_blocks(N, monkeypatch):
    """Drawing them in other portions gives the same numbers in the same order."""
    paths = []
    for block in (2**17, 64):
        monkeypatch.setattr("demos.gradient_flow.steppers.BLOCK", block)
        flow = GradientFlow(energy=double_well, temperature=0.25)
        paths.append(solve(flow, torch.zeros(N, 2), np.arange(201) * 0.01, "mala", seed=1).states)
    assert torch.equal(*paths)


def test_momenta_are_drawn_from_their_thermal_law():
    flow = GradientFlow(energy=double_well, temperature=0.3, mass=2.5)
    momenta = solve(flow, torch.zeros(40_000, 2), [0.0, 1e-9], "baoab", seed=4).momenta[0].double()
    variance, count = 0.3 * 2.5, 80_000
    assert abs(float(momenta.mean())) < 5 * sqrt(variance / count)
    assert abs(float(momenta.square().mean()) - variance) < 5 * variance * sqrt(2 / count)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_drawn_normals(dtype):
    """A million numbers: four moments, the distribution and the correlations that matter, each within 5 sigma."""
    noise = noises.Noise(torch.empty(1000, 2, dtype=dtype), 12)
    noise.refill(500, 0)
    z = torch.stack([noise.normal() for _ in range(500)]).double()
    assert z.shape == (500, 1000, 2)
    count = z.numel()
    for power, mean, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs(float((z**power).mean()) - mean) < 5 * sqrt(variance / count), power
    ordered = np.sort(z.numpy().ravel())
    distance = np.abs(ndtr(ordered) - (np.arange(count) + 0.5) / count).max()
    assert distance < 2.7 / sqrt(count)  # Kolmogorov: exceeded with probability 9e-7
    for one, other in ((z[1:], z[:-1]), (z[..., 0], z[..., 1]), (z[:, 1:], z[:, :-1]), (z[7:], z[:-7])):
        for f in (lambda v: v, lambda v: v**2 - 1):
            a, b = f(one), f(other)
            assert abs(float((a * b).mean())) < 5 * float(a.std() * b.std()) / sqrt(a.numel())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_drawn_uniforms(dtype):
    noise = noises.Noise(torch.empty(1000, 2, dtype=dtype), 12)
    noise.refill(0, 500)
    u = torch.stack([noise.uniform() for _ in range(500)]).double()
    assert u.shape == (500, 1000)
    assert 0 <= u.min() and u.max() < 1
    distance = np.abs(np.sort(u.numpy().ravel()) - (np.arange(u.numel()) + 0.5) / u.numel()).max()
    assert distance < 2.7 / sqrt(u.numel())


def test_a_block_can_be_given_again():
    noise = noises.Noise(torch.empty(4, 2), 0)
    noise.refill(3, 2)
    first = [noise.normal().clone() for _ in range(3)] + [noise.uniform().clone() for _ in range(2)]
    noise.rewind()
    again = [noise.normal() for _ in range(3)] + [noise.uniform() for _ in range(2)]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
