"""Gradient flow through neural networks: predicted, measured on anyone's model, explained.

theory       predict, predict_model: mean-field theory of a network at initialization
monitor      GradientFlowMonitor: what happens to gradients while a model trains; its report, its file
"""

from demos.networks.monitor import GradientFlowMonitor, Report, RunFileError, diagnose, load_run, parse_run
from demos.networks.theory import Prediction, predict, predict_model

__all__ = [
    "GradientFlowMonitor",
    "Prediction",
    "Report",
    "RunFileError",
    "diagnose",
    "load_run",
    "parse_run",
    "predict",
    "predict_model",
]
