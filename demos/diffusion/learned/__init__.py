"""Scores learned from samples: small networks, trained at run time or shipped, that replace the exact scores."""

from demos.diffusion.learned.provide import abandon, default_config, learned_model, needed, remembered, train_on
from demos.diffusion.learned.score_error import score_error
from demos.diffusion.learned.trainer import train
from demos.diffusion.learned.training import OBJECTIVES, Snapshot, Training, TrainingConfig
from demos.diffusion.learned.weights import Shipped, shipped

__all__ = [
    "OBJECTIVES",
    "Snapshot",
    "Shipped",
    "Training",
    "TrainingConfig",
    "abandon",
    "default_config",
    "learned_model",
    "needed",
    "remembered",
    "score_error",
    "shipped",
    "train",
    "train_on",
]
