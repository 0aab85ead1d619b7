"""Layers in space: what goes in comes out, and what does not fit is refused."""

import numpy as np
import pytest

from demos.picture import Cells, Globe, Panel, Picture, Points, Readout, Spheres, Surface
from demos.picture.payload import decode, encode

FRAMES, COUNT = 5, 9
BOX = (-1.0, 1.0), (-1.0, 1.0)
Z = (0.0, 4.0)
CLOCK = Readout("t", np.arange(FRAMES))


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 1, shape)


def panel(one, **rest) -> dict:
    rest.setdefault("z", Z)
    return decode(encode(Picture([Panel(*BOX, [one], **rest)], CLOCK)))["panels"][0]


def layer(one) -> dict:
    return panel(one)["layers"][0]


def test_spheres_come_back():
    sent = noise(FRAMES, COUNT, 3) * [2, 2, 4] + [-1, -1, 0]
    sent[1, 2, 2] = np.nan
    got = layer(Spheres("atoms", sent, radius=np.arange(1, COUNT + 1), values=noise(COUNT), value_name="E",
                        bonds=[[0, 1], [3, 8]], bond_length=1.5))  # fmt: skip
    allowed = np.array([2, 2, 4]) * 2 / 65534
    fine = np.isfinite(sent).all(-1)
    assert (np.abs(got["positions"] - sent)[fine] <= 0.5001 * allowed).all()
    assert np.isnan(got["positions"][1, 2]).all() and fine.sum() == FRAMES * COUNT - 1
    assert got["bonds"].tolist() == [[0, 1], [3, 8]] and got["bond_length"] == 1.5
    assert got["radius"].tolist() == list(range(1, COUNT + 1))
    assert layer(Spheres("atoms", sent, radius=0.5))["radius"].tolist() == [0.5] * COUNT


def test_a_panel_in_space_knows_its_view():
    got = panel(Globe("g", radius=2, center=(0, 0, 1), grid=True), view=(10, -5))
    assert got["z"] == list(Z) and got["view"] == [10, -5]
    ball = got["layers"][0]
    assert ball["radius"] == 2 and ball["center"] == [0, 0, 1] and ball["grid"] and ball["kind"] == "globe"


def test_corners_of_cells_lie_on_the_sphere():
    corners = noise(8, 3) + 0.1
    got = layer(Cells("c", corners, [0, 3], labels=[1, 0], label_names=("5", "6"), label_colors=(1, -1), frames=[0, 4]))
    want = corners / np.linalg.norm(corners, axis=1, keepdims=True)
    np.testing.assert_allclose(got["corners"] / 32767, want, atol=0.6 / 32767)
    assert got["starts"].tolist() == [0, 3] and got["since"].tolist() == [0, 4]
    assert layer(Cells("c", corners, [0, 3]))["since"].tolist() == [0, 0]


def test_surfaces_come_back():
    heights, radii = np.linspace(-1, 1, 7), noise(FRAMES, 7)
    got = layer(Surface("film", heights, radii))
    np.testing.assert_array_equal(got["heights"], heights.astype("f4"))
    np.testing.assert_array_equal(got["radii"], radii.astype("f4"))
    assert got["rings"] and got["color"] == -2


BAD = [
    (Spheres("s", noise(FRAMES, 3, 2)), "Layer 's' of panel 0: positions have the shape (5, 3, 2); (5, N, 3)"),
    (Spheres("s", noise(FRAMES, 2001, 3)), "2,001 balls are more than 2,000"),
    (Spheres("s", noise(FRAMES, 3, 3), radius=[1, 2]), "one positive number, or 3 of them"),
    (Spheres("s", noise(FRAMES, 3, 3), radius=0), "one positive number"),
    (Spheres("s", noise(FRAMES, 3, 3), bonds=[[0, 3]]), "whole numbers from 0 to 2"),
    (Spheres("s", noise(FRAMES, 3, 3), bonds=[0, 1]), "bonds must be (K, 2)"),
    (Spheres("s", noise(FRAMES, 3, 3), bond_length=np.inf), "bonds cannot be inf long"),
    (Spheres("s", noise(FRAMES, 3, 3), labels=[0, 1, 2], label_names=("a", "b")), "whole numbers from 0 to 1"),
    (Globe("g", radius=-1), "a sphere cannot have the radius -1"),
    (Globe("g", center=(0, np.nan, 0)), "the centre must be three finite numbers"),
    (Cells("c", np.zeros((4, 3)), [0]), "a corner lies in the centre of the sphere"),
    (Cells("c", noise(4, 2), [0]), "corners have the shape (4, 2); finite (V, 3)"),
    (Cells("c", noise(4, 3) + 1, [0, 5]), "starts must be whole numbers"),
    (Cells("c", noise(4, 3) + 1, [0, 2], frames=[3, 1]), "2 whole numbers below 5 that never fall"),
    (Surface("s", noise(4), noise(3)), "heights have the shape (4,); (M,) or (5, M)"),
    (Surface("s", noise(3), -noise(3)), "a radius is negative"),
    (Surface("s", noise(1), noise(1)), "M ≥ 2"),
    (Points("p", noise(FRAMES, 3, 2)), "lies in the plane, and this panel is a view into space"),
]


@pytest.mark.parametrize(("one", "words"), BAD)
def test_what_does_not_fit_is_named_in_one_sentence(one, words):
    with pytest.raises(ValueError) as problem:
        layer(one)
    assert words in str(problem.value)
    assert "\n" not in str(problem.value) and str(problem.value).endswith(".")


def test_space_and_plane_are_kept_apart():
    with pytest.raises(ValueError, match="lies in space, and this panel has no z"):
        panel(Globe("g"), z=None)
    with pytest.raises(ValueError, match="z cannot run from 1 to 1"):
        panel(Globe("g"), z=(1, 1))
    with pytest.raises(ValueError, match="clickable"):
        panel(Globe("g"), clickable=True, brush=True)
    with pytest.raises(ValueError, match="two finite angles"):
        panel(Globe("g"), view=(np.nan, 0))
