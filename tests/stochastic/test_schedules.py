"""Schedules: their rates, the exact distribution by two ways, the ends of theory, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from demos.contract import State
from demos.stochastic.bench.evidence import row
from demos.stochastic.schedules.config import SCHEDULES, SchedulesConfig
from demos.stochastic.schedules.law import floor, forgotten_after, law, least, least_free
from demos.stochastic.schedules.picture import bound_over_steps
from demos.stochastic.schedules.run import run
from demos.stochastic.schedules.schedule import rates


def test_the_rates_are_what_they_are_called():
    assert rates("step", 1.0, 8).tolist() == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001])
    cosine = rates("cosine", 2.0, 100)
    assert cosine[0] == 2 and cosine[50] == pytest.approx(1) and 0 < cosine[-1] < 1e-2
    inverse = rates("inverse", 1.0, 1_000)
    assert inverse[100] == pytest.approx(0.5) and inverse[900] == pytest.approx(0.1)
    assert rates("warmup", 1.0, 20).tolist() == pytest.approx([0.5] + [1.0] * 19)
    with pytest.raises(ValueError, match="schedule = 'nothing' is not known"):
        rates("nothing", 1.0, 3)


@pytest.mark.parametrize("name", list(SCHEDULES))
def test_the_law_is_that_of_the_noise_carried_through_by_hand(name):
    """The answer is linear in the noise of each step: its coefficients from unit kicks, by the paper's own formulas."""
    config = SchedulesConfig(lr=0.7, steps=12, flat=0.3)
    given = rates(name, config.lr, config.steps)

    def answer(start: float, noise: np.ndarray, h: float) -> float:
        x = z = start
        seen, at = [], start
        for k in range(config.steps):
            if name == "free":
                z = z - given[k] * (h * (0.1 * z + 0.9 * x) + noise[k])
                x = (1 - 1 / (k + 2)) * x + z / (k + 2)
                continue
            at = at - given[k] * (h * at + noise[k])
            seen.append(at)
        return x if name == "free" else float(np.mean(seen)) if name == "polyak" else at

    known = law(config, name)
    for axis, h in enumerate((1.0, 0.3)):
        unit = np.eye(config.steps)
        kicks = np.array([answer(0.0, row, h) for row in unit])
        assert known.means[-1, axis] == pytest.approx(answer(3.0, 0 * unit[0], h))
        assert known.variances[-1, axis] == pytest.approx(h / 4 * float((kicks**2).sum()))


def test_the_long_run_is_what_theory_says():
    config = SchedulesConfig(lr=1.0, flat=1.0, steps=2_000)
    assert law(config, "constant").loss(2_000)[0] == pytest.approx(floor(config))
    assert law(config, "polyak").loss(2_000)[0] == pytest.approx(least(config), rel=5e-3)
    assert law(config, "free").loss(2_000)[0] == pytest.approx(least_free(config), rel=5e-3)


def test_past_the_limit_divergence_is_drawn_with_its_rate():
    result = run(SchedulesConfig(lr=2.5, steps=300, chains=200))
    assert "1.25 times the stability limit" in result.warnings[0] and "2.25 in every step" in result.warnings[0]
    assert result.verdict.state is not State.DIFFERS and row(result, "loss, constant").measured > 1e8
    assert row(result, "loss, Schedule-Free").measured < 0.1  # it bears more


def test_the_bound_is_stated_and_drawn_only_where_the_start_is_forgotten():
    """From a start nearby fifty batches end below it: knowledge that is not the batches'."""
    config = SchedulesConfig(start=0.1, noise=3.0, steps=50, lr=0.05, chains=200)
    assert all(law(config, name).loss(50)[0] < least(config) for name in SCHEDULES)
    assert forgotten_after(config) is None and len(bound_over_steps(config)) == 0
    assert "has not forgotten its start" in " ".join(run(config).notes)
    usual = SchedulesConfig()
    first = forgotten_after(usual)
    assert first is not None and (1 - 0.5 * 0.05) ** first <= 0.05 < (1 - 0.5 * 0.05) ** (first - 1)
    ends = 10 ** bound_over_steps(usual)
    np.testing.assert_allclose(ends[:, 0] * ends[:, 1], usual.noise**2 / usual.batch)  # σ²/(B k), two directions
    over = 10 ** np.linspace(*np.log10(ends[:, 0]), 9)
    for name in SCHEDULES:
        assert all(np.sum(law(usual, name).parts(), 0)[int(k)] > least(usual, int(k)) for k in over)


def test_at_the_limit_itself_nothing_is_said_to_diverge():
    result = run(SchedulesConfig(lr=2.0, chains=200, steps=100))
    assert not result.warnings and "diverges" not in result.headline and "no floor" in result.headline


@pytest.mark.parametrize(("bad", "words"), [({"steps": 10**9}, "steps = 1000000000"), ({"lr": 9.0}, "lr = 9.0 is out")])
def test_bad_input_is_refused_in_a_sentence(bad, words):
    with pytest.raises(ValueError, match=words):
        SchedulesConfig(**bad)
