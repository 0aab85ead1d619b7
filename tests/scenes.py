"""Every scene of every demo, run once in a session by all tests that look at its result.

Where a scene is asked for outside of its group (tests/conftest.py), a worker of pytest-xdist hands its result to the
other one by the folder in `FOLDER`, which is this session's alone.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pytest

from demos.contract import Demo, Result, Scene
from demos.networks.training.train import train
from demos.picture.payload import encode
from demos.registry import demo, demos
from tests.verdicts.harness import replace_everywhere

FOLDER = "GRADIENT_FLOW_LAB_SCENES"  # variable of the environment
SCENES = [(demo, scene) for demo in demos().values() for scene in demo.scenes]


def scene_parameters(*names: str) -> list[Any]:
    """(demo, scene) of the demos of these names, or of all, as parameters of a test."""
    return [
        pytest.param(demo, scene, id=f"{demo.name}-{scene.name}")
        for demo, scene in SCENES
        if not names or demo.name in names
    ]


def scene_result(demo: Demo, scene: Scene) -> Result:
    """What `demo.run` gives for the scene. Shared by all tests: never change it."""
    return _run(demo.name, scene.name)


@cache
def _run(demo_name: str, scene_name: str) -> Result:
    one, folder = demo(demo_name), os.environ.get(FOLDER)
    first = scene_name == one.scenes[0].name  # others are hardly asked for outside of their group
    path = Path(folder, demo_name) if folder and first else None
    if path is not None and path.exists():
        return pickle.loads(path.read_bytes())
    with pytest.MonkeyPatch.context() as monkeypatch:
        train_once(monkeypatch)
        result = one.run(next(scene.config for scene in one.scenes if scene.name == scene_name))
    if path is not None:
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(pickle.dumps(result))
        part.replace(path)  # never half written
    return result


def train_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the last networks of "Train live" are kept: the longest part of a run is not done again where a test
    asks for something beside it."""
    replace_everywhere(monkeypatch, train, lambda config, progress=None: _trained(config))


@lru_cache(maxsize=4)
def _trained(config: Any) -> Any:
    return train(config)


def digest(result: Result) -> str:
    """A name for all that a run gives: the same for the same bytes, and for no other."""
    parts = [repr((result.checks, result.notes, result.warnings, result.headline))]
    parts += [f"{name} {table.dtypes.to_dict()} {table.to_csv()}" for name, table in sorted(result.tables.items())]
    return hashlib.sha256(encode(result.picture) + "\n".join(parts).encode()).hexdigest()
