"""Samplers beside each other: how far apart they end from the same noise."""

from demos.contract import State
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.run import run


def rows(**values):
    found = run(DiffusionConfig(particles=200, **values)).verdict.rows
    return [row for row in found if row.name.startswith("Ends by")]


def test_few_evaluations_part_two_samplers_as_independent_code_says():
    (row,) = rows(sampler="heun", compare=("ddim",), evaluations=8)
    assert row.state is State.PREDICTED and row.measured > 0.5


def test_many_evaluations_let_them_end_together():
    (row,) = rows(sampler="heun", compare=("dpmpp_2m",), evaluations=120)
    assert row.state is State.AGREES


def test_fresh_noise_is_not_compared():
    assert not rows(sampler="heun", compare=("sde",), evaluations=20)
    assert not rows(sampler="heun", evaluations=20)
