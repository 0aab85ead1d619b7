"""The results of all scenes of all demos: each scene is computed once per session, for all tests that need its result.

Tests outside of a scene's group (tests/conftest.py) may need its result too. Therefore a worker of pytest-xdist passes
the result of a demo's first scene to the other workers, through the session's own folder, whose path is in `FOLDER`.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pytest

from demos.contract import Demo, Result, Scene
from demos.networks.training.train import train
from demos.picture.payload import encode
from demos.registry import demo, demos
from tests.verdicts.harness import replace_everywhere

FOLDER = "GRADIENT_FLOW_LAB_SCENES"  # an environment variable
COMPILER = {"torch._dynamo", "sympy"}
SCENES = [(demo, scene) for demo in demos().values() for scene in demo.scenes]


def scene_parameters(*names: str) -> list[Any]:
    """Parameters (demo, scene) of a test: all scenes of the named demos, or of all demos where no name is given."""
    return [
        pytest.param(demo, scene, id=f"{demo.name}-{scene.name}")
        for demo, scene in SCENES
        if not names or demo.name in names
    ]


def scene_result(demo: Demo, scene: Scene) -> Result:
    """The value of `demo.run` for the scene. All tests share it: never change it."""
    return _run(demo.name, scene.name)


@cache
def _run(demo_name: str, scene_name: str) -> Result:
    one, folder = demo(demo_name), os.environ.get(FOLDER)
    first = scene_name == one.scenes[0].name  # tests outside of a scene's group rarely need another one
    path = Path(folder, demo_name) if folder and first else None
    if path is not None and path.exists():
        return pickle.loads(path.read_bytes())
    with pytest.MonkeyPatch.context() as monkeypatch:
        train_once(monkeypatch)
        before = set(sys.modules)
        result = one.run(next(scene.config for scene in one.scenes if scene.name == scene_name))
        # A server would keep them: 800 modules, 90 MB.
        assert not COMPILER & (set(sys.modules) - before), f"{demo_name}/{scene_name} imports torch's compiler"
    if path is not None:
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(pickle.dumps(result))
        part.replace(path)  # atomic: another worker never reads a half-written file
    return result


def train_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cache the four latest networks of "Train live" from here on. Training is the longest part of a run; a test that
    runs a demo again with the same training does not repeat it."""
    replace_everywhere(monkeypatch, train, lambda config, progress=None: _trained(config))


@lru_cache(maxsize=4)
def _trained(config: Any) -> Any:
    return train(config)


def digest(result: Result) -> str:
    """A hash of everything in the result of a run: picture, checks, tables and texts."""
    parts = [repr((result.checks, result.notes, result.warnings, result.headline))]
    parts += [f"{name} {table.dtypes.to_dict()} {table.to_csv()}" for name, table in sorted(result.tables.items())]
    return hashlib.sha256(encode(result.picture) + "\n".join(parts).encode()).hexdigest()
