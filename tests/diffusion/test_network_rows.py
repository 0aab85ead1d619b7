"""The rows of a learned score: what its network has lost of the data, and whether it copies what it has seen."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.contract import State
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import BUILT_IN, encode_points
from demos.diffusion.learned.provide import halves
from demos.diffusion.run import run
from demos.diffusion.setup import data_of, setup
from demos.diffusion.verdict import network


@pytest.mark.parametrize("score", ["learned", "flow", "flow_ot"])
def test_what_a_shipped_network_has_lost_is_what_its_file_says(score):
    config = DiffusionConfig(data="moons", score=score)
    (row,) = network.information_lost(config, data_of(config))
    assert row.truth == 0
    assert row.state in (State.AGREES, State.PREDICTED)
    assert -0.02 < row.measured < 0.5


def test_a_network_that_has_lost_more_than_its_file_says_is_an_alarm(monkeypatch):
    noise = 0.05 * torch.randn(128, generator=torch.Generator().manual_seed(1))
    monkeypatch.setattr(network, "_differences", lambda *_: 0.4 + noise)
    config = DiffusionConfig(data="moons", score="learned")
    (row,) = network.information_lost(config, data_of(config))
    assert row.state is State.DIFFERS


def test_a_network_that_copies_is_found_out():
    """Samples on the points that were seen; on new points of the same kind; and on both halves alike."""
    points = BUILT_IN["moons"].sample(400, 3)[0].numpy()
    config = DiffusionConfig(data="points", points=encode_points(points), score="learned", particles=500)
    chosen = replace(setup(DiffusionConfig(particles=16)), config=config, data=data_of(config))
    seen, held = halves(chosen.data)
    assert len(seen) == len(held) == 200
    (copied,) = network.copying(chosen, np.tile(seen, (3, 1)))
    assert copied.measured > 0.99
    assert copied.state is State.PREDICTED
    (fresh,) = network.copying(chosen, BUILT_IN["moons"].sample(500, 9)[0].numpy())
    assert fresh.state is State.AGREES


def test_a_network_learns_the_classes_of_own_points():
    """Guidance needs them: with w = 1 nearly all points end in the class that they ask for."""
    labels = np.repeat([0, 1, 2], 40)
    centres = np.array([[0, 2], [-2, -1], [2, -1]])[labels]
    points = centres + 0.3 * np.random.default_rng(0).standard_normal((120, 2))
    text = encode_points(points, labels=labels, names=("a", "b", "c"))
    config = DiffusionConfig(
        data="points", points=text, score="learned", training_steps=200, particles=200, evaluations=19, target="each"
    )
    rows = {row.name: row for row in run(config).verdict.rows}
    assert rows["Share in the class asked for"].measured > 0.8  # a third without classes


def test_a_class_of_one_point_is_not_held_back():
    from demos.diffusion.learned.provide import _examples

    labels = np.array([0] * 50 + [1])
    points = np.random.default_rng(1).standard_normal((51, 2)) + 3 * labels[:, None]
    data = data_of(DiffusionConfig(data="points", points=encode_points(points, labels=labels, names=("many", "one"))))
    seen, held = halves(data)
    assert len(seen) == 26 and len(held) == 25
    assert set(_examples(data)[1].tolist()) == {0, 1}
