"""Tests of computations for panels of several demos."""

import numpy as np

from demos.picture.panels import moving_histogram


def test_a_moving_histogram_is_numpys_frame_by_frame():
    values = np.random.default_rng(0).normal(size=(3, 500))
    values[1, :3] = np.nan, np.inf, -np.inf
    edges = np.linspace(-2, 2, 41)
    found = moving_histogram(values, edges)
    for frame, density in zip(values, found, strict=True):
        counts, _ = np.histogram(frame[np.isfinite(frame)], edges)
        np.testing.assert_allclose(density, counts / (500 * 0.1), rtol=1e-12)
