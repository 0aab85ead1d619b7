"""Layers that move, angles, and packed fields: what goes in comes out."""

import numpy as np
import pytest

from demos.picture import Arrows, Field, Lines, Markers, Panel, Picture, Readout
from demos.picture.payload import decode, encode, header

FRAMES, COUNT = 6, 11
X, Y = (-2.0, 3.0), (10.0, 10.5)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 1, shape)


def places() -> np.ndarray:
    return noise(FRAMES, COUNT, 2) * [5.0, 0.5] + [-2.0, 10.0]


def picture(one) -> Picture:
    return Picture([Panel(X, Y, [one])], Readout("t", np.arange(FRAMES)))


def layer(one) -> dict:
    return decode(encode(picture(one)))["panels"][0]["layers"][0]


def test_moving_arrows_markers_and_lines_come_back():
    angles = noise(FRAMES, 7) * 20 - 10
    turning = np.stack([np.cos(angles), np.sin(angles)], -1) * 3.0
    turning[2, 3] = 0, 0  # no direction
    got = layer(Arrows("spins", noise(7, 2), turning, by_angle=True))
    apart = np.angle(np.exp(1j * (got["angles"] - angles)))
    assert np.argwhere(np.isnan(apart)).tolist() == [[2, 3]]
    assert np.nanmax(np.abs(apart)) <= np.pi / 255 + 1e-9
    moving = noise(FRAMES, 7, 2)
    np.testing.assert_array_equal(layer(Arrows("v", noise(7, 2), moving))["vectors"], moving.astype("f4"))
    tracks = places()[:, :4]
    tracks[3:, 1] = np.nan
    marks = layer(Markers("vortices", tracks, [""] * 4, ["plus", "minus", "ring", "dot"]))
    np.testing.assert_array_equal(marks["positions"], tracks.astype("f4"))
    path = places()
    path[1, 4] = np.nan
    chain = layer(Lines("chain", path, starts=[0, 5], closed=True, labels=[1, 0], label_names=("a", "b"),
                        label_colors=(-1, 3), dots=2))  # fmt: skip
    assert chain["starts"].tolist() == [0, 5] and chain["label_colors"] == [-1, 3] and chain["closed"]
    np.testing.assert_allclose(chain["positions"], path, atol=10 / 65534)
    still = layer(Lines("still", path[0]))
    assert still["positions"].shape == (1, COUNT, 2) and still["starts"].tolist() == [0]


def test_fields_of_angles_at_their_own_times():
    angles, at = noise(3, 4, 5) * 40 - 20, np.array([0, 1.5, 5])
    got = layer(Field("phase", angles, colors="cyclic", at=at, strength=noise(3, 4, 5), crisp=True))
    assert np.abs(np.angle(np.exp(1j * (got["values"] - angles)))).max() <= np.pi / 255 + 1e-9
    assert (got["low"], got["high"], got["crisp"]) == (0, 2 * np.pi, True)
    np.testing.assert_array_equal(got["times"], at)
    np.testing.assert_allclose(got["strength"] / 255, noise(3, 4, 5), atol=0.501 / 255)
    still = layer(Field("phase", np.array([[0, np.pi], [-np.pi / 2, np.nan]]), colors="cyclic"))["values"]
    np.testing.assert_allclose(still[0], [0, np.pi], atol=np.pi / 255)
    assert still[1, 0] == pytest.approx(1.5 * np.pi, abs=np.pi / 255) and np.isnan(still[1, 1])


def test_limits_are_the_ends_of_the_colour_map():
    values = np.stack([np.linspace(-3, 3, 20).reshape(4, 5)] * 2)
    got = layer(Field("f", values, limits=(-1, 2)))
    assert (got["low"], got["high"]) == (-1, 2)
    np.testing.assert_allclose(got["values"], np.clip(values, -1, 2), atol=3 / 254)
    assert layer(Field("f", values, colors="diverging", limits=(-1, 2)))["low"] == -2


def test_long_moving_fields_are_packed_without_loss():
    """A smooth field that drifts: its changes are small, and packed; noise is not, and neither is a small field."""
    x = np.linspace(0, 6, 128)
    drift = np.array([np.sin(x[:, None] + 0.02 * k) * np.cos(x) for k in range(20)])
    for values, packed in ((drift, True), (noise(20, 128, 128), False), (drift[:, :8, :8], False)):
        payload = encode(picture(Field("f", values)))
        reference = header(payload)["panels"][0]["layers"][0]["values"]
        assert ("packed" in reference) == packed
        got = decode(payload)["panels"][0]["layers"][0]
        np.testing.assert_allclose(got["values"], values, atol=(got["high"] - got["low"]) / 254 / 2 + 1e-9)
        if packed:
            assert len(payload) < 0.5 * values.size
