"""The demo: what its scenes claim, its pictures, tables and studies, and configs from outside."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from demos.contract import State
from demos.diffusion.bridge import bridge
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import BUILT_IN, classes_of, encode_points
from demos.diffusion.data.word import WORD_POINTS
from demos.diffusion.demo import DEMO
from demos.diffusion.metrics import floor, mmd, sliced_w2, w2
from demos.diffusion.picture import STEPS_FORTH, at_levels, clock
from demos.diffusion.processes import PROCESSES
from demos.diffusion.run import run
from demos.diffusion.samplers import SAMPLERS
from demos.diffusion.setup import data_of, setup
from demos.diffusion.simulate import simulate
from demos.diffusion.studies import (
    cost_study,
    exact_distances,
    guidance_study,
    likelihood_study,
    score_error,
)
from demos.diffusion.tables import true_floor
from demos.picture import Arrows, Points
from demos.picture.payload import encode
from tests.examples import examples
from tests.scenes import scene_parameters, scene_result

SCENES = {scene.name: scene for scene in DEMO.scenes}
SMALL = {"particles": 64, "evaluations": 9}


def result(name):
    return scene_result(DEMO, SCENES[name])


@pytest.mark.parametrize(("demo", "scene"), scene_parameters("diffusion"))
def test_payload_of_a_scene_is_small(demo, scene):
    picture = scene_result(demo, scene).picture
    longer = 1.5 if scene.config.story == "both" else 1
    assert len(encode(picture)) <= 1.0e6 * len(picture.panels) * longer


def test_last_step_leaves_its_noise():
    """Stopped at σ_min, the mean square distance to the curve's law exceeds by σ_min² in each coordinate."""
    config = SCENES["last_step"].config.replace(particles=4_000)
    stopped, ended = (simulate(setup(c))[0].path.end.double() for c in (config, config.replace(last="denoise")))
    data = BUILT_IN["scurve"]
    low = config.sigma_min * data.sigma_data
    blurred, _ = data.sample(4_000, 1)
    blurred = blurred + low * torch.randn(4_000, 2, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    surprise = [-data.distribution.log_density(x) for x in (stopped, blurred, ended)]
    error = math.hypot(float(surprise[0].std()), float(surprise[1].std())) / 4_000**0.5
    assert abs(float(surprise[0].mean() - surprise[1].mean())) < 5 * error
    assert float(surprise[2].mean()) < float(surprise[0].mean()) - 10 * error


def test_picture_begins_with_noise_and_ends_with_the_samples():
    config = DiffusionConfig(**SMALL)
    chosen = setup(config)
    (made,) = simulate(chosen)
    points = next(
        layer for layer in run(config).picture.panels[0].layers if isinstance(layer, Points) and layer.name == "Samples"
    )
    unit, high = chosen.data.sigma_data, chosen.plan.high
    assert np.allclose(points.positions[0], chosen.start.numpy() * unit / math.hypot(unit, high), atol=1e-5)
    assert np.allclose(points.positions[-1], made.path.end.numpy(), atol=1e-5)
    assert clock(chosen)[0] == high
    assert clock(chosen)[-1] == 0


@pytest.mark.parametrize(
    "values", [{}, {"data": "tree", "target": "0", "guidance": 3.0}, {"data": "moons", "score": "learned"}]
)
def test_arrows_are_the_score_that_is_followed(values):
    config = DiffusionConfig(**SMALL, **values)
    chosen = setup(config)
    picture = run(config).picture
    arrows = next(layer for layer in picture.panels[0].layers if isinstance(layer, Arrows))
    unit, frame = chosen.data.sigma_data, 48  # one that is evaluated
    sigma = float(picture.clock.values[frame])
    x = torch.from_numpy(arrows.origins) * math.hypot(sigma, unit) / unit
    with torch.no_grad():
        if "target" in values:
            asked = torch.zeros(len(x), dtype=torch.int64)
            denoised = torch.lerp(
                chosen.data.distribution.denoiser(x, sigma), chosen.data.distribution.denoiser(x, sigma, asked), 3.0
            )
            wanted = (denoised - x) / sigma
        else:
            wanted = sigma * chosen.model.score(x, sigma)
    short = (wanted.norm(dim=1) < 3).numpy()
    assert short.sum() > 20 and not arrows.shown
    assert np.allclose(arrows.vectors[frame][short], wanted.numpy()[short], atol=1e-4)
    assert np.linalg.norm(arrows.vectors, axis=2).max() < 3.001


@pytest.mark.parametrize(("name", "low", "high"), [("pairs", 1.0, 1.05), ("straight", 1.5, 2.0)])
def test_what_is_called_straight_is_drawn_straight(name, low, high):
    """On the linear path the picture has the path's own coordinates: the finding had 2.15 and 1.20 on the screen."""
    made = result(name)
    places = samples_of(made.picture).positions.astype(float)
    length = np.linalg.norm(np.diff(places, axis=0), axis=2).sum(0)
    drawn = length.mean() / np.linalg.norm(places[-1] - places[0], axis=1).mean()
    assert low <= drawn <= high
    assert drawn == pytest.approx(made.tables["paths"]["length/chord"].iloc[0], rel=0.02)
    assert made.picture.panels[0].x_label.startswith("(1 − t) x")


def test_few_steps_are_marked_and_stand_on_frames_of_their_own():
    """Each of Heun's stops is a frame of the clock, and only these are called computed."""
    config = DiffusionConfig(particles=64, evaluations=9)
    (made,), picture = simulate(setup(config)), run(config).picture
    stops = picture.clock.values[list(picture.computed)]
    assert len(stops) == len(made.path.sigmas) - 1  # the last two share a frame: σ_min and 0
    assert np.allclose(np.sort(stops)[1:], np.sort(made.path.sigmas)[2:])
    assert (np.diff(picture.clock.values) < 0).all()
    assert run(config.replace(evaluations=200)).picture.computed == ()


def test_guided_points_have_the_class_under_them():
    picture = result("guidance").picture
    ghost = next(layer for layer in picture.panels[0].layers if layer.name.startswith("True points of the class"))
    assert ghost.shown
    names = [layer.name for layer in picture.panels[0].layers]
    assert names.index(ghost.name) < names.index("Samples")


def test_frames_between_steps_are_straight_in_sigma():
    sigmas = np.array([4.0, 2.0, 0.0])
    states = torch.tensor([[[0.0, 0.0]], [[2.0, 0.0]], [[2.0, 4.0]]])
    found = at_levels(sigmas, states, np.array([4.0, 3.0, 2.0, 0.5, 0.0]))
    assert np.allclose(found[:, 0], [[0, 0], [1, 0], [2, 0], [2, 3], [2, 4]])


def test_forward_story_is_the_process():
    config = DiffusionConfig(data="moons", story="both", particles=4_000, evaluations=9)
    picture = run(config).picture
    points = next(layer for layer in picture.panels[0].layers if layer.name == "Samples").positions
    sigmas, unit = picture.clock.values, BUILT_IN["moons"].sigma_data
    mean = BUILT_IN["moons"].distribution.mean.numpy()
    for frame in (0, 20, 47):  # y = x σ_data/√(σ² + σ_data²) keeps its spread
        y = points[frame] - mean * unit / math.hypot(unit, sigmas[frame])
        squares = np.square(y).sum(1) / 2
        assert abs(squares.mean() - unit**2) < 5 * squares.std() / math.sqrt(4_000)


@pytest.mark.parametrize("last", ["denoise", "stop"])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_code_is_the_sampler_of_the_page(sampler, last, capsys):
    """The lines before `run`, executed as they are, end at the very points of the page."""
    config = DiffusionConfig(
        data="moons",
        sampler=sampler,
        last=last,
        particles=16,
        evaluations=24,
        process="vp",
        stochasticity=0.7,
        eta=0.8,
        churn=30.0,
        noise_scale=1.01,
        corrections=2,
        snr=0.1,
        langevin_steps=3,
        seed=5,
        target="1",
        guidance=2.0,
    )
    space: dict = {}
    exec(compile(DEMO.code(config).split("result = run")[0], "code", "exec"), space)
    (made,) = simulate(setup(config))
    assert torch.equal(space["end"], made.path.end)
    assert max(map(len, DEMO.code(DiffusionConfig(sampler=sampler, last=last)).splitlines())) <= 120
    assert f"{space['path'].evaluations} torch.Size([16, 2])" in capsys.readouterr().out
    assert made.path.evaluations - space["path"].evaluations in (0, 1)  # the denoiser's, where it is a line of its own


def samples_of(picture):
    return next(layer for layer in picture.panels[0].layers if layer.name == "Samples")


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"process": "vp", "beta_max": 1.0},
        {"target": "1"},
        {"target": "each", "guidance": 3.0},
        {"start": "data"},
        {"score": "flow_ot"},
        {"sampler": "sde"},
    ],
    ids=str,
)
def test_samplers_start_where_the_forward_story_ends(values):
    """No point jumps at the turn, and each has the colour of its own class until then."""
    config = DiffusionConfig(data="moons", story="both", **{"particles": 700, "evaluations": 9, **values})
    chosen, picture = setup(config), run(config).picture
    points, turn = samples_of(picture), STEPS_FORTH - 1  # it and the next are at σ_max
    assert picture.clock.values[[turn, turn + 1]] == pytest.approx(chosen.plan.high)
    scale = chosen.data.sigma_data / math.hypot(chosen.data.sigma_data, chosen.plan.high)
    assert np.allclose(points.positions[turn], chosen.start.numpy() * scale, atol=1e-4)
    assert np.allclose(points.positions[turn + 1], points.positions[turn], atol=1e-4)
    distribution = chosen.data.distribution
    for frame in (0, -1):
        seen = distribution.classify(torch.from_numpy(points.positions[frame])).numpy()
        assert (seen == points.labels[frame]).mean() > 0.995  # of where it lies: true data are misnamed that rarely
    if "target" in values:
        assert (points.labels[0] == chosen.labels.numpy()).all()


def test_forward_story_is_brownian_motion():
    """In the time σ²: the part of the way between two levels has the variance of their difference, and knows nothing of
    the way before."""
    config = DiffusionConfig(data="moons", story="both", particles=4_000, evaluations=5, color="none")
    picture = run(config).picture
    sigmas, unit = picture.clock.values, BUILT_IN["moons"].sigma_data
    x = samples_of(picture).positions * np.sqrt(sigmas**2 + unit**2)[:, None, None] / unit
    early, late, high = 25, 40, STEPS_FORTH - 1
    first, second, third = x[early] - x[0], x[late] - x[early], x[high] - x[late]
    for part, (low, up) in ((first, (0, early)), (second, (early, late)), (third, (late, high))):
        squares = part**2 / (sigmas[up] ** 2 - sigmas[low] ** 2)
        assert abs(squares.mean() - 1) < 5 * math.sqrt(2 / 8_000) + 1e-3  # positions are float32
    for one, other in ((first, second), (second, third), (x[0] - x[0].mean(0), third)):
        product = one * other
        assert abs(product.mean()) < 5 * product.std() / math.sqrt(8_000)


@pytest.mark.parametrize(("guidance", "calls"), [(0.0, 1), (1.0, 1), (3.0, 2)])
def test_guided_evaluations_are_counted_the_same_everywhere(guidance, calls):
    """A weight other than 0 and 1 asks the score twice: in notes, tables, read-out, titles and charts."""
    config = DiffusionConfig(
        data="moons", target="1", guidance=guidance, compare=("ddim",), evaluations=9, particles=64
    )
    result, count = run(config), 9 * calls
    assert list(result.tables["distances"]["evaluations"]) == [count, count]
    assert [panel.subtitle for panel in result.picture.panels] == [f"{count} evaluations"] * 2
    assert next(r for r in result.picture.readouts if r.label.startswith("evaluations")).values[-1] == count
    assert (result.tables["grid"].groupby("series")["evaluations"].max() == count).all()
    assert all(f"{count} evaluations" in note for note in result.notes[:2])
    assert cost_study(config, budgets=(9,))["evaluations"].to_list() == [count, count]


@pytest.mark.parametrize(
    ("values", "density", "aim"),
    [
        ({}, "density", "to the data "),
        ({"target": "1"}, "density of the class", "to the class "),
        ({"target": "1", "guidance": 3.0}, "guided density", "to the class "),
        ({"target": "1", "guidance": 0.0}, "density", "to the data "),
        ({"target": "each"}, "density", "to the data, class by class "),
        ({"data": "scurve", "target": "0", "guidance": 3.0}, "density", "to the data "),
    ],
)
def test_names_say_what_is_asked_for(values, density, aim):
    result = run(DiffusionConfig(**{"data": "moons", **SMALL, **values}))
    names = [layer.name for layer in result.picture.panels[0].layers]
    assert names[:2] == [f"Landscape: −log {density}", f"Score: gradient of log {density}"]
    assert f"sliced W2 {aim}" in result.notes[0]


def test_true_shares_are_those_asked_for():
    shares = lambda **values: (
        run(DiffusionConfig(data="moons", particles=501, evaluations=20, **values)).tables["shares"].set_index("class")
    )
    both = shares()
    assert np.allclose(both["exact"], 0.5) and np.allclose(both["error"], 0.5 / math.sqrt(501))
    one = shares(target="1")
    assert list(one["exact"]) == [0.0, 1.0] and not one["error"].any()
    assert np.allclose(one["share"], one["exact"], atol=0.01)  # but for the few points that lie nearer to the other
    each = shares(target="each")
    assert np.allclose(each["exact"], [251 / 501, 250 / 501]) and not each["error"].any()
    assert np.allclose(each["share"], each["exact"], atol=0.01)
    guided = shares(target="1", guidance=3.0)
    assert guided["exact"].isna().all() and guided["error"].isna().all()
    assert np.allclose(shares(target="1", guidance=0.0)["exact"], 0.5)


def test_cost_study_falls_to_the_floor():
    table = cost_study(DiffusionConfig(data="moons", particles=1_000), budgets=(5, 17, 69))
    assert set(table["series"]) == {"Heun (EDM)", "Euler = DDIM", "DPM-Solver++(2M)"}
    for _, rows in table.groupby("series"):
        assert rows["sliced W2"].iloc[-1] < rows["sliced W2"].iloc[0]
        assert rows["sliced W2"].iloc[-1] < rows["floor"].iloc[-1] + 5 * rows["floor spread"].iloc[-1]


@pytest.mark.parametrize("target", ["all", "each", "2"])
def test_exact_distances_stand_beside_their_floor(target):
    """Both within five standard deviations of pairs of true samples of what is asked for: 0.45 ± 0.11 apart for all
    data, where the mode counts are left to chance, 0.20 ± 0.01 for every class and 0.09 ± 0.01 for one."""
    data, count = BUILT_IN["gaussians8"], 500
    row = exact_distances(DiffusionConfig(particles=count, sampler="sde", evaluations=100, target=target)).iloc[0]
    labels = classes_of(target, count, data)
    for name, distance in (("W2", w2), ("MMD²", lambda a, b: mmd(a, b, data.sigma_data))):
        pairs = floor(distance, data, count, pairs=16, seed=77_000, labels=labels)
        assert abs(row[name] - pairs.mean) < 5 * pairs.spread
        assert abs(row[f"{name} floor"] - pairs.mean) < 5 * pairs.spread / math.sqrt(16)  # of as many pairs, at least


@pytest.mark.parametrize("target", ["all", "each", "2"])
def test_floors_are_of_what_is_asked_for(target):
    """Of 8 Gaussians, 2,000 points: about 0.09 for all data, 0.037 for every class, 0.02 for one."""
    data = BUILT_IN["gaussians8"]
    chosen = setup(DiffusionConfig(target=target, evaluations=5))
    pairs = floor(sliced_w2, data, 2_000, seed=77_000, labels=classes_of(target, 2_000, data))
    found = true_floor(chosen, 2_000)
    assert abs(found.mean - pairs.mean) < 5 * math.hypot(found.spread, pairs.spread) / 4


def test_likelihood_study():
    frame = likelihood_study(DiffusionConfig(data="tree"), count=50)
    assert np.allclose(frame["ode"], frame["exact"], atol=5e-3)
    assert (frame["hutchinson"] - frame["exact"]).std() > (frame["hutchinson10"] - frame["exact"]).std()


def test_score_error_of_the_exact_score_is_rounding():
    table = score_error(DiffusionConfig(data="moons"))
    assert (table["error"] < 2e-3 * table["score"].clip(lower=1)).all()
    assert set(table) == {"sigma", "error", "standard error", "score"}
    bent = score_error(DiffusionConfig(data="moons", score_error=1.0))
    peak = bent.loc[bent["error"].idxmax(), "sigma"] / BUILT_IN["moons"].sigma_data
    assert 1.5 < peak < 8


def test_the_article_names_every_process_and_sampler():
    for sampler in SAMPLERS.values():
        assert sampler.label in DEMO.explanation and sampler.description in DEMO.explanation
    for process in PROCESSES.values():
        assert process.formula in DEMO.explanation and process.paper in DEMO.explanation
        assert "arXiv:" in process.paper


def test_guidance_does_not_sample_the_product():
    table = guidance_study(DiffusionConfig(data="moons", evaluations=60), weights=(0, 1, 4)).set_index("w")
    count = DiffusionConfig().particles
    for w in (0, 1):  # here it does: the law of all, and of the class (up to the few misnamed points)
        spread = table.loc[w, "spread of p(x) p(c|x)^w"]
        assert abs(table.loc[w, "spread"] / spread - 1) < 5 / count**0.5
    assert table.loc[4, "away"] > 0.5 > 0.05 > table.loc[4, "away of p(x) p(c|x)^w"]


def test_bridge_keeps_the_distribution_at_each_level():
    found = bridge(DiffusionConfig(particles=1_000), steps=48)
    assert len(found.picture.panels) == 3
    assert encode(found.picture)
    apart = (found.distances["sliced W2"] - found.distances["floor"]) / found.distances["floor spread"]
    assert apart.max() < 5
    paths = found.paths.set_index("series")
    assert paths.loc["λ = 0", "ends apart"] == 0
    assert paths.loc["λ = 1", "ends apart"] > 1
    assert paths["length of path"].is_monotonic_increasing


@pytest.mark.parametrize("target", ["0", "each"])
def test_bridge_of_a_class_stands_beside_the_law_of_the_class(target):
    found = bridge(DiffusionConfig(data="moons", particles=1_000, target=target), steps=48)
    apart = (found.distances["sliced W2"] - found.distances["floor"]) / found.distances["floor spread"]
    assert apart.max() < 5
    data = BUILT_IN["moons"]
    pairs = floor(sliced_w2, data, 1_000, pairs=8, seed=77_000, labels=classes_of(target, 1_000, data))
    last = found.distances[found.distances["sigma/σ_data"] == 0].iloc[0]
    assert abs(last["floor"] - pairs.mean) < 5 * math.hypot(last["floor spread"], pairs.spread) / math.sqrt(8)


def test_bridge_of_guided_points_is_refused():
    with pytest.raises(ValueError, match=r"w = 3.*\.$"):
        bridge(DiffusionConfig(data="moons", target="0", guidance=3.0, particles=64))


BAD = [
    {"guidance": 1e6},
    {"word": "a" * 500},
    {"particles": 10**9},
    {"sampler": "magic"},
    {"target": "9"},
    {"data": "moons", "target": "5"},
    {"sigma_min": 0.5, "sigma_max": 0.2},
    {"beta_min": 5.0, "beta_max": 0.1},
    {"score": "flow_ot", "target": "0"},
    {"data": "points"},
    {"compare": ("heun", "ddim")},
    {"compare": ("ddim", "ddim", "sde")},
    {"points": "x" * 10_000},
    {"data": "points", "points": encode_points(np.random.default_rng(0).random((2_000, 2))), "evaluations": 1_000},
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: "-".join(bad))
def test_bad_settings_are_refused_in_one_sentence(bad):
    with pytest.raises(ValueError, match=r"\.$") as caught:
        DiffusionConfig(**bad)
    assert "\n" not in str(caught.value)
    config, refused = DiffusionConfig.read(bad)
    assert refused
    assert isinstance(config, DiffusionConfig)


@pytest.mark.parametrize(
    "bad", [{"data": "word", "word": "   "}, {"data": "points", "points": "????"}, {"data": "points", "points": "AAAA"}]
)
def test_bad_data_are_refused_in_one_sentence(bad):
    with pytest.raises(ValueError, match=r"\.$"):
        run(DiffusionConfig(**SMALL, **bad))


@pytest.mark.parametrize("name", list(BUILT_IN))
def test_what_is_known_of_data_before_they_are_made_is_true(name):
    row, distribution = BUILT_IN.rows[name], BUILT_IN[name].distribution
    assert row.classes == len(distribution.shares)
    assert row.title == BUILT_IN[name].title
    if name != "checkerboard":  # squares have no components; the benchmark of the exact side says what they cost
        assert 0.5 < row.components / len(distribution.weights) < 2


def test_the_price_of_own_data_is_their_number():
    points = encode_points(np.random.default_rng(0).random((100, 2)))
    word, own = DiffusionConfig(data="word"), DiffusionConfig(data="points", points=points)
    assert word.work / own.work == WORD_POINTS / 100 == len(data_of(word).distribution.weights) / 100


def strategy():
    fields = {}
    for name, control in DiffusionConfig.controls().items():
        if name in ("points", "word", "score", "particles", "evaluations", "compare"):
            continue
        match control.kind:
            case "choice" if name == "target":
                fields[name] = st.sampled_from(["all", "all", "each", "0"])
            case "choice":
                fields[name] = st.sampled_from([option for option in control.options if option != "points"])
            case "number":
                fields[name] = st.floats(control.low, control.high)
            case "whole":
                fields[name] = st.integers(int(control.low), min(int(control.high), 10_000))
            case "flag":
                fields[name] = st.booleans()
    return st.fixed_dictionaries(fields)


@settings(max_examples=examples(60))
@given(
    strategy(), st.integers(2, 24), st.lists(st.sampled_from(["sde", "annealed", "dopri5"]), max_size=2, unique=True)
)
def test_any_config_runs_or_is_refused(values, evaluations, compare):
    try:
        config = DiffusionConfig(**{**values, "evaluations": evaluations, "compare": tuple(compare), "particles": 32})
    except ValueError as problem:
        assert str(problem).endswith(".")
        return
    result = run(config)
    assert encode(result.picture)
    for check in result.checks:
        assert math.isfinite(check.allowed), check
        assert check == check, check  # no number that is not equal to itself
        assert check.state is not State.DIFFERS, (check, config)
