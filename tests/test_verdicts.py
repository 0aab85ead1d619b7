"""Mutation tests of the verdicts: a broken engine must turn a verdict red, and an intact one must not.

This is a selection, of which `pytest --hypothesis-profile=thorough` takes more. tests/benchmarks/bench_verdicts.py runs
every scene, and hundreds of random configs.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice

import pytest
from hypothesis import settings

from demos.contract import Config, State, Verdict
from demos.picture.payload.write import encode
from demos.registry import demos
from tests.scenes import scene_result
from tests.verdicts import brief, mutations_of
from tests.verdicts.harness import noticed, random_configs, seconds

MOST_SCENES = 1  # scenes tried for each mutation: the first ones that it affects
# Random configs of each demo that run intact; tests/test_demos.py does it for the scenes and their experiments.
RANDOM = 8 if settings.get_current_profile_name() == "thorough" else 2
LONGEST = 0.6  # seconds: the longest estimated run of a random config


CASES = [
    pytest.param(name, mutation, scene, id=f"{name}-{scene.name}-{mutation.name}")
    for name, demo in demos().items()
    for mutation in mutations_of(name)
    for scene in [scene for scene in demo.scenes if mutation.matters(demo, scene)][:MOST_SCENES]
]


@pytest.mark.parametrize(("name", "mutation", "scene"), CASES)
def test_a_broken_engine_is_noticed(name, mutation, scene, monkeypatch):
    config = brief(name, scene.config)
    before = scene_result(demos()[name], scene).verdict if config == scene.config else _verdict(name, config)
    mutation.apply(monkeypatch)
    assert noticed(before, demos()[name], config), f"{mutation.name} is not noticed in {scene.name}"


@lru_cache(maxsize=4)
def _verdict(name: str, config: Config) -> Verdict:
    verdict = demos()[name].run(config).verdict
    assert not verdict.failing
    return verdict


@pytest.mark.parametrize("name", list(demos()))
def test_unharmed_runs_have_a_picture_and_are_not_red(name):
    demo = demos()[name]
    quick = (config for config in random_configs(demo, 40 * RANDOM, seed=1) if seconds(demo, config) <= LONGEST)
    for config in islice(quick, RANDOM):
        result = demo.run(config)
        assert encode(result.picture)
        verdict = result.verdict
        reds = [row for row in verdict.rows if row.state is State.DIFFERS]
        assert not reds, f"{config.query()}: {reds}"
        assert not verdict.failing, f"{config.query()}: {verdict.failing}"


@pytest.mark.parametrize("name", list(demos()))
def test_every_demo_lists_mutations(name):
    assert mutations_of(name)
