"""The bytes that travel to the browser: what goes in comes out, within what was promised."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demos.picture import Arrows, Curve, Field, Lines, Markers, Panel, Picture, Points, Readout
from demos.picture.payload import MAGIC, decode, encode, head, header

FRAMES, COUNT = 6, 11
X, Y = (-2.0, 3.0), (10.0, 10.5)
CLOCK = Readout("t", np.linspace(0, 1, FRAMES), "s")


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 1, shape)


def places(seed: int = 0) -> np.ndarray:
    return noise(FRAMES, COUNT, 2, seed=seed) * [5.0, 0.5] + [-2.0, 10.0]


def picture(*layers, **panel) -> Picture:
    return Picture([Panel(X, Y, layers, **panel)], CLOCK)


def layer(one, **panel) -> dict:
    return decode(encode(picture(one, **panel)))["panels"][0]["layers"][0]


def test_everything_comes_back():
    layers = [
        Field("still", noise(4, 5), contours=3, opacity=0.5),
        Field("moving", noise(3, 4, 5), colors="diverging", shown=False),
        Points("cloud", places(), labels=np.arange(COUNT) % 2, label_names=("a", "b"), trail=3),
        Points("valued", places(), values=noise(FRAMES, COUNT), value_name="speed"),
        Arrows("force", noise(4, 2), noise(4, 2)),
        Markers("places", noise(2, 2), ["A", "B"], ["minimum", "saddle"]),
        Curve("line", noise(8), noise(FRAMES, 8), color=2),
        Curve("bars", np.arange(9.0), noise(8), stepped=True, filled=True),
    ]
    shown = Picture(
        [Panel(X, Y, layers, title="T", x_label="x", clickable=True, weight=2.0, row=1)],
        CLOCK,
        [Readout("steps", np.arange(FRAMES) * 1000), Readout("energy", noise(FRAMES), "kT")],
        seconds=4,
        alt="A test.",
    )
    header = decode(encode(shown, compact=True))
    assert header["frames"] == FRAMES and header["seconds"] == 4 and header["alt"] == "A test."
    assert header["extra"] == {"compact": True}
    assert header["clock"]["unit"] == "s" and (header["clock"]["values"] == CLOCK.values).all()
    assert [readout["whole"] for readout in header["readouts"]] == [True, False]
    panel = header["panels"][0]
    assert panel["title"] == "T" and panel["clickable"] and panel["row"] == 1 and panel["y"] == list(Y)
    still, moving, cloud, valued, force, marks, line, bars = panel["layers"]
    assert [one["kind"] for one in panel["layers"]] == "field field points points arrows markers curve curve".split()
    np.testing.assert_array_equal(still["values"], layers[0].values.astype("f4"))
    assert len(still["levels"]) == 3 and still["low"] < min(still["levels"]) and max(still["levels"]) < still["high"]
    assert moving["low"] == -moving["high"] and not moving["shown"]
    np.testing.assert_allclose(moving["values"], layers[1].values, atol=moving["high"] / 254)
    np.testing.assert_array_equal(cloud["labels"], np.arange(COUNT) % 2)
    np.testing.assert_allclose(valued["values"], layers[3].values, atol=0.5 / 254)
    np.testing.assert_array_equal(force["vectors"], layers[4].vectors.astype("f4"))
    assert marks["symbols"] == ["minimum", "saddle"]
    np.testing.assert_array_equal(line["y"], layers[6].y.astype("f4"))
    assert bars["stepped"] and bars["x"].shape == (9,)


@pytest.mark.parametrize("kind", ["f4", "f8"])
def test_positions_are_kept_to_a_65534th_of_twice_the_panel(kind):
    sent = places().astype(kind)
    got = layer(Points("p", sent))["positions"]
    allowed = 0.5001 * 2 * np.array([5.0, 0.5]) / 65534
    if kind == "f4":
        allowed = allowed + 2 * np.finfo("f4").eps * np.array([5.0, 11.0])  # the input's own rounding, at 10
    assert (np.abs(got - sent) <= allowed).all()


@given(x=st.floats(allow_nan=True, allow_infinity=True), y=st.floats(allow_nan=True, allow_infinity=True))
def test_what_is_outside_or_not_finite_is_not_drawn(x, y):
    sent = places()
    sent[2, 5] = x, y
    got = layer(Points("p", sent))["positions"]
    drawn = -4.5 <= x <= 5.5 and 9.75 <= y <= 10.75
    assert np.isfinite(got[2, 5]).all() == drawn
    if drawn:
        assert abs(got[2, 5, 0] - x) <= 10 / 65534 and abs(got[2, 5, 1] - y) <= 1 / 65534
    assert np.isfinite(np.delete(got.reshape(-1, 2), 2 * COUNT + 5, axis=0)).all()


def test_missing_values_and_fields():
    values = noise(FRAMES, COUNT)
    values[1, 2], values[3, 4] = np.nan, np.inf
    got = layer(Points("p", places(), values=values))["values"]
    assert np.argwhere(~np.isfinite(got)).tolist() == [[1, 2], [3, 4]]
    field = noise(4, 5)
    field[0, 0], field[1, 1] = np.inf, 1e300  # 1e300 is beyond float32
    with_hole = layer(Field("f", np.where(field > 1e10, np.nan, field)))
    assert with_hole["high"] <= 1 and np.isnan(with_hole["values"][0, 0])
    constant = layer(Field("f", np.full((3, 3), 2.0), contours=5))
    assert constant["levels"] == [] and constant["low"] == constant["high"] == 2


def test_captions_are_kept_once_each():
    words = ["start", "moving", "moving", "moving", "end", "end"]
    captions = decode(encode(picture(captions=words)))["panels"][0]["captions"]
    assert captions["texts"] == ["start", "moving", "end"]
    assert [captions["texts"][k] for k in captions["index"]] == words


def test_the_same_picture_gives_the_same_bytes_and_another_does_not():
    first = encode(picture(Points("p", places())))
    assert first == encode(picture(Points("p", places())))
    moved, renamed = picture(Points("p", places(1))), picture(Points("q", places()))
    others = [moved, renamed, picture(Points("p", places()), title="T")]
    hashes = {decode(encode(other))["hash"] for other in others} | {decode(first)["hash"]}
    assert len(hashes) == 4
    assert decode(encode(picture(Points("p", places())), compact=True))["hash"] not in hashes


def test_the_head_of_a_picture_stands_for_it_where_no_array_is_needed():
    payload = encode(picture(Points("p", places())))
    assert header(head(payload)) == header(payload) and len(head(payload)) < len(payload)


def test_arrays_start_on_multiples_of_eight_bytes():
    payload = encode(picture(Points("odd", places()), Curve("c", noise(3), noise(3)), title="ü" * 3))
    assert payload[:4] == MAGIC
    length = int.from_bytes(payload[4:8], "little")
    assert (8 + length) % 8 == 0
    offsets = []

    def collect(item):
        if isinstance(item, dict) and "at" in item:
            offsets.append(item["at"])
        for part in item.values() if isinstance(item, dict) else item if isinstance(item, list) else ():
            collect(part)

    collect(json.loads(payload[8 : 8 + length]))
    assert len(offsets) == 4 and all(at % 8 == 0 for at in offsets)


def test_a_default_picture_is_small():
    """2,000 particles × 120 frames, a label for each, a field of 96 × 96: at most 1.5 MB."""
    cloud = Points("p", noise(120, 2000, 2), labels=np.zeros((120, 2000), int), label_names=("a", "b"))
    panel = Panel((0, 1), (0, 1), [Field("f", noise(96, 96), contours=10), cloud])
    assert len(encode(Picture([panel], Readout("t", np.arange(120.0))))) <= 1_500_000


BAD = [
    (Points("p", noise(5, COUNT, 2)), "Layer 'p' of panel 0: positions have the shape (5, 11, 2); (6, N, 2)"),
    (Points("p", noise(FRAMES, COUNT, 3)), "(6, N, 2) is needed"),
    (Points("p", places(), labels=np.zeros(3)), "labels have the shape (3,)"),
    (Points("p", places(), labels=np.full(COUNT, 2), label_names=("a", "b")), "whole numbers from 0 to 1"),
    (Points("p", places(), labels=np.full(COUNT, 0.5), label_names=("a", "b")), "whole numbers from 0 to 1"),
    (Points("p", places(), values=noise(COUNT, FRAMES)), "values have the shape (11, 6)"),
    (Field("f", noise(5)), "values have the shape (5,)"),
    (Field("f", noise(1, 5)), "(H, W) or (K, H, W) is needed"),
    (Field("f", noise(4, 5), colors="rainbow"), "no colour map named 'rainbow'"),
    (Field("f", noise(3, 4, 5), contours=4), "a field that moves has no contour lines"),
    (Field("f", noise(3, 4, 5), at=[0, 2]), "`at` has 2 places; 3 are needed"),
    (Field("f", noise(3, 4, 5), at=[0, 2, 6]), "must rise and stay within the frames, 0 to 5"),
    (Field("f", noise(4, 5), at=[0]), "a field that stands still has no `at`"),
    (Field("f", noise(4, 5), limits=(1, 1)), "limits cannot run from 1 to 1"),
    (Field("f", noise(4, 5), strength=noise(5, 4)), "strength has the shape (5, 4); the values' shape (4, 5)"),
    (Field("f", noise(4, 5), colors="cyclic", contours=3), "angles have no contour lines"),
    (Lines("l", noise(4, 3)), "(M, 2) or (6, M, 2) is needed"),
    (Lines("l", noise(4, 2), starts=[1, 2]), "starts must be whole numbers that rise from 0 and stay below 4"),
    (Lines("l", noise(4, 2), starts=[0, 4]), "stay below 4"),
    (Lines("l", noise(4, 2), starts=[0, 2], labels=[0]), "labels have the shape (1,); (2,) or (6, 2) is needed"),
    (Lines("l", noise(4, 2), labels=[0], label_names=("a",), label_colors=(1, 2)), "1 labels need as many"),
    (Markers("m", noise(5, 2, 2), ["", ""], ["plus", "minus"]), "(K, 2) or (6, K, 2) is needed"),
    (Arrows("a", noise(3, 2), noise(4, 2)), "must both be (K, 2)"),
    (Arrows("a", noise(3, 2), noise(5, 3, 2)), "or the vectors (6, K, 2)"),
    (Markers("m", noise(2, 2), ["A"], ["minimum", "saddle"]), "2 places need as many labels and symbols"),
    (Markers("m", noise(1, 2), ["A"], ["star"]), "the symbol 'star' is not one of minimum, saddle, cross, dot, ring"),
    (Curve("c", noise(4), noise(5)), "Layer 'c' of panel 0: x (4,) does not fit y (5,)"),
    (Curve("c", noise(4), noise(4), stepped=True), "x (4,) does not fit y (4,)"),
    (Curve("c", noise(4), noise(5, 4)), "does not fit"),
    (Curve("c", np.array(["a", "b"]), noise(2)), "Layer 'c' of panel 0: this is not an array of numbers"),
    ("nothing", "there is no layer of the kind"),
]


@pytest.mark.parametrize(("one", "words"), BAD)
def test_what_does_not_fit_is_named_in_one_sentence(one, words):
    if one == "nothing":
        one = type("Sphere", (), {"name": "s", "shown": True})()
    with pytest.raises(ValueError) as problem:
        encode(picture(one))
    assert words in str(problem.value)
    assert "\n" not in str(problem.value) and str(problem.value).endswith(".")


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (Picture([], CLOCK), "at least one panel"),
        (Picture([Panel((0, 0), Y, [])], CLOCK), "Panel 0: x cannot run from 0 to 0"),
        (Picture([Panel(X, (0, np.nan), [])], CLOCK), "Panel 0: y cannot run from 0 to nan"),
        (Picture([Panel(X, Y, [])], Readout("t", np.zeros(0))), "at least one frame"),
        (Picture([Panel(X, Y, [])], CLOCK, [Readout("U", np.zeros(3))]), "Readout 'U' has 3 values; 6 are needed"),
        (Picture([Panel(X, Y, [])], CLOCK, seconds=0), "cannot last 0 seconds"),
        (Picture([Panel(X, Y, [], captions=["a"])], CLOCK), "Panel 0 has 1 captions; 6 are needed"),
    ],
)
def test_a_picture_that_cannot_be(bad, words):
    with pytest.raises(ValueError, match=words):
        encode(bad)


def test_other_bytes_are_not_a_picture():
    with pytest.raises(ValueError, match="not a picture"):
        decode(b"something else")
