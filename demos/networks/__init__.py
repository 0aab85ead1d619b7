"""Gradients in neural networks: predicted by theory, measured on any model, explained.

theory       predict, predict_model: mean-field theory of a network at initialization
monitor      GradientFlowMonitor: measures the gradients of a model during training; its report, its file
demo         the page: one panel in each of the other folders, `bench` for what they share
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from demos.networks.monitor import GradientFlowMonitor, Report, RunFileError, diagnose, load_run, parse_run
    from demos.networks.theory import Prediction, predict, predict_model

TITLE = "Neural networks"
SENTENCE = "Gradients on their way back through a network: where they vanish or explode, and what theory says."

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


def __getattr__(name: str) -> Any:
    """The names above, imported at their first use, so that a menu can list this package without loading torch."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for package in ("theory", "monitor"):
        module = import_module(f"{__name__}.{package}")
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(name)
