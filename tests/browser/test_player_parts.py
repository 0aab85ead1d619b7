"""The pieces of the player that compute, alone in a browser: the payload's reader, contour lines, ticks, numbers."""

import base64

import numpy as np
import pytest

from demos.picture import Field, Panel, Picture, Points, Readout
from demos.picture.payload import decode, encode

pytestmark = pytest.mark.browser


def test_the_browser_reads_what_python_wrote(js):
    noise = np.random.default_rng(0)
    positions = noise.normal(size=(5, 7, 2))
    positions[2, 3] = np.nan
    labels = noise.integers(0, 3, (5, 7))
    x = np.linspace(0, 6, 160)
    drift = np.array([np.sin(x[:, None] + k / 9) * np.cos(x) for k in range(5)])  # long and smooth: it is packed
    layers = [Points("p", positions, labels=labels, label_names=("a", "b", "c")), Field("f", noise.normal(size=(4, 6))),
              Field("moving", drift)]  # fmt: skip
    payload = encode(Picture([Panel((-3, 3), (-4, 4), layers)], Readout("t", np.arange(5) / 7)), odd=True)
    # One byte in front: the message that carries the bytes does not align them.
    read = """await (async () => {
        const bytes = Uint8Array.from(atob(argument), c => c.charCodeAt(0)).subarray(1);
        const picture = await decode(bytes);
        const [points, field, moving] = picture.panels[0].layers;
        const { data, low, high } = points.positions;
        return { clock: [...picture.clock.values.data], labels: [...points.labels.data], field: [...field.values.data],
            positions: [...data].map((q, k) => q === MISSING ? null :
                low[k % 2] + (q + 32767) / 65534 * (high[k % 2] - low[k % 2])), extra: picture.extra,
            moving: [...moving.values.data], packed: moving.values.packed };
    })()"""
    seen = js(read, base64.b64encode(b"!" + payload).decode())
    header = decode(payload)
    points, field, moving = header["panels"][0]["layers"]
    assert seen["packed"] < 0.8 * drift.size
    low, high = moving["low"], moving["high"]
    unpacked = low + np.array(seen["moving"]) / 254 * (high - low)
    np.testing.assert_allclose(unpacked, moving["values"].ravel(), atol=1e-12)
    assert seen["extra"] == {"odd": True}
    assert seen["clock"] == list(np.arange(5) / 7)
    assert seen["labels"] == labels.ravel().tolist()
    assert seen["field"] == field["values"].ravel().tolist()
    here = np.array([np.nan if v is None else v for v in seen["positions"]]).reshape(5, 7, 2)
    np.testing.assert_allclose(here, points["positions"], atol=1e-12)
    assert np.isnan(here[2, 3]).all() and np.isfinite(np.delete(here.reshape(-1, 2), 17, 0)).all()


def test_contour_lines_of_a_cone_are_circles(js):
    """On r the interpolation along an edge errs by less than h²/(8 r): each line is one closed circle within that."""
    n, radius = 101, 30.0
    row, col = np.mgrid[:n, :n] - (n - 1) / 2
    values = np.hypot(row, col).ravel().tolist()
    lines = js("contour(argument[0], argument[1], argument[1], argument[2])", [values, n, radius])
    assert len(lines) == 1
    line = np.array(lines[0]) - (n - 1) / 2
    assert (line[0] == line[-1]).all()
    assert np.abs(np.hypot(*line.T) - radius).max() < 1 / (8 * radius)
    length = np.hypot(*np.diff(line, axis=0).T).sum()
    assert length == pytest.approx(2 * np.pi * radius, rel=2e-3)


def test_contour_lines_at_a_saddle_do_not_cross(js):
    """xy = ±c on one cell's corners: two branches, joined as the mean of the corners says."""
    x = np.linspace(-1, 1, 8)
    values = np.outer(x, x).ravel().tolist()
    for level in (0.01, -0.01):
        lines = js("contour(argument[0], 8, 8, argument[1])", [values, level])
        assert len(lines) == 2
        for line in lines:
            at = np.array(line) / 3.5 - 1
            assert (np.sign(at[:, 0] * at[:, 1]) == np.sign(level)).all()


def test_contour_lines_stop_where_values_are_missing(js):
    values = np.tile(np.arange(6.0), (6, 1))
    values[:, :] += 0.0
    listed = values.ravel().tolist()
    assert len(js("contour(argument, 6, 6, 2.5)", listed)) == 1
    broken = js("(argument[14] = NaN, contour(argument, 6, 6, 2.5))", listed)
    assert len(broken) == 2


@pytest.mark.parametrize(
    ("low", "high", "most", "texts"),
    [
        (-2.1, 2.1, 5, ["−2", "−1", "0", "1", "2"]),
        (0, 1, 5, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0, 0.0035, 4, ["0", "0.001", "0.002", "0.003"]),
        (0, 2.5e6, 3, ["0", "1.0·10⁶", "2.0·10⁶"]),
    ],
)
def test_ticks_are_round_numbers(js, low, high, most, texts):
    assert js("ticks(...argument).map(t => t.text)", [low, high, most]) == texts


@pytest.mark.parametrize(
    ("scale", "low", "high", "places", "texts"),
    [
        ("log", -3.7, 2.3, [-3, -2, -1, 0, 1, 2], ["0.001", "0.01", "0.1", "1", "10", "100"]),
        ("log", -0.2, 1.2, [0, np.log10(3), 1], ["1", "3", "10"]),
        ("log", -400.5, -199, [-400, -350, -300, -250, -200],
         ["10⁻⁴⁰⁰", "10⁻³⁵⁰", "10⁻³⁰⁰", "10⁻²⁵⁰", "10⁻²⁰⁰"]),  # no such number
        ("log2", -0.4, 8.4, [0, 2, 4, 6, 8], ["1", "4", "16", "64", "256"]),
        ("log2", -1.2, 1.4, [-1, 0, 1], ["0.50", "1", "2"]),
        ("log", 0.35, 0.653, np.log10([2.5, 3, 3.5, 4]), ["2.5", "3.0", "3.5", "4.0"]),  # no 2 and no 5 within it
        (2, 0, 17.3, [0, 20**0.5, 10, 200**0.5], ["0", "20", "100", "200"]),
        (2, 0, 141.5, np.sqrt([0, 300, 2000, 5000, 10000, 20000]), ["0", "300", "2000", "5000", "10000", "20000"]),
        (3, -0.2, 5.5, [0, 1, 10 ** (1 / 3), 30 ** (1 / 3), 50 ** (1 / 3), 100 ** (1 / 3)],
         ["0", "1", "10", "30", "50", "100"]),
    ],
)  # fmt: skip
def test_ticks_of_scaled_axes_name_the_quantity_itself(js, scale, low, high, places, texts):
    found = js("ticksAcross(...argument)", [{"x": [low, high], "x_scale": scale, "layers": []}, 5])
    assert [tick["text"] for tick in found] == texts
    assert [tick["value"] for tick in found] == pytest.approx(places, abs=1e-6)


def test_numbered_cells_have_no_ticks_between_them(js):
    panel = {"y": [0.5, 4.5], "layers": [{"kind": "field", "crisp": True}]}
    assert js("ticksUp(argument, 8).map(t => t.text)", panel) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("format(3.14159)", "3.14"),
        ("format(-0.00123456)", "−0.00123"),
        ("format(0.5, 2)", "0.50"),
        ("format(123456.7)", "1.23·10⁵"),
        ("format(4.2e-7, 2)", "4.2·10⁻⁷"),
        ("format(204000, 3, true)", "204\u202f000"),
        ("format(NaN)", "–"),
        ("format(-Infinity)", "−∞"),
        ("format(-0.0004, 3, false, 2)", "0.00"),
        ("format(-0.006, 3, false, 2)", "−0.01"),
        ("formatEnds(0.0006, 4).join(' ')", "0 4"),
        ("formatEnds(-0.31, 0.31).join(' ')", "−0.31 0.31"),
        ("String(commonDecimals([0, 0.04, 4.76], 3))", "2"),
        ("String(commonDecimals([1e-6, 10], 3))", "null"),
    ],
)
def test_numbers_are_written_as_people_write_them(js, call, text):
    assert js(call) == text


def test_ticks_come_to_an_end_where_neighbouring_whole_numbers_are_equal(js):
    assert 0 < js("ticks(1e17, 1e17 + 64, 5).length") < 20


def test_what_is_missing_in_the_next_frame_is_still_there_at_this_one(js):
    """Two frames; at the first one, nothing depends on the second, in which everything is missing."""
    found = js(
        """(() => {
            const flat = (d) => ({ data: new Int16Array(2 * d).fill(MISSING, d), shape: [2, 1, d],
                low: [0, 0, 0].slice(3 - d), high: [1, 1, 1].slice(3 - d) });
            const box = { sx: v => v, sy: v => v, kx: 1, ky: 1 }, frames = 2;
            const angles = { shape: [2, 3] }, gone = { data: Float32Array.of(1, 1, NaN, NaN), shape: [2, 2] };
            const eye = { middle: [0, 0, 0], turn: [1, 0, 0, 0, 1, 0, 0, 0, 1] };
            return [t => placeOfPoint({ positions: flat(2) }, box)(t, 0) ?? [NaN],
                t => [...linePlaces({ positions: flat(2) }, { box, t })],
                t => [...spherePlaces({ positions: flat(3), frames }, { t }, eye)],
                t => profileNow({ radii: gone, heights: gone }, t).flatMap(({ z, r }) => [z, r]),
                t => [between({ by_angle: true, angles, frames }, { t }, 3)[1] === 0 ? 0 : NaN],
            ].map(places => [0, 0.5].map(t => places(t).every(Number.isFinite)));
        })()"""
    )
    assert found == [[True, False]] * 5


def test_text_with_marks_is_compressed_into_its_room_as_other_text_is(js):
    ink = """(() => [200, 60].map(most => {
        const ctx = new OffscreenCanvas(400, 60).getContext("2d");
        ctx.font = "20px sans-serif";
        fillRich(ctx, "E_{of the whole path}", 0, 30, most);
        const { data } = ctx.getImageData(0, 0, 400, 60);
        const inked = Array.from({ length: 400 }, (_, x) => x).filter(x =>
            Array.from({ length: 60 }, (_, y) => data[4 * (400 * y + x) + 3]).some(alpha => alpha > 0));
        return [inked.at(-1), measureRich(ctx, "E_{of the whole path}")];
    }))()"""
    (free, width), (squeezed, same) = js(ink)
    assert 60 < width < 200 and same == width
    assert free == pytest.approx(width, abs=3) and squeezed == pytest.approx(60, abs=3)


def test_the_frames_of_a_clip_keep_their_size(js):
    """The player has become twice as wide: the picture is half as large, between stripes of the paper's colour."""
    found = js(
        """(() => {
            const canvas = Object.assign(document.createElement("canvas"), { width: 168, height: 50 });
            const theme = { paper: [255, 255, 255], muted: [0, 0, 0], font: "sans-serif" };
            const s = { ui: { canvas, cells: [] }, fonts: { size: 14 }, dpr: 1, theme, t: 0 };
            const target = compose(s), size = [target.width, target.height];
            canvas.width = 168 * 2 + 32;
            canvas.getContext("2d").fillRect(0, 0, 400, 50);
            composeWithin(s, target, document.createElement("canvas"));
            const at = (x, y) => target.getContext("2d").getImageData(x, y, 1, 1).data[0];
            return [target.width === size[0] && target.height === size[1], at(100, 2), at(100, 40), at(3, 40)];
        })()"""
    )
    assert found == [True, 255, 0, 255]


@pytest.mark.parametrize(
    ("seconds", "limit"),
    [
        ("1 / 30", 2),  # whatever the resolution: the browser saves power
        ("0.035 * (s.dpr / 2) ** 2 + 0.002", 1.4),  # a slow machine: 37 ms, and 19 ms at 0.7 of the resolution
        ("0.2 * (s.dpr / 2) ** 2 + 0.002", 1),  # a very slow one: 202 ms, and still 52 ms
        ("1 / 60", 2),
    ],
)
def test_the_resolution_is_lowered_where_that_helps(js, seconds, limit):
    found = js(
        f"""(() => {{
            const s = {{ limit: 2, pace: {{ ...PACE }}, dpr: 2 }};
            for (let k = 0; k < 400; k++) {{
                keepPace(s, {seconds});
                s.dpr = Math.min(2, s.limit);
            }}
            return s.limit;
        }})()"""
    )
    assert found == pytest.approx(limit)


def test_colours_go_through_oklab_and_back(js):
    for color in ("#000000", "#ffffff", "#0072b2", "#c75300"):
        assert js("rgb(css(fromOklab(oklab(rgb(argument)))))", color) == js("rgb(argument)", color)
    assert js("ramp(['#000', '#fff'].map(rgb)).map(c => Math.round(oklab(c)[0] * 100))[128]") == 50
