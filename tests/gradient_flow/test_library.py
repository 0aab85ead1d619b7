"""The solver as a library: methods by object, times of one's own, pickles, worker processes, threads, restarts."""

from __future__ import annotations

import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
import torch

from demos.__main__ import main
from demos.gradient_flow import METHODS, Diagonal, GradientFlow, Method, Noise, Order, Restart, solve, splitting
from demos.landscapes import LANDSCAPES
from tests.gradient_flow.flows import FIXED, GENERAL, double_well, fitted_order, names, temperature_for

START = torch.tensor([[0.6, 0.5], [-0.7, 0.2]], dtype=torch.float64)
TIMES = np.linspace(0, 1, 21)


def _midpoint(problem, state, t, h):
    (x,) = state
    middle = problem.move(x.clone(), t, h / 2, problem.gradient(x, t))
    return (problem.move(x, t, h, problem.gradient(middle, t + h / 2)),)


MIDPOINT = Method("midpoint", _midpoint, order=Order(deterministic=2), evaluations=2)


def test_a_method_of_ones_own():
    flow = GradientFlow(double_well)
    exact = solve(flow, START, [0.0, 1.0], "dopri5", rtol=1e-12, atol=1e-12).states[-1]
    counts = (20, 40, 80)
    errors = [
        float((solve(flow, START, np.linspace(0, 1, n + 1), MIDPOINT).states[-1] - exact).abs().max()) for n in counts
    ]
    assert fitted_order(1 / np.array(counts), errors) == pytest.approx(2, abs=0.1)
    assert solve(flow, START, TIMES, MIDPOINT).evaluations == 40


def test_a_name_and_its_method_are_the_same():
    flow = GradientFlow(double_well, temperature=0.1)
    for name in ("euler", "mala", "baoab"):
        assert torch.equal(solve(flow, START, TIMES, name).states, solve(flow, START, TIMES, METHODS[name]).states)
    assert torch.equal(solve(flow, START, TIMES, "ORVRO").states, solve(flow, START, TIMES, splitting("ORVRO")).states)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "step"),
        ({"step": _midpoint, "adaptive": _midpoint}, "step"),
        ({"step": _midpoint, "needs": {"hessain"}}, "hessain"),
        ({"step": _midpoint, "supports": {"everything"}}, "everything"),
        ({"step": _midpoint, "stochastic": "sometimes"}, "sometimes"),
        ({"step": _midpoint, "backward": True}, "True"),
    ],
)
def test_rows_that_make_no_sense(fields, words):
    with pytest.raises(ValueError, match=words):
        Method("mine", **fields)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Method("mine", lambda p, s, t, h: s[0], stochastic="may"), "tuple"),
        (Method("mine", lambda p, s, t, h: (s[0][:1],), stochastic="may"), r"\(1, 2\)"),
        (Method("mine", _midpoint, init=lambda p, x, t: x, stochastic="may"), "tuple"),
        (Method("mine", lambda p, s, t, h: (s[0] + p.normal(),), stochastic="may"), "normals"),
        (Method("mine", lambda p, s, t, h: (s[0] + p.uniform()[:, None],), stochastic="may"), "uniforms"),
        (Method("mine", lambda p, s, t, h: (s[0] * p.noise_level(t),), stochastic="may"), "noise level"),
        (Method("mine", lambda p, s, t, h: (p.stiff.linear * s[0],), stochastic="may"), "stiff"),
        (Method("mine", lambda p, s, t, h: (p.project.retract(s[0]),), stochastic="may"), "constraint"),
    ],
)
def test_steps_that_break_the_contract_are_refused_in_one_sentence(row, words):
    with pytest.raises(ValueError, match=words):
        solve(GradientFlow(double_well, temperature=0.1), START, TIMES, row)
    with pytest.raises(ValueError, match="temperature"):
        solve(GradientFlow(double_well), START, TIMES, Method("mine", lambda p, s, t, h: (s[0] + p.normal(),)))


@pytest.mark.parametrize("method", names(GENERAL))
def test_frames_at_times_of_ones_own(method):
    flow = GradientFlow(double_well, temperature=temperature_for(METHODS[method]))
    every = solve(flow, START, TIMES, method, record=21, rtol=1e-9, atol=1e-9)
    asked = [0.25, 0.3, 0.95]
    path = solve(flow, START, TIMES, method, record=asked, rtol=1e-9, atol=1e-9)
    assert path.times.tolist() == pytest.approx(asked, abs=1e-6) and path.states.shape == (3, 2, 2)
    torch.testing.assert_close(path.states, every.states[[5, 6, 19]], rtol=0, atol=2e-7)
    assert path.energies.shape == (3, 2) and path.status.kind == "finished"
    seen = solve(flow, START, TIMES, method, record=asked, observe=lambda x, t: t)
    assert seen.observed.tolist() == pytest.approx(asked, abs=1e-12)
    assert torch.equal(seen.states[0], START) and torch.equal(
        seen.states[1], solve(flow, START, TIMES, method).states[-1]
    )
    torch.testing.assert_close(seen.energies[0], double_well(START))


@pytest.mark.parametrize("given", [tuple, np.array, torch.tensor], ids=lambda one: one.__name__)
@pytest.mark.parametrize("method", ["heun", "dopri5", "bdf"])  # a fixed step, an error control, SciPy's loop
def test_times_come_as_any_sequence(method, given):
    asked = [0.25, 0.3, 0.95]
    flow = GradientFlow(double_well)
    path, plain = (solve(flow, START, TIMES, method, record=times) for times in (given(asked), asked))
    assert path.times.tolist() == pytest.approx(asked, abs=1e-6)
    torch.testing.assert_close(path.states, plain.states, rtol=0, atol=2e-7)


def test_an_adaptive_method_lands_between_its_times_and_a_fixed_one_refuses():
    flow = GradientFlow(lambda x: (x**2).sum(1) / 2)
    path = solve(flow, START, [0.0, 1.0], "dopri5", record=[0.123, 0.5], rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(path.states, START * torch.exp(-path.times)[:, None, None], rtol=0, atol=1e-8)
    falling = solve(flow, START, [1.0, 0.0], "dopri5", record=[0.5, 0.0], rtol=1e-10, atol=1e-10)
    assert falling.times.tolist() == [0.5, 0.0]
    with pytest.raises(ValueError, match=r"0\.123 .* nearest is 0\.1"):
        solve(flow, START, TIMES, record=[0.123])
    for wrong in ([0.5, 0.2], [0.2, 0.2], [1.5], [-0.1], [np.nan], [[0.1]], [], ["a"]):
        with pytest.raises(ValueError, match="record"):
            solve(flow, START, TIMES, record=wrong)


def test_a_run_that_ends_early_has_its_end_as_its_last_frame():
    flow = GradientFlow(lambda x: 50 * (x**2).sum(1))
    path = solve(flow, START, np.arange(1001) * 0.1, record=[0.5, 90.0])
    assert path.status.kind == "diverged" and len(path.times) == 2 and path.times[0] == 0.5 and path.times[1] < 90


def test_noise_of_ones_own():
    flow = GradientFlow(double_well, temperature=0.1)
    own = Noise(START, 7)
    assert torch.equal(solve(flow, START, TIMES, noise=own).states, solve(flow, START, TIMES, seed=7).states)
    with pytest.raises(ValueError, match="noise"):
        solve(flow, START, TIMES, noise=np.random.default_rng(0))


def test_a_range_of_any_length_takes_no_memory():
    flow = GradientFlow(lambda x: (x**2).sum(1) / 2)
    path = solve(flow, START, range(10**12), "lbfgs", record=2, tolerance=1e-9)
    assert path.status.kind == "converged" and path.steps < 1000
    some = solve(flow, START, range(10**12), "euler", record=[0, 2, 10**11], tolerance=1e-9)
    assert some.times.tolist() == [0.0, 2.0, some.steps] and torch.equal(some.states[1], 0 * START)
    with pytest.raises(ValueError, match=r"record = .*0\.5 is not one of the times"):
        solve(flow, START, range(10**12), record=[0.5])
    with pytest.raises(ValueError, match="record = 'steps' .* 1,000,000,000,000 frames"):
        solve(flow, START, range(10**12), record="steps", observe=lambda x, t: 0.0)


def test_an_adaptive_method_takes_a_range_of_any_length():
    path = solve(GradientFlow(lambda x: (x**2).sum(1) / 2), START, range(10**9), "bdf", record=3)
    assert path.times.tolist() == [0.0, (10**9 - 1) / 2, 10**9 - 1] and path.status.kind == "finished"
    assert path.states[-1].abs().max() < 1e-5


def test_flows_and_paths_can_be_pickled():
    flow = GradientFlow(double_well, mobility=Diagonal(2.0), temperature=0.1)
    again = pickle.loads(pickle.dumps(flow))
    path = solve(flow, START, TIMES)
    copy = pickle.loads(pickle.dumps(path))
    assert torch.equal(solve(again, START, TIMES).states, path.states)
    assert torch.equal(copy.states, path.states) and copy.status == path.status
    assert torch.equal(copy.energies, path.energies)
    local = pickle.loads(pickle.dumps(solve(GradientFlow(lambda x: (x**2).sum(1)), START, TIMES)))
    assert torch.equal(local.energies, (local.states**2).sum(2))
    assert pickle.loads(pickle.dumps(solve(GradientFlow(gradient=lambda x: x), START, TIMES))).energies is None


@pytest.mark.parametrize("method", [*METHODS.values(), splitting("ORVRO")], ids=lambda method: method.name)
def test_methods_can_be_pickled(method):
    again = pickle.loads(pickle.dumps(method))
    assert (again.name, again.order, again.step_limit(2.0)) == (method.name, method.order, method.step_limit(2.0))


@pytest.mark.parametrize("landscape", LANDSCAPES)
def test_flows_of_landscapes_can_be_pickled(landscape):
    U = LANDSCAPES[landscape]
    flow = pickle.loads(pickle.dumps(GradientFlow(U.energy, U.gradient, temperature=0.25, hessian=U.hessian)))
    x = torch.tensor([[0.3, 0.2]])
    assert torch.equal(flow.gradient(x, 0.0), U.gradient(x)) and torch.equal(flow.hessian(x, 0.0), U.hessian(x))


def _in_a_process(flow: GradientFlow, seed: int):
    return solve(flow, START.float(), TIMES, "leimkuhler_matthews", seed=seed)


def test_the_readmes_example_runs_in_worker_processes():
    """Flows go to them, paths come back."""
    U = LANDSCAPES["double_well"]
    flow = GradientFlow(U.energy, U.gradient, temperature=0.25)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        paths = list(pool.map(_in_a_process, [flow] * 2, range(2)))
    for seed, path in enumerate(paths):
        assert torch.equal(path.states, _in_a_process(flow, seed).states)
        assert path.energies.shape == (21, 2)


@pytest.mark.parametrize("method", names(GENERAL))
def test_any_number_of_threads_may_solve_at_once(method):
    row = METHODS[method]

    def run(seed: int):
        flow = GradientFlow(double_well, temperature=temperature_for(row))
        start = START + 0.01 * seed
        return solve(flow, start, np.linspace(0, 0.5, 16), method, seed=seed)

    alone = [run(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(run, range(4)))
    for a, b in zip(alone, together, strict=True):
        assert torch.equal(a.states, b.states) and str(a.status) == str(b.status)


@pytest.mark.parametrize("method", ["lbfgs", "fire"])
def test_replicas_begin_again_while_the_others_go_on(method):
    """Each replica is what it would be alone: before and after its restart, and after another one left."""
    flow = GradientFlow(double_well)
    starts = torch.tensor([[0.6, 0.5], [-0.7, 0.2], [0.2, -0.3]], dtype=torch.float64)
    again = torch.tensor([[-0.4, 0.9]], dtype=torch.float64)
    steps = 0

    def restart(x, gradient):
        nonlocal steps
        steps += 1
        if steps == 5:
            return Restart([1], again)
        return Restart(leaving=[0]) if steps == 7 else None

    options = {"newton": 0.0} if method == "lbfgs" else {}
    path = solve(flow, starts, np.arange(13) * 0.05, method, record=13, restart=restart, **options)
    alone = lambda x, n: solve(flow, x, np.arange(n + 1) * 0.05, method, record=n + 1, **options).states[:, 0]
    close = {"rtol": 0, "atol": 1e-12}
    torch.testing.assert_close(path.states[:5, 1], alone(starts[1:2], 4), **close)
    torch.testing.assert_close(path.states[5:, 1], alone(again, 7), **close)
    torch.testing.assert_close(path.states[:8, 0], alone(starts[:1], 7), **close)
    assert (path.states[7:, 0] == path.states[7, 0]).all()  # frozen where it left
    torch.testing.assert_close(path.states[:, 2], alone(starts[2:], 12), **close)


def test_the_run_ends_when_the_last_replica_leaves():
    flow = GradientFlow(double_well)
    path = solve(flow, START, range(1000), "lbfgs", longest=0.05, restart=lambda x, gradient: Restart(leaving=[0, 1]))
    assert path.status.kind == "finished" and path.steps == 1


@pytest.mark.parametrize(
    ("flow", "method", "restart"),
    [
        (GradientFlow(double_well), "euler", lambda x, gradient: None),
        (GradientFlow(double_well, temperature=0.1), "mala", lambda x, gradient: None),
        (GradientFlow(double_well), "bdf", lambda x, gradient: None),
        (GradientFlow(double_well), "lbfgs", lambda x: None),
        (GradientFlow(double_well), "lbfgs", lambda x, gradient: Restart([0], torch.zeros(3, 2))),
    ],
)
def test_restarts_that_make_no_sense(flow, method, restart):
    with pytest.raises(ValueError, match="restart"):
        solve(flow, START, TIMES, method, restart=restart)


def test_the_methods_print_themselves(capsys):
    assert main(["methods"]) == 0
    printed = capsys.readouterr().out
    for name, row in METHODS.items():
        assert name in printed and row.paper in printed
    assert main(["methods", "lbfgs"]) == 0
    printed = capsys.readouterr().out
    assert METHODS["lbfgs"].formula in printed and all(option in printed for option in METHODS["lbfgs"].options)


@pytest.mark.parametrize("method", names(FIXED))
def test_every_row_is_documented(method):
    row = METHODS[method]
    assert row.label and row.formula and row.paper and bool(row.limit) == bool(row.limit_formula)
