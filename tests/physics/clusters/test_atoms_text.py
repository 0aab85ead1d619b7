"""Atoms as text: there and back, and what is refused."""

import numpy as np
import pytest
import torch

from demos.physics.clusters.config import ClusterConfig
from demos.physics.clusters.xyz_text import decode_atoms, encode_atoms


@pytest.mark.parametrize("count", [2, 13, 75])
def test_atoms_come_back(count):
    positions = torch.from_numpy(np.random.default_rng(count).normal(0, 3, (count, 3)))
    text = encode_atoms(positions)
    assert len(text) <= ClusterConfig.controls()["atoms"].most
    centred = positions - positions.mean(0)
    assert (decode_atoms(text) - centred).abs().max() < 1e-4


@pytest.mark.parametrize(
    "positions",
    [
        np.zeros((1, 3)),
        np.zeros((76, 3)),
        np.zeros((4, 2)),
        np.full((4, 3), np.nan),
        np.array([[0, 0, 0], [1e4, 0, 0]]),
    ],
)
def test_atoms_that_cannot_be_text(positions):
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        encode_atoms(positions)


@pytest.mark.parametrize("text", ["", "x", "é", "AAAA", "A" * 11, "A" * 4000])
def test_no_atoms(text):
    with pytest.raises(ValueError, match=r"^.*\.$"):
        decode_atoms(text)
