"""What a call of `solve` promises: shapes, steps, frames, observers, energies, and what a gradient costs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from demos.gradient_flow import METHODS, GradientFlow, solve, splitting
from tests.gradient_flow.flows import DETERMINISTIC, FIXED, GENERAL, double_well, names, temperature_for

TIMES = np.linspace(0, 0.5, 21)


def _flow(method: str, energy=double_well) -> GradientFlow:
    return GradientFlow(energy=energy, temperature=temperature_for(METHODS[method]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(1, 1), (7, 2), (3, 12), (4, 2, 3)])
@pytest.mark.parametrize("method", names(GENERAL))
def test_any_shape_of_either_precision(method, shape, dtype):
    energy = lambda x: (x.flatten(1) ** 2).sum(1)
    start = torch.linspace(-1, 1, int(np.prod(shape)), dtype=dtype).reshape(shape)
    kept = start.clone()
    path = solve(_flow(method, energy), start, TIMES, method, record=6)
    assert path.states.shape == (6, *shape) and path.states.dtype == dtype
    assert path.states.device == start.device
    assert path.times.tolist() == pytest.approx(np.linspace(0, 0.5, 6).tolist()) and path.times.dtype == torch.float64
    assert torch.equal(path.states[0], start)
    assert path.energies.shape == (6, shape[0])
    torch.testing.assert_close(path.energies[-1], energy(path.states[-1]))
    assert torch.isfinite(path.states).all() and path.status.kind == "finished" and str(path.status)
    assert torch.equal(start, kept)  # the caller's tensor is the caller's
    row = METHODS[method]
    assert (path.momenta is None) == (row.momentum is None)
    assert path.momenta is None or path.momenta.shape == path.states.shape
    assert (path.acceptance is not None) == row.proposes
    assert (path.step_sizes is not None) == (row.adaptive is not None)


def test_every_device_is_the_starts_own():
    """Nothing is made on a device by name: whatever is not the start's is copied to it. (Here only the CPU is left.)"""
    devices = []

    def energy(x):
        devices.append(x.device)
        return x.square().sum(1)

    solve(GradientFlow(energy=energy, temperature=0.1), torch.ones(2, 2), TIMES, "mala")
    assert set(devices) == {torch.device("cpu")}


@pytest.mark.parametrize("method", names(FIXED))
def test_a_fixed_step_takes_the_given_steps(method):
    """Uneven ones too: in one call, or in one call for each step where the method has no memory."""
    times = np.cumsum([0, 0.01, 0.03, 0.002, 0.05])
    path = solve(_flow(method), torch.full((2, 2), 0.4).double(), times, method, record=5)
    assert path.steps == 4 and path.times.tolist() == times.tolist()
    if method in ("euler", "heun", "rk4", "implicit_euler"):
        x = path.states[0]
        for a, b, expected in zip(times, times[1:], path.states[1:], strict=False):
            x = solve(_flow(method), x, [a, b], method).states[-1]
            assert torch.equal(x, expected)


@pytest.mark.parametrize(
    ("steps", "record", "frames"), [(50, 2, 2), (50, 51, 51), (50, 1000, 51), (1, 120, 2), (7, 3, 3)]
)
def test_number_of_frames(steps, record, frames):
    path = solve(GradientFlow(energy=double_well), torch.ones(1, 2), np.linspace(0, 1, steps + 1), record=record)
    assert len(path.states) == len(path.times) == frames
    assert path.times[0] == 0 and path.times[-1] == 1
    indices = path.times.numpy() * steps
    np.testing.assert_allclose(indices, np.round(indices), atol=1e-9)  # a frame is the state after a step
    assert np.ptp(np.diff(indices)) < 1 + 1e-9  # evenly spaced, as whole steps allow


@pytest.mark.parametrize("method", names(GENERAL))
def test_gradient_evaluations_are_counted(method):
    """As many as the gradient was asked for, and as the row says for each step."""
    row, calls = METHODS[method], []

    def gradient(x):
        calls.append(1)
        return 2 * x

    flow = GradientFlow(energy=lambda x: x.square().sum(1), gradient=gradient, temperature=temperature_for(row))
    path = solve(flow, torch.ones(3, 2).double(), np.linspace(0, 1, 101), method)
    assert path.evaluations == len(calls)
    if row.cost() is not None:
        assert abs(path.evaluations - 100 * row.cost()) <= 1


@pytest.mark.parametrize(
    ("word", "cost"),
    [("VRORV", 1), ("VROR", 1), ("RVOVR", 1), ("OVRVO", 1), ("VRVORVRV", 3), ("RVRORVR", 2), ("ORVRO", 1)],
)
def test_a_word_costs_one_gradient_for_each_new_position(word, cost):
    assert splitting(word).cost() == cost
    flow = GradientFlow(energy=double_well, temperature=0.25)
    # steps whose ends are no sums of floating-point numbers must not cost a second look at the same place
    path = solve(flow, torch.ones(3, 2).double(), np.linspace(0, 1, 101) + 0.1, word)
    assert abs(path.evaluations - 100 * cost) <= 1


@pytest.mark.parametrize("method", names(GENERAL))
def test_observing_instead_of_keeping(method):
    """What is observed at a frame is a function of the state at that frame; only the ends are kept."""
    start = torch.tensor([[0.5, 0.2], [-0.3, 0.1]], dtype=torch.float64)
    path = solve(_flow(method), start, TIMES, method, record=9)
    seen = solve(_flow(method), start, TIMES, method, record=9, observe=lambda x, t: torch.stack([x.mean(), x.var()]))
    expected = torch.stack([torch.stack([x.mean(), x.var()]) for x in path.states])
    torch.testing.assert_close(seen.observed, expected, rtol=1e-12, atol=1e-14)
    assert seen.states.shape == (2, 2, 2) and torch.equal(seen.states, path.states[[0, -1]])
    assert seen.momenta is None or torch.equal(seen.momenta, path.momenta[[0, -1]])
    assert torch.equal(seen.times, path.times)
    assert seen.energies.shape == (2, 2)
    assert path.observed is None


@pytest.mark.parametrize(
    ("observe", "shape"),
    [
        (lambda x, t: float(x.mean()), (6,)),
        (lambda x, t: 3, (6,)),
        (lambda x, t: np.float32(t), (6,)),
        (lambda x, t: x.numpy().mean(0), (6, 2)),
        (lambda x, t: [1.0, 2.0], (6, 2)),
        (lambda x, t: x[:, 0] > 0, (6, 3)),
    ],
)
def test_what_can_be_observed(observe, shape):
    path = solve(GradientFlow(energy=double_well), torch.ones(3, 2), TIMES, record=6, observe=observe)
    assert path.observed.shape == shape


def test_an_observer_may_hand_out_the_state_itself():
    path = solve(GradientFlow(energy=double_well), torch.full((3, 2), 0.5), TIMES, record=6, observe=lambda x, t: x)
    plain = solve(GradientFlow(energy=double_well), torch.full((3, 2), 0.5), TIMES, record=6)
    assert torch.equal(path.observed, plain.states)


@pytest.mark.parametrize("seen", [{"mean": 1}, None, "text", [[1], [1, 2]]])
def test_what_cannot_be_observed_is_told(seen):
    with pytest.raises(ValueError, match="observe"):
        solve(GradientFlow(energy=double_well), torch.ones(3, 2), TIMES, observe=lambda x, t: seen)


def test_observations_must_keep_their_shape():
    with pytest.raises(ValueError, match=r"\(1,\).*\(3,\)"):
        solve(
            GradientFlow(energy=double_well),
            torch.ones(3, 2),
            TIMES,
            record=4,
            observe=lambda x, t: x[:, 0] if t < 0.2 else x[:1, 0],
        )


def test_a_long_run_needs_no_memory():
    """20,001 frames of a thousand particles observed, two kept."""
    flow = GradientFlow(gradient=lambda x: x, temperature=1.0)
    path = solve(
        flow, torch.zeros(1000, 1), np.arange(20_001) * 0.01, record=20_001, observe=lambda x, t: x.square().mean()
    )
    assert path.observed.shape == (20_001,) and path.states.shape == (2, 1000, 1)
    assert abs(float(path.observed[2000:].mean()) - 1 / (1 - 0.005)) < 0.02


def test_frames_beyond_all_memory_are_refused():
    with pytest.raises(ValueError, match="record = 10000000 frames of 2,000 numbers"):
        solve(GradientFlow(energy=double_well), torch.ones(1000, 2), [0.0, 1.0], "dopri5", record=10_000_000)


def test_a_flow_of_a_gradient_only_has_no_energies():
    path = solve(GradientFlow(gradient=lambda x: x), torch.ones(3, 2), TIMES)
    assert path.energies is None and path.status.kind == "finished"


def test_energies_are_taken_when_asked_at_their_own_time():
    calls = []

    def energy(x, t):
        calls.append(t)
        return t * x.square().sum(1)

    path = solve(GradientFlow(energy=energy, gradient=lambda x, t: 2 * t * x), torch.ones(3, 2), TIMES, record=6)
    assert calls == [0.5]  # the end is looked at once: a replica may stand where the energy is not finite
    calls.clear()
    expected = path.times[:, None].float() * path.states.square().sum(2)
    torch.testing.assert_close(path.energies, expected)
    assert calls == path.times.tolist()
    assert path.energies is path.energies


def test_functions_of_x_or_of_x_and_t():
    """Both spellings, modules of torch, and a copy with another temperature: none is taken for depending on time."""
    timed = GradientFlow(energy=lambda x, t: x.sum(1))
    assert timed.time_dependent
    for energy in (double_well, lambda x, t=0.0: double_well(x)):
        flow = GradientFlow(energy=energy)
        assert not flow.time_dependent
        assert not dataclasses.replace(flow, temperature=0.5).time_dependent
        assert dataclasses.replace(timed, temperature=0.5).time_dependent
    assert GradientFlow(gradient=lambda *args: args[0]).time_dependent  # it does not tell

    class Score(torch.nn.Module):
        def forward(self, x):
            return 3 * x

    class Timed(torch.nn.Module):
        def forward(self, x, t):
            return 3 * t * x

    flow = GradientFlow(gradient=Score())
    assert not flow.time_dependent and GradientFlow(gradient=Timed()).time_dependent
    assert torch.equal(flow.gradient(torch.ones(1, 2), 0.0), torch.full((1, 2), 3.0))


@pytest.mark.parametrize("method", names(r for r in DETERMINISTIC if r.momentum is not None))
def test_given_momenta_are_used_and_kept(method):
    start, momenta = torch.zeros(4, 2), torch.ones(4, 2)
    path = solve(GradientFlow(energy=double_well, mass=2.0, friction=0.0), start, [0.0, 1e-3], method, momenta=momenta)
    assert torch.equal(path.momenta[0], momenta) and (momenta == 1).all()
    torch.testing.assert_close(path.states[-1], torch.full((4, 2), 5e-4), rtol=1e-3, atol=0)
    still = solve(GradientFlow(energy=double_well), start, [0.0, 1e-3], method)
    assert not still.momenta[0].any()  # T = 0: at rest
