"""The network that a config asks for: shipped, remembered, or trained now."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from torch import Tensor

from demos.common.bounded_cache import BoundedCache
from demos.common.progress import Progress
from demos.common.threads import one_thread
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import DataSet
from demos.diffusion.learned.trainer import OnSnapshot, Trainer
from demos.diffusion.learned.training import Training, TrainingConfig
from demos.diffusion.learned.weights import shipped
from demos.diffusion.models import FromDenoiser

DRAWN = 100_000  # points of a distribution that a network is trained on: 1.6 MB, and each is seen a dozen times
DATA_SEED = 1
LEAST_SPLIT, SPLIT_SEED = 40, 5  # points of own data of which half are held back
REMEMBERED = 16  # networks of a few hundred kB
PAUSED = 4  # trainings that were interrupted, about 2 MB each
FLOW = {"noise_mean": -0.5, "noise_spread": 2.0}  # in t, so that both ends of the path are learned

_trained: BoundedCache[Training] = BoundedCache(entries=REMEMBERED)
_paused: BoundedCache[Trainer] = BoundedCache(entries=PAUSED)


def default_config(objective: str = "learned", **changes) -> TrainingConfig:
    """What a page trains with."""
    return TrainingConfig(objective=objective, **((FLOW if objective != "learned" else {}) | changes))


def train_on(
    data: DataSet,
    config: TrainingConfig | None = None,
    progress: Progress | None = None,
    on_snapshot: OnSnapshot | None = None,
) -> Training:
    """Train on a data set, or give what was trained before: the same data and config give the same network.

    A distribution is known to the network only by 100,000 points of it. What was cancelled is not remembered; what was
    interrupted (by an exception that is no error: a visitor moved on) is taken up where it was.
    """
    config = config or default_config()
    key = _key(data, config)
    if (known := _trained.get(key)) is not None:
        return known
    trainer = _paused.pop(key)
    if trainer is None:
        points, labels = _examples(data)
        trainer = Trainer(points, config, labels if data.classes > 1 else None, spread=data.sigma_data)
    try:
        with one_thread():
            training = trainer.run(progress, on_snapshot)
    except Exception:
        raise
    except BaseException:
        _paused.put(key, trainer)
        raise
    if training.finished:
        _trained.put(key, training)
    return training


def remembered(data: DataSet, config: TrainingConfig) -> Training | None:
    """What `train_on` would give at once."""
    return _trained.get(_key(data, config))


def abandon(data: DataSet, config: TrainingConfig) -> None:
    """Forget a training that was interrupted."""
    _paused.pop(_key(data, config))


def needed(config: DiffusionConfig, data: DataSet) -> TrainingConfig | None:
    """How the network that a config asks for is trained; None where none is, for the score is exact or ships."""
    if config.score == "exact":
        return None
    if config.network == "shipped" and not data.finite and shipped(data.name, config.score) is not None:
        return None
    return default_config(config.score, steps=config.training_steps)


def learned_model(config: DiffusionConfig, data: DataSet, progress: Progress | None = None) -> FromDenoiser:
    """The model that config.score names (one of OBJECTIVES): from the shipped weights, or trained now."""
    training = needed(config, data)
    return shipped(data.name, config.score).model if training is None else train_on(data, training, progress).model


def _key(data: DataSet, config: TrainingConfig) -> tuple:
    return _fingerprint(data), config


@lru_cache(maxsize=32)
def _fingerprint(data: DataSet) -> str:
    points, labels = _examples(data)
    classes = b"" if labels is None or data.classes == 1 else labels.numpy().tobytes()
    return hashlib.sha256(points.numpy().tobytes() + classes).hexdigest()


@lru_cache(maxsize=4)
def _examples(data: DataSet) -> tuple[Tensor, Tensor | None]:
    """Points (n, 2) float32 and their classes (n,)."""
    if not data.finite:
        return data.sample(DRAWN, DATA_SEED)
    points, labels, split = data.distribution.means.float(), data.distribution.labels, _split(data)
    return (points, labels) if split is None else (points[split[0]], labels[split[0]])


def halves(data: DataSet) -> tuple[np.ndarray, np.ndarray] | None:
    """The points of a finite data set that a network is trained on, and those held back: (n, 2) each, by chance.

    None where there are too few to spare half of them.
    """
    split = _split(data)
    if split is None:
        return None
    points = data.distribution.means.numpy()
    return points[split[0]], points[split[1]]


@lru_cache(maxsize=16)
def _split(data: DataSet) -> tuple[np.ndarray, np.ndarray] | None:
    """The places of both halves among the points. A class that chance would hold back whole keeps one of its points."""
    count = len(data.distribution.means) if data.finite else 0
    if count < LEAST_SPLIT:
        return None
    order = np.random.default_rng(SPLIT_SEED).permutation(count)
    half = (count + 1) // 2
    seen, held, labels = order[:half].copy(), order[half:].copy(), data.distribution.labels.numpy()
    for kind in np.setdiff1d(labels, labels[seen]):
        place = int(np.nonzero(labels[held] == kind)[0][0])
        counts = np.bincount(labels[seen], minlength=data.classes)
        spare = int(np.nonzero(counts[labels[seen]] > 1)[0][-1])
        seen[spare], held[place] = held[place], seen[spare]
    return seen, held
