"""A visitor's own data as text: there and back, and what is refused."""

import numpy as np
import pytest
import torch

from demos.physics.clusters.xyz_text import decode_atoms, encode_atoms
from demos.physics.config import EnergyConfig


@pytest.mark.parametrize("count", [2, 13, 75])
def test_atoms_come_back(count):
    positions = torch.from_numpy(np.random.default_rng(count).normal(0, 3, (count, 3)))
    text = encode_atoms(positions)
    assert len(text) <= EnergyConfig.controls()["atoms"].most
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


@pytest.mark.parametrize("system", ["cluster", "phase"])
@pytest.mark.parametrize("name", ["atoms", "drawing"])
def test_what_is_not_ours_is_refused_also_where_it_is_not_used(system, name):
    method = "rkc" if system == "cluster" else "etdrk2_adaptive"
    start = "random" if system == "cluster" else "spinodal"
    with pytest.raises(ValueError, match=f"{name[:-1]}.* not one that this page wrote"):
        EnergyConfig(system=system, method=method, start=start, **{name: "nonsense"})
