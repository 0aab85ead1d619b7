"""The parts of a step: the gradient, the momentum, the scaling of the gradient, and the move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from demos.descent.replay import running_average
from demos.descent.setup import Setup
from demos.descent.simulate import MethodRun
from demos.gradient_flow import METHODS


@dataclass(frozen=True)
class Anatomy:
    """The parts of steps 0 … K of one start, each (K + 1, 2); the move of step K, which is not taken, is 0.

    gradient: ∇E at the beginning of the step. memory: the contribution of earlier steps to the move (β times the last
    move, or the rate times the average of earlier gradients). scale: the factor of each component of the gradient in
    the move (the rate, or rate/√v); nan where it is undefined. move: xₖ₊₁ − xₖ.
    """

    gradient: np.ndarray
    memory: np.ndarray
    scale: np.ndarray
    move: np.ndarray


def anatomy(setup: Setup, run: MethodRun, start: int = 0) -> Anatomy:
    """The parts of all steps of a run; start: the index of the start."""
    path = run.states[:, start]
    options = {name: option.default for name, option in METHODS[run.method].options.items()}
    options |= setup.config.options_of(run.method)
    with np.errstate(all="ignore"):
        gradient = setup.surface.gradient(torch.from_numpy(np.ascontiguousarray(path))).numpy()
        move = np.concatenate([path[1:] - path[:-1], np.zeros((1, 2))])
        before = np.concatenate([np.zeros((1, 2)), move[:-1]])
        memory, scale = np.zeros_like(path), np.full_like(path, run.rate)
        k = np.arange(1, len(path) + 1)[:, None]
        match run.method:
            case "heavy_ball" | "nesterov":
                memory = options["momentum"] * before
            case "adam" | "adamw":
                v = running_average(gradient**2, options["beta2"]) / (1 - options["beta2"] ** k)
                scale = run.rate / (np.sqrt(v) + options["epsilon"])
                mean = running_average(gradient, options["beta1"])
                older = (mean - (1 - options["beta1"]) * gradient) / (1 - options["beta1"] ** k)
                memory = -scale * older
            case "rmsprop":
                scale = run.rate / (np.sqrt(running_average(gradient**2, options["alpha"])) + options["epsilon"])
            case "adagrad":
                scale = run.rate / (np.sqrt(np.cumsum(gradient**2, axis=0)) + options["epsilon"])
            case "lion":
                mean = running_average(gradient, options["beta2"])
                older = options["beta1"] * np.concatenate([np.zeros((1, 2)), mean[:-1]])
                memory = -run.rate * older / np.abs(gradient).max(axis=1, keepdims=True).clip(1e-300)
                scale = run.rate / np.abs(gradient)
            case "normalized_descent":
                scale = run.rate / np.linalg.norm(gradient, axis=1, keepdims=True) * np.ones((1, 2))
            case "newton" | "lbfgs" | "implicit_euler":
                scale = -move / gradient
    return Anatomy(gradient, memory, scale, move)
