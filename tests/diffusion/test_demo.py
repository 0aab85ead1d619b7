"""The diffusion demo: what its scenes claim, its pictures and tables."""

import math

import numpy as np
import pytest
import torch

from demos.diffusion.config import DiffusionConfig
from demos.diffusion.coordinates import at_levels
from demos.diffusion.data import BUILT_IN
from demos.diffusion.demo import DEMO
from demos.diffusion.picture import STEPS_FORTH, clock
from demos.diffusion.processes import PROCESSES
from demos.diffusion.run import run
from demos.diffusion.samplers import SAMPLERS
from demos.diffusion.setup import setup
from demos.diffusion.simulate import simulate
from demos.diffusion.studies import (
    cost_study,
    guidance_study,
)
from demos.picture import Arrows, Points
from demos.picture.payload import encode
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
    code = DEMO.code(config).split("result = run")[0]
    exec(compile(code, "code", "exec"), space)
    (made,) = simulate(setup(config))
    # D and x + σ²∇log p, which the page computes as Euler's last step, are rounded differently
    rounding = 8 * torch.finfo(torch.float32).eps * made.path.end.abs().max() if "s.model.denoiser(end" in code else 0
    assert (space["end"] - made.path.end).abs().max() <= rounding
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
    assert [panel.subtitle for panel in result.picture.panels] == [f"ODE, {count} evaluations"] * 2
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
