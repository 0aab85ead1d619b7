"""Tests of the contract that every demo keeps, for each demo and each of its scenes."""

import contextlib
import io
import math
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
import torch

from demos.contract import Config, Demo, State
from demos.contract.wording import judgement
from demos.picture.payload import encode
from demos.registry import demos, families
from tests.scenes import SCENES as ALL
from tests.scenes import digest, scene_parameters, scene_result, train_once
from tests.verdicts import brief
from tests.verdicts.harness import replace_everywhere

ROOT = Path(__file__).resolve().parents[1]
SCENES = scene_parameters()
DEMOS = [pytest.param(demo, id=name) for name, demo in demos().items()]
FAMILIES = [pytest.param(family, id=name) for name, family in families().items()]
PAYLOAD = 1.5e6  # bytes: the largest payload of a demo's default config


@pytest.mark.parametrize(("demo", "scene"), SCENES)
def test_a_scene_has_a_verdict(demo, scene):
    """At least one row compares with a truth, no row differs without an explanation, and each truth has a source."""
    result = scene_result(demo, scene)
    verdict = result.verdict
    assert any(row.truth is not None or row.predicted is not None for row in verdict.rows)
    assert verdict.headline
    assert not verdict.failing
    for row in verdict.rows:
        assert row.state is not State.DIFFERS, f"{row.name}: {judgement(row)}"
        assert math.isfinite(row.allowed)
        assert row.truth is None or row.source
    assert result.picture.alt
    assert result.picture.frames >= 2


@pytest.mark.parametrize(("demo", "scene"), SCENES)
def test_the_claim_of_a_scene_holds(demo, scene):
    if scene.claim is None:
        pytest.skip("this scene has no claim yet")
    evidence = scene.claim(scene_result(demo, scene))
    assert evidence.holds, evidence.numbers


@pytest.mark.parametrize(("demo", "scene"), SCENES)
def test_the_experiment_of_a_scene_has_its_outcome(demo, scene, monkeypatch):
    """The claim of the experiment holds in its config, and no row of the verdict differs without an explanation."""
    if scene.tries is None:
        pytest.skip("this scene asks for nothing yet")
    train_once(monkeypatch)
    config, refused = demo.config.read({scene.tries.field: scene.tries.value}, scene.config)
    assert not refused
    result = demo.run(config)
    evidence = scene.tries.claim(result)
    assert evidence.holds, evidence.numbers
    assert [row.name for row in result.verdict.rows if row.state is State.DIFFERS] == []


@pytest.mark.parametrize(("demo", "scene"), SCENES)
def test_code_runs_the_config_of_the_scene(demo, scene, monkeypatch):
    """The code shown on the page calls `demo.run` with the scene's config and defines `result`. The run is replaced."""
    train_once(monkeypatch)
    asked, result = [], scene_result(demo, scene)
    assert replace_everywhere(monkeypatch, demo.run, lambda config: asked.append(config) or result)
    assert executed(demo.code(scene.config))["result"] is result
    assert asked == [scene.config]


def executed(code: str) -> dict[str, Any]:
    """The variables that this code defines, after it was executed with its output hidden."""
    space: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code, "code", "exec"), space)
    return space


SENSITIVE = {"noise_to_data", "few", "same_law", "poisson"}  # their last bits once depended on the number of threads


def test_code_gives_the_same_bytes_in_a_process_of_two_threads():
    """The code shown on the page gives the same picture, checks, tables and texts as the page, to the last bit.

    Tested for one scene of each demo, and for the scenes that once failed, in another process whose torch and BLAS use
    two threads. `test_defaults_are_small…` tests a second run in the same process.
    """
    chosen = [(demo, scene) for demo, scene in ALL if scene is demo.scenes[0] or scene.name in SENSITIVE]
    program = "\n".join(
        (
            "import sys, torch",
            "from tests.scenes import SCENES, digest",
            "from tests.test_demos import executed, with_few_steps",
            "assert torch.get_num_threads() == 2",
            "for demo, scene in SCENES:",
            "    if f'{demo.name}/{scene.name}' in sys.argv:",
            "        config = with_few_steps(demo, scene.config)",
            "        print(digest(executed(demo.code(config))['result']), flush=True)",
        )
    )
    pairs = [f"{demo.name}/{scene.name}" for demo, scene in chosen]
    threads = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "OMP_WAIT_POLICY": "passive"}
    command = [sys.executable, "-c", program, *pairs]
    there = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **threads}, stdout=subprocess.PIPE, text=True)
    here = []
    for demo, scene in chosen:
        config = with_few_steps(demo, scene.config)
        here.append(digest(scene_result(demo, scene) if config == scene.config else demo.run(config)))
    found = there.communicate()[0].split()
    assert there.returncode == 0
    assert dict(zip(pairs, found, strict=True)) == dict(zip(pairs, here, strict=True))


def with_few_steps(demo: Demo, config: Config) -> Config:
    """Trainings have as few steps as in their mutations. Sizes stay: they decide what is done by several threads."""
    return config.replace(steps=brief(demo.name, config).steps) if hasattr(config, "steps") else config


@pytest.mark.parametrize(("demo", "scene"), SCENES)
def test_result_of_a_scene_can_be_pickled(demo, scene):
    """Config and Result can be pickled; process pools and exports need it."""
    assert pickle.loads(pickle.dumps(scene.config)) == scene.config
    result = scene_result(demo, scene)
    again = pickle.loads(pickle.dumps(result))
    assert again.checks == result.checks
    assert encode(again.picture) == encode(result.picture)


@pytest.mark.parametrize(("demo", "scene"), SCENES)
def test_address_gives_the_scene(demo, scene):
    config, refused = demo.config.read(dict(parse_qsl(scene.config.query(), keep_blank_values=True)))
    assert config == scene.config
    assert refused == ()


@pytest.mark.parametrize("family", FAMILIES)
def test_link_of_a_family_gives_the_member_and_its_config(family):
    for member in family.members.values():
        for config in (member.config(), *(scene.config for scene in member.scenes)):
            found, again, refused = family.read(dict(parse_qsl(family.query(config), keep_blank_values=True)))
            assert (found, again, refused) == (member, config, ())


@pytest.mark.parametrize("family", FAMILIES)
def test_scenes_of_a_page_teach_different_things(family):
    assert len(family.scenes) >= 5
    for part in ("name", "title", "sentence"):
        assert len({getattr(scene, part) for scene in family.scenes}) == len(family.scenes)
    for scene in family.scenes:
        assert len(scene.sentence) <= 140
        assert scene.sentence.endswith(".")


@pytest.mark.parametrize("demo", DEMOS)
def test_defaults_are_small_leave_globals_alone_and_report_rising_progress(demo):
    """One run of the default config serves several assertions."""
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    threads, dtype, errors = torch.get_num_threads(), torch.get_default_dtype(), np.geterr()
    reported: list[float] = []
    result = demo.run(demo.config(), progress=reported.append)
    assert torch.equal(torch_state, torch.get_rng_state())
    assert np.array_equal(numpy_state, np.random.get_state()[1])
    assert (threads, dtype, errors) == (torch.get_num_threads(), torch.get_default_dtype(), np.geterr())
    assert reported == sorted(reported)
    assert all(0 <= value <= 1 for value in reported)
    assert len(encode(result.picture)) <= PAYLOAD
    for scene in demo.scenes:
        if scene.config == demo.config():
            assert digest(result) == digest(scene_result(demo, scene))  # a second run, to the last bit


@pytest.mark.parametrize("demo", DEMOS)
def test_progress_can_stop_a_run(demo):
    class Left(BaseException):
        """Not an Exception, like Streamlit's control exceptions: no `except Exception` may swallow it."""

    def leave(fraction):
        raise Left

    with pytest.raises(Left):
        demo.run(demo.scenes[0].config, progress=leave)


@pytest.mark.parametrize("demo", DEMOS)
def test_every_field_is_bounded_and_explained(demo):
    for name, control in demo.config.controls().items():
        assert control.label, name
        if control.kind in ("number", "whole"):
            assert math.isfinite(control.low), name
            assert math.isfinite(control.high), name
            for outside in (control.high * 10 + 1, -1e300, math.nan, math.inf, "a lot"):
                config, refused = demo.config.read({name: outside})
                assert config == demo.config()
                assert len(refused) == 1
                assert name in refused[0]
        if control.options:
            _, refused = demo.config.read({name: "<no such>"})
            assert len(refused) == 1


@pytest.mark.parametrize("demo", DEMOS)
def test_unknown_setting_is_refused_by_name(demo):
    config, refused = demo.config.read({"colour_of_the_sky": "blue"})
    assert isinstance(config, Config)
    assert "colour_of_the_sky" in refused[0]


@pytest.mark.parametrize("demo", DEMOS)
def test_every_demo_says_what_it_is(demo):
    for text in (demo.title, demo.sentence, demo.equation_of(demo.config()), demo.code(demo.config())):
        assert text.strip()
    assert demo.scenes
