"""Handles, and the bytes of what changes while one of them is dragged."""

import numpy as np
import pytest

from demos.picture import Annotation, Curve, Handles, Lines, Panel, Patch, Picture, Points, Readout, Spheres
from demos.picture.payload import decode, encode, encode_patch, header, no_patch

T = np.linspace(0, 1, 5)
PATH = np.stack([T, T**2], -1)
PICTURE = encode(
    Picture(
        [
            Panel((-2, 2), (0, 2), [Lines("flow", PATH), Points("now", PATH[:, None]), Handles("starts", PATH[:2])]),
            Panel((-1, 1), (-1, 1), [Spheres("balls", np.zeros((5, 2, 3)))], z=(-1, 1)),
        ],
        Readout("t", T),
        [Readout("loss", T, "J")],
    )
)


def test_handles_travel_exactly_with_a_name_and_a_colour_each():
    named = Handles("starts", [[0.1, 0.3]], ("first",), (4,))
    (layer,) = decode(encode(Picture([Panel((0, 1), (0, 1), [named])], Readout("t", T))))["panels"][0]["layers"]
    assert (layer["labels"], layer["colors"], layer["positions"].tolist()) == (["first"], [4], [[0.1, 0.3]])
    plain = header(PICTURE)["panels"][0]["layers"][2]
    assert (plain["labels"], plain["colors"]) == (["starts 1", "starts 2"], [-2, -2])


@pytest.mark.parametrize(
    ("handles", "words"),
    [
        (Handles("h", np.zeros(2)), "finite \\(K, 2\\) is needed"),
        (Handles("h", [[0.0, np.nan]]), "finite \\(K, 2\\) is needed"),
        (Handles("h", [[0.0, 1.1]]), "outside of its panel"),
        (Handles("h", np.zeros((201, 2))), "more than 200"),
        (Handles("h", np.zeros((2, 2)), ("one",)), "as many labels"),
        (Handles("h", np.zeros((2, 2)), (), (1, 2, 3)), "as many colors"),
    ],
)
def test_handles_that_cannot_be_are_refused(handles, words):
    with pytest.raises(ValueError, match=f"Layer 'h' of panel 0.*{words}"):
        encode(Picture([Panel((-1, 1), (-1, 1), [handles])], Readout("t", T)))


def test_a_patch_names_its_picture_and_holds_only_what_changes():
    longer = np.stack([np.linspace(-2, 2, 40), np.linspace(0, 2, 40)], -1)
    patch = Patch(
        {0: [Lines("flow", longer, color=3)]}, [Readout("loss", 2 * T)], {0: ["now"]}, {0: [Annotation("here", 1, 1)]}
    )
    raw = encode_patch(patch, PICTURE, 17)
    seen = decode(raw)
    assert (seen["base"], seen["number"]) == (header(PICTURE)["hash"], 17) and "clock" not in seen
    (part,) = seen["panels"]
    assert (part["panel"], part["hidden"], part["annotations"][0]["text"]) == (0, ["now"], "here")
    (layer,) = part["layers"]
    assert layer["kind"] == "lines" and layer["color"] == 3
    # int16 over twice the panel's range: half a step of 8 / 65534.
    np.testing.assert_allclose(layer["positions"][0], longer, atol=0.5 * 8 / 65534 * (1 + 1e-9))
    assert seen["readouts"][0]["values"].tolist() == (2 * T).tolist()
    assert len(raw) < 1500


def test_nothing_and_the_end_are_patches_too():
    assert decode(encode_patch(Patch(), PICTURE, 3))["panels"] == []
    over = header(no_patch(PICTURE, 9))
    assert over["whole"] is True and (over["base"], over["number"]) == (header(PICTURE)["hash"], 9)


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        (Patch({2: []}), "no panel 2"),
        (Patch({-1: []}), "no panel -1"),
        (Patch({1: [Spheres("balls", np.zeros((5, 2, 3)))]}), "a view into space"),
        (Patch({0: [Lines("other", PATH)]}), "no layer 'other' of the kind lines"),
        (Patch({0: [Curve("flow", T, T)]}), "no layer 'flow' of the kind curve"),
        (Patch({0: [Points("now", PATH[:3, None])]}), r"\(5, N, 2\) is needed"),
        (Patch(readouts=[Readout("gain", T)]), "no readout 'gain'"),
        (Patch(readouts=[Readout("loss", T[:2])]), "5 are needed"),
        (Patch(hidden={0: ["other"]}), "no layer 'other' that could be hidden"),
        (Patch(hidden={7: ["flow"]}), "no panel 7"),
        (Patch(annotations={0: [Annotation("x", 0, 0, frames=(0, 5))]}), "frames 0 to 5 are not within"),
    ],
)
def test_what_does_not_fit_its_picture_is_refused(patch, words):
    with pytest.raises(ValueError, match=words):
        encode_patch(patch, PICTURE)
