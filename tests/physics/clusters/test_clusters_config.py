"""Clusters of one's own, what a config refuses, and what it brings along."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from demos.physics.bench.pair_potentials import LennardJones, Morse, PowerLaw
from demos.physics.clusters.alignment import aligned
from demos.physics.clusters.basin_map import three_atoms_exactly
from demos.physics.clusters.config import ClusterConfig
from demos.physics.clusters.model import stiffness
from demos.physics.clusters.run import run
from demos.physics.clusters.studies import basin_maps, compare_destinations, studies
from demos.physics.clusters.xyz import read_xyz
from demos.physics.clusters.xyz_text import encode_atoms
from tests.physics.clusters.test_clusters_demo import ABOVE, config, named


def test_a_file_of_ones_own():
    positions = read_xyz("3\n\nAr 0 0 0\nAr 1.2 0 0\nAr 0 1.3 0.1\n")
    result = run(config(start="given", count=3, atoms=encode_atoms(positions)))
    assert named(result)[ABOVE].agrees


def test_a_file_in_other_units_is_noticed():
    positions = read_xyz("3\n\nAr 0 0 0\nAr 3.8 0 0\nAr 0 3.8 0\n")
    result = run(config(start="given", count=3, atoms=encode_atoms(positions), duration=1.0))
    assert any("3.8" in note and "1.12" in note for note in result.notes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"count": 1}, "count = 1 is out of range"),
        ({"count": 100}, "count = 100 is out of range"),
        ({"start": "given"}, "upload an XYZ file"),
        ({"start": "given", "atoms": "nonsense"}, "not one that this page wrote"),
        (
            {"start": "given", "count": 2, "atoms": encode_atoms(torch.tensor([[0.0, 0, 0], [0, 0, 0.01]]))},
            "Atoms 1 and 2 are 0.01 apart",
        ),
        (
            {"start": "given", "count": 3, "atoms": encode_atoms(torch.tensor([[0.0, 0, 0], [0, 0, 1.1]]))},
            "has 2 atoms",
        ),
        ({"potential": "power_law", "repulsion": 6.0, "attraction": 6.0}, "must obey 1 ≤ m < n ≤ 30"),
        ({"potential": "power_law", "repulsion": 5.0, "attraction": 6.0}, "must obey 1 ≤ m < n ≤ 30"),
        ({"start": "icosahedron", "count": 13, "potential": "morse"}, "Lennard-Jones"),
        ({"start": "funnels", "count": 38, "method": "hopping"}, "start it at random"),
        ({"method": "annealing", "hot": 0.1, "cold": 0.2, "step": 0.005}, "above the hottest"),
        ({"method": "hopping", "count": 75, "hops": 2_000}, "take fewer walks"),
        ({"method": "euler", "step": 1e-6}, "take a larger step"),
    ],
)
def test_what_is_refused_is_said_in_one_sentence(changes, words):
    with pytest.raises(ValueError, match=words) as told:
        ClusterConfig(**changes)
    assert str(told.value).endswith(".") and "\n" not in str(told.value)


def test_the_power_law_12_6_is_lennard_jones_and_has_its_shapes():
    config = ClusterConfig(start="icosahedron", potential="power_law")
    values = {name: getattr(config, name) for name in ClusterConfig.controls()}
    assert ClusterConfig.adapt(config, values)["start"] == "icosahedron"
    assert ClusterConfig.adapt(config, values | {"repulsion": 9.0})["start"] == "random"
    with pytest.raises(ValueError, match="Lennard-Jones"):
        config.replace(repulsion=9.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("100000\n\nAr 0 0 0\n", "has 100000 atoms; 2 to 75"),
        ("2\n\nAr 0 0 0\nAr 0 0 zero\n", "Line 4 has 'zero'"),
        ("1\n\nAr 0 0 0\n", "has 1 atom;"),
        ("hello", "begins with the number"),
    ],
)
def test_files_that_are_no_clusters(text, words):
    with pytest.raises(ValueError, match=words):
        read_xyz(text)


def test_a_choice_brings_what_goes_with_it():
    def choose(before: ClusterConfig, **changes) -> ClusterConfig:
        values = {name: getattr(before, name) for name in ClusterConfig.controls()}
        return ClusterConfig(**ClusterConfig.adapt(before, values | changes))

    funnels = choose(ClusterConfig(), start="funnels")
    assert funnels.count == 38
    assert choose(funnels, potential="morse").start == choose(funnels, method="hopping").start == "random"
    cooled = choose(ClusterConfig(), method="annealing")
    assert (cooled.duration, cooled.step) == (40.0, 0.005) and choose(cooled, method="rkc").duration == 20.0


def test_clusters_are_aligned_each_other():
    """Renumbered, turned and moved, a cluster is the same cluster."""
    random = np.random.default_rng(4)
    points = random.standard_normal((13, 3))
    near = points + 0.01 * random.standard_normal((13, 3))
    turned = Rotation.from_rotvec([0.2, -0.3, 0.1]).apply(near)
    moved = aligned(turned[random.permutation(13)] + 3.0, points)
    assert np.abs(moved - (points - points.mean(0))).max() < 0.05


def test_stiffness_is_one_for_lennard_jones_and_its_morse_twin():
    assert stiffness(LennardJones()) == pytest.approx(1) and stiffness(Morse(6.0)) == pytest.approx(1)
    assert stiffness(PowerLaw(12, 6)) == pytest.approx(1) and stiffness(PowerLaw(9, 4)) == pytest.approx(0.5)


def test_optimizers_and_the_flow_are_counted_from_the_same_starts(monkeypatch):
    monkeypatch.setattr("demos.physics.clusters.studies.MOST_STARTS", 8)
    table = compare_destinations(config(count=5))
    assert list(table.series)[0] == "BDF (SciPy)" and len(table) == 4 and (table.starts == 8).all()
    assert (table.share == 1).all()  # five atoms have one minimum
    assert (table.low <= table.share).all() and (table.share <= table.high).all()
    study = studies(config())[0]
    assert set(study.columns) <= set(table) and {chart.y for chart in study.charts} <= set(table)


def test_maps_of_basins_stand_beside_what_symmetry_says(monkeypatch):
    monkeypatch.setattr("demos.physics.clusters.studies.MAP_SIZES", {"three": 8, "four": 8, "seven": 4})
    table = basin_maps(config(count=3))
    exact = table[table.series == "exact: a mirror"]
    assert (
        len(exact) == 64
        and (exact.label == np.where(three_atoms_exactly(8).ravel() == 0, "pointing up", "pointing down")).all()
    )
    flow = table[table.series == "RKC (stabilized)"]
    assert (flow.label.to_numpy() == exact.label.to_numpy()).all()
    assert np.allclose(exact.x.to_numpy()[:8], exact.x.to_numpy()[8:16]) and exact.y.is_monotonic_increasing


def test_only_the_fields_that_count_are_used():
    assert {"duration", "tolerance", "seed", "start"}.isdisjoint(ClusterConfig().unused())
    assert {"step", "iterations", "walks", "hops", "hot", "cold", "atoms", "steepness"} <= ClusterConfig().unused()
    lbfgs = ClusterConfig(method="lbfgs", step=0.11).unused()
    assert "iterations" not in lbfgs and {"duration", "tolerance"} <= lbfgs
    assert "hops" not in ClusterConfig(method="hopping").unused()
    assert "steepness" not in ClusterConfig(potential="morse").unused()


def test_atoms_that_are_not_ours_are_refused_also_where_they_are_not_used():
    with pytest.raises(ValueError, match="atom"):
        ClusterConfig(atoms="nonsense")
