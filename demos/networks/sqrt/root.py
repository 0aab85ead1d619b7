"""The square root in torch with each remedy ("cure"), and its derivative by hand."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def root(x: Tensor, cure: str, epsilon: float) -> Tensor:
    """√x with a remedy; x ≥ 0."""
    match cure:
        case "epsilon":
            return (x + epsilon).sqrt()
        case "clamp":
            return x.clamp(min=epsilon).sqrt()
        case "where":  # the value is masked, but backward still multiplies 0 by the root's infinite slope
            return torch.where(x > 0, x.sqrt(), 0.0)
        case "where_twice":  # the root never sees the 0
            return torch.where(x > 0, torch.where(x > 0, x, 1.0).sqrt(), 0.0)
    return x.sqrt()


def slope(x: np.ndarray, cure: str, epsilon: float) -> np.ndarray:
    """The exact d root / dx: infinite for the plain root at 0, nan for the naive mask, 0 · ∞."""
    with np.errstate(divide="ignore"):
        bare = 0.5 / np.sqrt(x)
    match cure:
        case "epsilon":
            return 0.5 / np.sqrt(x + epsilon)
        case "clamp":  # at the boundary torch uses the slope of the inside
            return np.where(x >= epsilon, bare, 0.0)
        case "where":
            return np.where(x > 0, bare, np.nan)
        case "where_twice":
            return np.where(x > 0, bare, 0.0)
    return bare


def slope_by_autograd(x: np.ndarray, cure: str, epsilon: float) -> np.ndarray:
    """The same by backward."""
    with torch.enable_grad():
        at = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        (found,) = torch.autograd.grad(root(at, cure, epsilon).sum(), at)
    return found.numpy()


def descend(w: np.ndarray, cure: str, epsilon: float, lr: float, steps: int) -> np.ndarray:
    """Paths (steps + 1, N) of w − lr · ∂/∂w root(w²), by torch; what becomes nan stays nan."""
    path = [w]
    for _ in range(steps):
        with torch.enable_grad():
            at = torch.tensor(path[-1], dtype=torch.float64, requires_grad=True)
            (g,) = torch.autograd.grad(root(at * at, cure, epsilon).sum(), at)
        path.append(path[-1] - lr * g.numpy())
    return np.array(path)


def step_by_hand(w: np.ndarray, cure: str, epsilon: float, lr: float) -> np.ndarray:
    """A step from w by the chain rule, −lr · 2w · root'(w²), without torch; 0 · ∞ is nan, as in backward."""
    with np.errstate(invalid="ignore"):
        return -lr * 2 * w * slope(w * w, cure, epsilon)
