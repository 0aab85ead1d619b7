"""The network that a config asks for: shipped with the project, cached from an earlier training, or trained now."""

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

DRAWN = 100_000  # points drawn from a distribution to train on: 1.6 MB; each enters about a dozen batches
DATA_SEED = 1
LEAST_SPLIT, SPLIT_SEED = 40, 5  # a visitor's data of at least 40 points are split: half are held out from training
REMEMBERED = 16  # most trained networks in the cache, a few hundred kB each
PAUSED = 4  # most interrupted trainings in the cache, about 2 MB each
FLOW = {"noise_mean": -0.5, "noise_spread": 2.0}  # so wide a range of σ that both ends of the path are learned

_trained: BoundedCache[Training] = BoundedCache(entries=REMEMBERED)
_paused: BoundedCache[Trainer] = BoundedCache(entries=PAUSED)


def default_config(objective: str = "learned", **changes) -> TrainingConfig:
    """The training config of the page, for an objective of OBJECTIVES; `changes` replace fields of it."""
    return TrainingConfig(objective=objective, **((FLOW if objective != "learned" else {}) | changes))


def train_on(
    data: DataSet,
    config: TrainingConfig | None = None,
    progress: Progress | None = None,
    on_snapshot: OnSnapshot | None = None,
) -> Training:
    """Train on a data set, or return the cached result: the same data and config give the same network.

    A network for a distribution is trained on 100,000 points drawn from it. A cancelled training is not cached. One
    that was interrupted by the exception with which a page ends a superseded run is resumed where it was.
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
    """The finished training of the cache, which `train_on` would return without work; None where there is none."""
    return _trained.get(_key(data, config))


def abandon(data: DataSet, config: TrainingConfig) -> None:
    """Remove an interrupted training from the cache."""
    _paused.pop(_key(data, config))


def needed(config: DiffusionConfig, data: DataSet) -> TrainingConfig | None:
    """The training config for the network that a config asks for; None where the score is exact or a network ships."""
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
    """A random split of a finite data set into the points that a network is trained on and those held out: (n, 2) each.

    None where the data set is too small to be split.
    """
    split = _split(data)
    if split is None:
        return None
    points = data.distribution.means.numpy()
    return points[split[0]], points[split[1]]


@lru_cache(maxsize=16)
def _split(data: DataSet) -> tuple[np.ndarray, np.ndarray] | None:
    """The indices of both halves. A class of which every point would be held out keeps one for training."""
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
