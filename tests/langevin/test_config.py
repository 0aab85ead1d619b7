"""What a visitor may ask for, what is refused in one sentence, and what goes along with a new choice."""

import math
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from demos.landscapes.formula import Formula
from demos.landscapes.formula.words import CALLED
from demos.langevin.config import FORMULA_HELP, MOST_WORK, LangevinConfig
from demos.langevin.potentials import FORMULA, POTENTIALS, STEPS
from demos.langevin.samplers import SAMPLERS
from demos.langevin.setup import Setup
from demos.langevin.simulate import simulate
from tests.examples import examples

FIELDS = LangevinConfig.controls()


def refusals(**values) -> tuple[str, ...]:
    config, refused = LangevinConfig.read(values)
    assert isinstance(config, LangevinConfig)
    return refused


def test_every_stochastic_method_is_on_the_menu():
    assert {"euler", "heun", "leimkuhler_matthews", "implicit_euler", "mala", "hmc", "baoab", "aboba", "obabo",
            "lfmiddle"} <= set(SAMPLERS)  # fmt: skip
    assert all(row.stochastic != "never" for row in SAMPLERS.values())
    assert set(STEPS) == set(POTENTIALS) - {FORMULA}


@pytest.mark.parametrize(
    ("values", "name"),  # of the field, or what else the sentence must name
    [
        ({"step": "1e9"}, "step"),
        ({"method": "foo"}, "method"),
        ({"particles": "1000000000"}, "20,000"),
        ({"potential": "formula", "formula": "__import__('os')"}, "character 1"),
        ({"potential": "formula", "formula": "open(x)"}, "character 1"),
        ({"potential": "formula", "formula": "x.real**2 + y**2"}, "character"),
        ({"potential": "formula", "formula": "exp(exp(exp(x**2 + y**2)))"}, "formula"),
        ({"potential": "formula", "formula": "-x**2 - y**2"}, "minimum"),
        ({"potential": "formula", "formula": "x + y"}, "minimum"),
        ({"potential": "formula", "formula": "log(-1 - x**2 - y**2)"}, "formula"),
        ({"potential": "formula", "formula": ""}, "formula"),
        ({"formula": "x" * 300}, "200"),
        ({"x0": "50"}, "(50, 0)"),
        ({"method": "euler", "compare": "euler"}, "compare"),
        ({"compare": "mala,hmc,heun"}, "compare"),
        ({"particles": "20000", "steps": "100000"}, "5e+07"),
        ({"start": "equilibrium", "temperature": "100"}, "kT = 100"),
        ({"colour": "red"}, "colour"),
        ({"law": "maybe"}, "law"),
    ],
)
def test_bad_values_are_refused_in_one_sentence(values, name):
    (sentence,) = refusals(**values)
    assert name in sentence
    assert sentence.endswith(".") or "^" in sentence
    assert len(sentence) < 400 and sentence.count("\n") == 0


def test_the_formula_matters_only_where_it_is_the_potential():
    assert LangevinConfig(formula="x + nonsense(").potential == "double_well"
    with pytest.raises(ValueError):
        LangevinConfig(potential=FORMULA, formula="x + nonsense(")


def test_the_start_must_be_inside_only_where_it_counts():
    for start in ("box", "equilibrium"):
        assert LangevinConfig(start=start, x0=50.0).x0 == 50.0


def test_work_counts_all_methods_and_their_evaluations():
    plain = LangevinConfig(particles=1_000, steps=1_000, method="euler")
    assert plain.work == 1_000_000
    assert plain.replace(compare=("mala", "heun")).work == 3_000_000
    assert plain.replace(method="heun").work == 2_000_000
    assert plain.replace(method="hmc", leapfrog_steps=7).work == 7_000_000
    assert plain.evaluations("implicit_euler") == 3 and plain.replace(method="implicit_euler").work == 45_000_000
    assert plain.options_of("hmc") == {"leapfrog_steps": 10} and plain.options_of("euler") == {}


def test_a_call_for_few_particles_is_not_free():
    few, many = LangevinConfig(particles=1, method="euler"), LangevinConfig(particles=500, method="euler")
    assert few.work == many.work == 500 * few.steps
    assert few.replace(method="implicit_euler").work == 45 * 1_000 * few.steps
    short = few.replace(potential=FORMULA)
    long = short.replace(formula="(x**2 - 1)**2 + y**2 + (" + " + ".join(["sin(x)*cos(y)"] * 9) + ")/10")
    assert 2 * few.work < short.work < long.work / 2  # autograd, operation by operation


@pytest.mark.parametrize(
    "link",
    [
        "method=hmc&leapfrog_steps=100&steps=100000&particles=5",  # 82 s were measured; a formula's took 24 minutes,
        "method=hmc&leapfrog_steps=100&steps=100000&particles=1&compare=euler",  # and the compared Euler 913 MB
        "method=implicit_euler&steps=100000&particles=1",  # 53 s
        "potential=formula&steps=100000&particles=1&step=0.001",
    ],
)
def test_a_link_cannot_ask_for_minutes(link):
    config, (sentence,) = LangevinConfig.read(dict(parse_qsl(link)))
    assert config == LangevinConfig() and "5e+07" in sentence


@given(
    some.sampled_from(sorted(SAMPLERS)),
    some.sampled_from(sorted(SAMPLERS)),
    some.integers(1, 100_000),
    some.integers(1, 100),
    some.integers(1, 20_000),
)
def test_no_compared_method_takes_more_steps_than_a_run_may_have(method, other, steps, leaps, particles):
    values = {"method": method, "compare": other, "steps": steps, "leapfrog_steps": leaps, "particles": particles}
    config, _ = LangevinConfig.read(values)
    budget = config.steps * config.evaluations(config.method)
    for name in (config.method, *config.compare):
        assert budget / config.evaluations(name) <= FIELDS["steps"].high


def test_the_largest_allowed_work_is_just_allowed():
    config = LangevinConfig(method="euler", particles=20_000, steps=MOST_WORK // 20_000)
    with pytest.raises(ValueError, match="take fewer particles or steps"):
        config.replace(steps=config.steps + 1)
    assert LangevinConfig(method="euler", particles=1, steps=100_000).work == MOST_WORK


def test_hottest_is_the_hotter_end_of_the_schedule():
    assert Setup.of(LangevinConfig(temperature=0.3, cold=0.9)).hottest == 0.3
    assert Setup.of(LangevinConfig(temperature=0.3, cold=0.9, schedule="linear")).hottest == 0.9


# what goes along with a new choice ------------------------------------------------------------------------------------


def changed(before: LangevinConfig, **values) -> LangevinConfig:
    now = {name: getattr(before, name) for name in FIELDS} | values
    return LangevinConfig(**LangevinConfig.adapt(before, now))


@pytest.mark.parametrize("name", [name for name in POTENTIALS if name != FORMULA])
def test_another_potential_brings_step_temperature_and_start(name):
    before = LangevinConfig() if name != "double_well" else LangevinConfig(potential="harmonic")
    config = changed(before, potential=name)
    landscape = config.landscape
    assert config.temperature == pytest.approx(landscape.kT, rel=0.05)
    assert config.step == STEPS[name] and config.step * landscape.curvature < 2
    at = landscape.minima[0].position
    assert (config.x0, config.y0) == pytest.approx(at, abs=6e-4)
    run = simulate(Setup.of(config.replace(particles=50, steps=50)))[0]
    assert run.path.status.kind == "finished"


@pytest.mark.parametrize("formula", ["100*(x**2 + y**2)", "abs(x) + y**2", "x**4 + y**4", "(x-1)**2 + (y+1)**2"])
def test_another_formula_brings_a_step_that_it_can_bear(formula):
    config = changed(LangevinConfig(step=1.0), potential=FORMULA, formula=formula)
    curvature = config.landscape.curvature
    assert not config.step * curvature > 0.5  # nan where it has none
    other = changed(config.replace(step=0.5), formula="50*(x**2 + y**2)")
    assert other.step == pytest.approx(0.2 / 100)
    kept = changed(config.replace(step=1e-4), formula="50*(x**2 + y**2)")
    assert kept.step == 1e-4  # a step that is small enough is not enlarged


@pytest.mark.parametrize("formula", ["|x|^3 + |y|^3", "x^12 + y^2", "x²y² + 0.01(x²+y²)", "4(1/r^12−1/r^6) + r²/10"])
def test_the_step_of_a_formula_suits_the_walls_that_heat_reaches(formula):
    """Its minimum may be flat, or flatter than they are: no particle is lost."""
    config, refused = LangevinConfig.read({"potential": FORMULA, "formula": formula, "particles": 1_000, "steps": 300})
    assert refused == () and simulate(Setup.of(config))[0].lost == 0


@pytest.mark.parametrize(("formula", "place"), [("(x-1)**2 + (y+1)**2", (1, -1)), ("x**2 + y**2 - log(x)", (0.707, 0))])
def test_a_linked_formula_brings_its_own_start_and_temperature(formula, place):
    """As the same formula typed into the page: not those of the default formula, whose well is elsewhere."""
    config, refused = LangevinConfig.read({"potential": FORMULA, "formula": formula})
    assert refused == () and (config.x0, config.y0) == pytest.approx(place, abs=2e-3)
    assert config.temperature == pytest.approx(config.landscape.kT, rel=0.05)
    suits_the_well = config.step == pytest.approx(0.2 / config.landscape.curvature, rel=0.05)
    assert suits_the_well != ("log" in formula) and config.step * config.landscape.curvature < 0.21  # a steeper wall
    typed = changed(changed(LangevinConfig(), potential=FORMULA), formula=formula)
    assert typed == config
    given, _ = LangevinConfig.read({"potential": FORMULA, "formula": formula, "temperature": "0.7", "x0": "0.9"})
    assert (given.temperature, given.x0) == (0.7, 0.9)


@pytest.mark.parametrize("formula", ["1e5*(x**2 + y**2)", "1e-6*(x**2 + y**2)"])
def test_what_a_formula_brings_is_within_the_limits(formula):
    config, refused = LangevinConfig.read({"potential": FORMULA, "formula": formula})
    assert refused == () and config.formula == formula


def test_what_the_visitor_set_for_a_formula_stays_with_the_next():
    before = changed(LangevinConfig(), potential=FORMULA).replace(temperature=0.77, x0=0.5, y0=0.25)
    after = changed(before, formula="(x-1)**2 + (y+1)**2")
    assert (after.temperature, after.x0, after.y0) == (0.77, 0.5, 0.25)
    walled = changed(before.replace(x0=-0.5), formula="x**2 + y**2 - log(x)")
    assert walled.temperature == 0.77 and walled.x0 > 0  # that place is inside a wall now


def test_what_the_visitor_set_stays_while_the_potential_stays():
    before = LangevinConfig(step=0.05, temperature=0.4)
    assert changed(before, method="euler", step=0.07) == before.replace(method="euler", step=0.07)


def test_a_formula_that_is_no_good_changes_nothing_else():
    before = LangevinConfig(step=0.05)
    values = {name: getattr(before, name) for name in FIELDS} | {"potential": FORMULA, "formula": "x +"}
    assert LangevinConfig.adapt(before, values) == values


# any values -----------------------------------------------------------------------------------------------------------

ODD = some.one_of(some.text(max_size=12), some.floats(), some.integers(), some.none(), some.booleans(),
                  some.sampled_from(["nan", "inf", "-1", "1e999", "0", "1", "euler,mala", ",,", "true"]))  # fmt: skip


@given(some.dictionaries(some.one_of(some.sampled_from(sorted(FIELDS)), some.text(max_size=8)), ODD, max_size=6))
@settings(max_examples=examples(300))
def test_whatever_comes_from_outside_gives_a_config_and_sentences(values):
    config, refused = LangevinConfig.read(values)
    assert config == LangevinConfig(**{name: getattr(config, name) for name in FIELDS})
    assert LangevinConfig.read(dict(config.changed())) == (config, ())
    for sentence in refused:
        assert 10 < len(sentence) < 400 and "\n" not in sentence
    for name, control in FIELDS.items():
        if control.kind in ("number", "whole"):
            assert control.low <= getattr(config, name) <= control.high and math.isfinite(getattr(config, name))


def test_the_help_of_the_formula_says_what_is_understood():
    """Every example in it is read, and no function is left out."""
    examples = FORMULA_HELP.split("`")[1::2]
    assert len(examples) == 4
    for each in examples:
        Formula.parse(each)
    missing = {name for name in CALLED - {"arcsin", "arccos", "arctan", "arctan2", "sgn", "maximum", "minimum", "pow"}
               if name not in FORMULA_HELP}  # fmt: skip
    assert not missing
