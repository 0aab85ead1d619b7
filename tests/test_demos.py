"""What every demo promises, asked of every scene of every demo."""

import contextlib
import io
import math

import numpy as np
import pytest

from demos.contract import Config
from demos.picture.payload import encode
from demos.registry import demos

SCENES = [
    pytest.param(demo, scene, id=f"{name}-{scene.name}") for name, demo in demos().items() for scene in demo.scenes
]
DEMOS = [pytest.param(demo, id=name) for name, demo in demos().items()]


@pytest.fixture(scope="module")
def results():
    """Each scene is run once for all tests of this file."""
    kept = {}

    def result(demo, scene):
        key = (demo.name, scene.name)
        if key not in kept:
            kept[key] = demo.run(scene.config)
        return kept[key]

    return result


@pytest.mark.parametrize(("demo", "scene"), SCENES)
def test_scene_agrees_with_its_truth(demo, scene, results):
    result = results(demo, scene)
    assert result.checks, "a scene without a truth beside it"
    for check in result.checks:
        assert check.agrees, f"{check.name}: {check.measured} against {check.exact}, allowed {check.allowed}"
        assert math.isfinite(check.allowed)
        assert check.source
    assert result.picture.alt
    assert result.picture.frames >= 2


@pytest.mark.parametrize(("demo", "scene"), SCENES)
def test_scene_gives_the_same_bytes_again(demo, scene, results):
    first, again = results(demo, scene), demo.run(scene.config)
    assert encode(first.picture) == encode(again.picture)
    assert first.checks == again.checks
    for name, table in first.tables.items():
        assert table.equals(again.tables[name]), name


@pytest.mark.parametrize(("demo", "scene"), SCENES)
def test_code_gives_the_same_picture(demo, scene, results):
    space: dict = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(demo.code(scene.config), "code", "exec"), space)
    assert encode(space["result"].picture) == encode(results(demo, scene).picture)


@pytest.mark.parametrize(("demo", "scene"), SCENES)
def test_address_gives_the_scene(demo, scene):
    from urllib.parse import parse_qsl

    config, refused = demo.config.read(dict(parse_qsl(scene.config.query(), keep_blank_values=True)))
    assert config == scene.config
    assert refused == ()


@pytest.mark.parametrize("demo", DEMOS)
def test_scenes_teach_different_things(demo):
    assert len(demo.scenes) >= 5
    for part in ("name", "title", "sentence"):
        assert len({getattr(scene, part) for scene in demo.scenes}) == len(demo.scenes)
    for scene in demo.scenes:
        assert len(scene.sentence) <= 140
        assert scene.sentence.endswith(".")


@pytest.mark.parametrize("demo", DEMOS)
def test_default_payload_is_small(demo, results):
    payload = encode(demo.run(demo.config()).picture)
    assert len(payload) <= 1.5e6


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
def test_unknown_setting_is_told(demo):
    config, refused = demo.config.read({"colour_of_the_sky": "blue"})
    assert isinstance(config, Config)
    assert "colour_of_the_sky" in refused[0]


@pytest.mark.parametrize("demo", DEMOS)
def test_progress_rises_and_can_raise(demo):
    class Left(BaseException):
        pass

    seen: list[float] = []
    demo.run(demo.config(), progress=seen.append)
    assert seen == sorted(seen)
    assert all(0 <= value <= 1 for value in seen)

    def leave(fraction):
        raise Left

    with pytest.raises(Left):
        demo.run(demo.scenes[0].config, progress=leave)


@pytest.mark.parametrize("demo", DEMOS)
def test_globals_are_left_alone(demo):
    import torch

    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    threads, dtype = torch.get_num_threads(), torch.get_default_dtype()
    demo.run(demo.config())
    assert torch.equal(torch_state, torch.get_rng_state())
    assert np.array_equal(numpy_state, np.random.get_state()[1])
    assert (threads, dtype) == (torch.get_num_threads(), torch.get_default_dtype())
