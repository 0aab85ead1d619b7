"""The network that a config asks for: shipped, remembered, or trained now."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from demos.demo import Progress
from demos.diffusion.data import DataSet
from demos.diffusion.learned.training import Look, Training, TrainingConfig, train
from demos.diffusion.learned.weights import shipped
from demos.diffusion.models import FromDenoiser

if TYPE_CHECKING:
    from demos.diffusion.config import DiffusionConfig

DRAWN = 100_000  # points of a law that a network is trained on: 1.6 MB, and each is seen a dozen times
DATA_SEED = 1
REMEMBERED = 16  # networks of a few hundred kB
FLOW = {"noise_mean": -0.5, "noise_spread": 2.0}  # in t, so that both ends of the path are learned

_memory: OrderedDict[tuple, Training] = OrderedDict()
_lock = Lock()


def default_config(objective: str = "learned", **changes) -> TrainingConfig:
    """What a page trains with."""
    return TrainingConfig(objective=objective, **((FLOW if objective != "learned" else {}) | changes))


def train_on(data: DataSet, config: TrainingConfig | None = None, progress: Progress | None = None,
             watch: Callable[[Look], None] | None = None) -> Training:
    """Train on a data set, or give what was trained before: the same data and config give the same network.

    A law is known to the network only by 100,000 points of it. What was cancelled is not remembered.
    """
    config = config or default_config()
    if data.finite:
        points, labels = data.law.means.float(), None
    else:
        points, labels = data.sample(DRAWN, DATA_SEED)
    key = (hashlib.sha256(points.numpy().tobytes()).hexdigest(), config)
    with _lock:
        if key in _memory:
            _memory.move_to_end(key)
            return _memory[key]
    training = train(points, config, labels if data.classes > 1 else None, spread=data.sigma_data, progress=progress,
                     watch=watch)
    if training.finished:
        with _lock:
            _memory[key] = training
            while len(_memory) > REMEMBERED:
                _memory.popitem(last=False)
    return training


def learned_model(config: DiffusionConfig, data: DataSet, progress: Progress | None = None) -> FromDenoiser:
    """The model that config.score names (one of OBJECTIVES): from the shipped weights, or trained now."""
    found = None if data.finite else shipped(data.name, config.score)
    return found.model if found is not None else train_on(data, default_config(config.score), progress).model
