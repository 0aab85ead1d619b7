"""An independent computation of the network's function from its weights, in NumPy and in both precisions."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from demos.contract import Check
from demos.networks.theory import ACTIVATIONS
from demos.networks.training.config import TrainingConfig
from demos.networks.training.network import Residual

PLACES = 32  # points of the grid that are compared at each time
ROUNDINGS = 10.0  # tolerance in units of the difference between the two precisions
BORDER = 3  # examples that may be so near to the decision border that rounding decides
MEANINGLESS = 0.05  # difference between the two precisions above which nothing is compared
AGAIN, ACCURACY = "function at every look, made again: largest difference", "share of fresh examples right, made again"
SOURCE = "the same weights in NumPy, with formulas of its own"


def outputs_of(model: nn.Module, places: Tensor, activation: str, precision: type = np.float64) -> np.ndarray:
    """The outputs (N, outputs) of `model.eval()` at places (N, inputs)."""
    return _through(model, places.numpy().astype(precision), activation)


def _through(module: nn.Module, z: np.ndarray, activation: str) -> np.ndarray:
    numbers = lambda tensor: tensor.detach().numpy().astype(z.dtype)
    match module:
        case nn.Sequential():
            for part in module:
                z = _through(part, z, activation)
            return z
        case Residual():
            return z + z.dtype.type(module.scale) * _through(module.inner, z, activation)
        case nn.Linear():
            return z @ numbers(module.weight).T + numbers(module.bias)
        case nn.BatchNorm1d():
            centred, variance = z - numbers(module.running_mean), numbers(module.running_var)
            return centred / np.sqrt(variance + module.eps) * numbers(module.weight) + numbers(module.bias)
        case nn.LayerNorm():
            centred = z - z.mean(1, keepdims=True)
            size = np.sqrt(np.square(centred).mean(1, keepdims=True) + module.eps)
            return centred / size * numbers(module.weight) + numbers(module.bias)
        case nn.RMSNorm():
            size = np.sqrt(np.square(z).mean(1, keepdims=True) + np.finfo(np.float32).eps)
            return z / size * numbers(module.weight)
    return ACTIVATIONS[activation].value(z)


def shown(outputs: np.ndarray, classes: bool) -> np.ndarray:
    """The values that the picture shows for outputs (N, ·): the probability of class 1, or the output itself."""
    if not classes:
        return outputs[:, 0]
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(outputs[:, 0] - outputs[:, 1]))


class IndependentFunction:
    """Independent evaluations at the times of the picture's: `values` (K, PLACES), and the accuracy at the last one."""

    def __init__(self, config: TrainingConfig, places: Tensor) -> None:
        self.config, self.at = config, np.linspace(0, len(places) - 1, PLACES).round().astype(int)
        self._places = places[torch.from_numpy(self.at)]
        self.values: list[np.ndarray] = []
        self.rounding, self.accuracy, self.examples = 0.0, np.nan, 0

    def look(self, model: nn.Module) -> None:
        with np.errstate(all="ignore"):  # overflow of float32 shows in `rounding`
            one, other = (
                shown(outputs_of(model, self._places, self.config.activation, precision), self.config.classes)
                for precision in (np.float64, np.float32)
            )
        self.values.append(one)
        if np.isfinite(one).all():
            self.rounding = max(self.rounding, float(np.nan_to_num(np.abs(one - other), nan=np.inf).max()))

    def judge(self, model: nn.Module, x: Tensor, y: Tensor) -> None:
        """The accuracy on examples x (N, 2) of classes y (N,)."""
        if self.config.classes:
            found = outputs_of(model, x, self.config.activation).argmax(1)
            self.accuracy, self.examples = float((found == y.numpy()).mean()), len(y)


def function_rows(independent: IndependentFunction, fields: np.ndarray, accuracy: np.ndarray) -> list[Check]:
    """Rows of the picture's fields (K, …), and of its accuracy (K,) on test examples, against `independent`."""
    made, seen = np.array(independent.values), fields.reshape(len(fields), -1)[:, independent.at]
    known = np.isfinite(made).all(1)  # a diverged run ends with values that are not finite
    if not known.any():
        return []
    size = np.maximum(1.0, np.abs(made[known]))
    off = np.abs(seen[known] - made[known]) / size
    rounds = independent.rounding * ROUNDINGS
    trouble = "the function hangs on rounding" if not rounds < MEANINGLESS else ""
    row = Check(AGAIN, float(np.nan_to_num(off, nan=np.inf).max()), 0.0, floor=1e-5 + rounds, source=SOURCE,
                incomparable=trouble, note=f"{PLACES} places of the picture")  # fmt: skip
    if not np.isfinite(independent.accuracy):
        return [row]
    near = BORDER / independent.examples
    return [
        row,
        Check(ACCURACY, float(accuracy[-1]), independent.accuracy, floor=near, source=SOURCE, incomparable=trouble),
    ]
