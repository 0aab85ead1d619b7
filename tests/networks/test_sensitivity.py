"""Importance of units: the parabola of the last hidden layer, identities of ReLU, and a quadrature that converges."""

import numpy as np
import pytest

from demos.networks.sensitivity.config import SensitivityConfig
from demos.networks.sensitivity.importance import along_the_way, by_inputs, by_weights, importance
from demos.networks.sensitivity.network import Network


@pytest.fixture(scope="module")
def trained():
    network = Network(SensitivityConfig(steps=60, width=8, examples=32))
    return network, network.train().states[-1]


def test_two_derivatives_are_exact_in_the_last_hidden_layer_and_one_is_not(trained):
    found = importance(*trained)
    np.testing.assert_allclose(found.second[1], found.removed[1], atol=1e-13)
    assert np.abs(found.first[1] - found.removed[1]).max() > 0.01
    assert np.abs(found.second[0] - found.removed[0]).max() > 1e-4  # units of the next layer turn on and off


def test_theta_times_gradient_is_the_same_into_and_out_of_a_unit(trained):
    into, out = by_weights(*trained)
    np.testing.assert_allclose(into, out, atol=1e-14)
    np.testing.assert_allclose(-importance(*trained).first, into, atol=1e-14)


def test_the_gradient_along_the_way_out_sums_to_the_cost(trained):
    removed = importance(*trained).removed
    walked, bound = along_the_way(*trained, nodes=50)
    np.testing.assert_allclose(walked[1], removed[1], atol=1e-13)
    assert (np.abs(walked[0] - removed[0]) <= bound[0]).all() and bound[0].max() < 0.05 * np.abs(removed).max()


def test_slopes_by_inputs_are_products_of_matrices(trained):
    np.testing.assert_allclose(*by_inputs(*trained), atol=1e-12)
