"""Mean-field theory of a network before training: `predict`, and `predict_model` for a given nn.Sequential."""

from demos.networks.theory.activations import ACTIVATIONS, Activation
from demos.networks.theory.finite_width import FiniteWidth, finite_width
from demos.networks.theory.mean_field import INITS, NORMALIZATIONS, SKIPS, Prediction, predict
from demos.networks.theory.recognition import predict_model

__all__ = [
    "ACTIVATIONS",
    "INITS",
    "NORMALIZATIONS",
    "SKIPS",
    "Activation",
    "FiniteWidth",
    "Prediction",
    "finite_width",
    "predict",
    "predict_model",
]
