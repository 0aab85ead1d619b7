"""The geometry that the player does itself, alone in a browser: camera, bonds, cells, strokes, colours, key frames."""

import numpy as np
import pytest

pytestmark = pytest.mark.browser

BOX = """{ panel: { x: [-1, 1], y: [-1, 1], z: [1, 3], view: [0, 0] }, plot: { x: 0, y: 0, w: 400, h: 400 } }"""


def test_the_camera_sees_right_up_and_near(js):
    """From the x axis: y runs to the right, z upwards, and what is nearer is larger."""
    script = f"""argument.map(place => {{
        const eye = eyeOf({{ ...newCamera([0, 0]), zoom: 1 }}, {BOX});
        const out = [];
        turned(eye, ...place, out, 0);
        return [viewX(eye, out[0], out[2]), viewY(eye, out[1], out[2]), out[2]];
    }})"""
    middle, right, up, near = js(script, [[0, 0, 2], [0, 0.5, 2], [0, 0, 2.5], [0.5, 0.5, 2]])
    assert middle == pytest.approx([200, 200, 0])
    assert right == pytest.approx([200 + 0.5 * 192, 200, 0])
    assert up == pytest.approx([200, 200 - 0.5 * 192, 0])
    assert near == pytest.approx([200 + 0.5 * 192 * 6 / 5.5, 200, 0.5])


def test_turning_keeps_lengths_and_stops_at_the_poles(js):
    script = f"""(() => {{
        const camera = newCamera([30, 20]);
        turnCamera(camera, 0.3, -5);
        const {{ turn }} = eyeOf(camera, {BOX});
        return [turn, camera.above];
    }})()"""
    turn, above = js(script)
    rows = np.reshape(turn, (3, 3))
    np.testing.assert_allclose(rows @ rows.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rows) == pytest.approx(1) and above == pytest.approx(-np.pi / 2)


def test_bonds_join_all_that_are_near_and_no_others(js):
    places = np.random.default_rng(0).uniform(-1, 1, (40, 3)).round(3)
    script = f"""(() => {{
        const scene = {{ items: [], eye: eyeOf(newCamera([10, 10]), {BOX}), theme: {{}} }};
        collectBonds({{ bond_length: 0.6, bond_width: 0.1 }}, Float32Array.from(argument), null, scene);
        return scene.items.length;
    }})()"""
    distance = np.linalg.norm(places[:, None] - places, axis=-1)
    near = (distance[np.triu_indices(40, 1)] < 0.6).sum()
    assert js(script, places.ravel().tolist()) == near > 50


def test_a_cell_is_cut_along_what_is_seen(js):
    """A square around the edge of the visible cap: both parts lie on their side, and share the edge's two points."""
    script = f"""(() => {{
        const eye = eyeOf(newCamera([0, 0]), {BOX});
        const ball = horizon({{ center: [0, 0, 2], radius: 1 }}, eye);
        const data = Int16Array.from([12, 4, 30, 12, -4, 30, -6, -4, 32, -6, 4, 32].map(v => v * 1000));
        const cell = cellOf({{ starts: {{ data: [0] }}, labels: null, corners: {{ shape: [4, 3], data }} }}, 0);
        const outline = cell.outline.map(u => rotated(eye, u));
        const parts = [true, false].map(near => cut(outline, ball, near));
        return {{ parts, w: ball.w, edge: ball.edge }};
    }})()"""
    seen = js(script)
    near, far = (np.array(part) @ seen["w"] - seen["edge"] for part in seen["parts"])
    assert near.min() > -2e-3 and far.max() < 2e-3 and near.max() > 0.1 and far.min() < -0.1
    on_edge = [np.abs(side) < 2e-3 for side in (near, far)]
    assert all(side.sum() >= 3 for side in on_edge)  # the arc has points of its own
    for part in seen["parts"]:
        np.testing.assert_allclose(np.linalg.norm(part, axis=1), 1, atol=2e-3)


def test_a_stroke_keeps_its_shape_with_fewer_points(js):
    t = np.linspace(0, 1, 400)
    wave = np.stack([t, 0.3 * np.sin(12 * t)], -1)
    straight = np.stack([t, 2 * t], -1)
    fewer = np.array(js("fewer(argument, 0.002, 0.002)", wave.tolist()))
    assert len(fewer) < 60
    off = np.abs(np.interp(t, fewer[:, 0], fewer[:, 1]) - wave[:, 1])
    assert off.max() < 0.002 * np.hypot(1, 3.6) * 1.01  # across the stroke 0.002, upwards more where it is steep
    assert js("fewer(argument, 0.002, 0.002).length", straight.tolist()) == 2
    scribble = np.random.default_rng(0).uniform(0, 1, (3000, 2)).tolist()
    assert js("fewer(argument, 1e-6, 1e-6).length", scribble) == 500
    assert js("fewer([[1, 2]], 1, 1)") == [[1, 2]]


@pytest.mark.parametrize(
    ("a", "b", "part", "step"),
    [(10, 20, 0.5, 15), (250, 4, 0.5, 254.5), (4, 250, 0.25, 2), (1, 250, 0.5, 253), (0, 127, 1, 127)],
)
def test_angles_turn_the_shorter_way(js, a, b, part, step):
    """Steps of 1/255 of a turn; the colours here are the places on the map."""
    script = """(() => {
        const out = new Uint32Array(1);
        const [a, b, part] = argument;
        const colors = Array.from({ length: 256 }, (_, k) => k + 1);
        paintAngles({ values: { data: [a, b] } }, { out, width: 1, height: 1, colors, from: 0, to: 1, part });
        return out[0] - 1;
    })()"""
    assert abs(js(script, [a, b, part]) - step) <= 0.5


def test_key_frames_stand_where_they_are_put(js):
    layer = "{ frames: 11, values: { shape: [4, 2, 2] }, times: argument && { data: argument } }"
    at = f"[0, 1, 2, 4, 7, 10].map(t => fieldTime({layer}, t))"
    assert js(at) == pytest.approx([0, 0.3, 0.6, 1.2, 2.1, 3])
    assert js(at, [1, 2, 4, 8]) == pytest.approx([0, 0, 1, 2, 2.75, 3])


def test_the_wheel_of_colours_closes_and_is_even(js):
    """All equally light, equally far from their neighbours, and the last is the first."""
    wheel = np.array(js("wheel(0.68, 0.115).map(c => oklab(c))"))
    np.testing.assert_allclose(wheel[:, 0], 0.68, atol=0.002)
    np.testing.assert_allclose(wheel[0], wheel[-1], atol=1e-6)
    steps = np.linalg.norm(np.diff(wheel, axis=0), axis=1)
    assert steps.max() < 1.3 * steps.min()


def test_markers_jump_or_glide(js):
    """A place that goes a little way glides; one that goes through the border, or appears, waits for its frame."""
    script = """[0, 0.4, 0.6, 1].map(t => markerPlaces({ frames: 2, positions: { shape: [2, 3, 2],
        data: [0, 0, 9.9, 5, NaN, NaN, 0.4, 0, 0.1, 5, 3, 3] } }, { t, box: { panel: { x: [0, 10], y: [0, 10] } } }))"""
    seen = np.array([[[np.nan if v is None else v for v in place] for place in frame] for frame in js(script)], float)
    np.testing.assert_allclose(seen[:, 0, 0], [0, 0.16, 0.24, 0.4])
    np.testing.assert_allclose(seen[:, 1, 0], [9.9, 9.9, 0.1, 0.1])
    assert np.isnan(seen[:2, 2]).all() and (seen[2:, 2] == 3).all()


def test_a_legend_stays_beside_its_neighbours(js):
    """The scale of a small panel lay over the legend of the next one: there it is shorter, then without numbers."""
    script = """argument.map(width => {
        const field = { kind: "field", name: "Landscape: −log density", low: 0, high: 9 };
        const [[item]] = legendLines({ layers: [field] }, {}, width, text => 6 * text.length);
        return [item.width, item.bar, item.ends !== null, item.words];
    })"""
    whole, shorter, bare, squeezed = js(script, [400, 210, 160, 100])
    name = 6 * len("Landscape: −log density")
    assert whole == [name + 8 + 24 + 72, 72, True, name]
    assert shorter[0] == 210 and 24 <= shorter[1] < 72 and shorter[2:] == [True, name]
    assert bare == [160, 14, False, name]
    assert squeezed[:3] == [100, 10, False] and squeezed[3] == 82
