"""What gradients must obey whatever the data, at every step: bug detectors that need no reference run."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from demos.networks.training.config import TrainingConfig

RECTIFIERS = ("relu", "leaky_relu", "linear")  # φ(az) = aφ(z) for a > 0
ROUNDING = 1e-3  # of float32 sums in which the examples of two classes nearly cancel; a wrong gradient gives about 1
NORM_EPSILON = 2e-3  # what ε = 1e-5 inside a norm lets through, where the variance is 0.005 or more


def _apart(difference: Tensor, absolute: Tensor) -> float:
    """Beside the sums of absolute values: 0 where the identity holds, of order 1 where it does not."""
    scale = float(absolute.norm())
    return float(difference.norm()) / scale if scale > 0 else 0.0


class Identities:
    """The worst violation so far of each identity that the config obeys; names as keys of `worst`.

    conservation: for rectifiers, of each hidden unit, Σ_in w·∂L/∂w + b·∂L/∂b = Σ_out w·∂L/∂w, so that under gradient
    flow |w_in|² − |w_out|² is conserved (Du, Hu & Lee 2018, arXiv:1806.00900). softmax: the gradients of the two
    classes' outputs sum to 0. orthogonal: what is normalized does not know its scale: w·∂L/∂w = 0, by unit for batch
    norm, by layer for layer and RMS norm (van Laarhoven 2017, arXiv:1706.05350).
    """

    def __init__(self, config: TrainingConfig, model: nn.Module) -> None:
        self.linears = [module for module in model.modules() if isinstance(module, nn.Linear)]
        plain = config.skip == "none" and config.l1 == config.l2 == 0
        biased = config.optimizer not in ("muon", "lars")  # which freeze biases: these have no gradient
        self.normalization = config.normalization
        self.worst: dict[str, float] = {}
        if plain and biased and config.activation in RECTIFIERS and config.normalization == "none":
            self.worst["conservation"] = 0.0
        if config.classes and config.l1 == config.l2 == 0:
            self.worst["softmax"] = 0.0
        if plain and biased and config.normalization != "none":
            self.worst["orthogonal"] = 0.0

    @torch.no_grad()
    def look(self, x: Tensor) -> None:
        """After backward, before clipping."""
        products = [linear.weight * linear.weight.grad for linear in self.linears]
        if "softmax" in self.worst:
            gradient = self.linears[-1].weight.grad
            assert gradient is not None
            self._keep("softmax", _apart(gradient.sum(0), gradient.abs().sum(0)))
        for i, linear in enumerate(self.linears[:-1]):
            own, after = products[i], products[i + 1]
            if "conservation" in self.worst:
                biases = linear.bias * linear.bias.grad
                into, outof = own.sum(1) + biases, after.sum(0)
                self._keep("conservation", _apart(into - outof, own.abs().sum(1) + biases.abs()))
            if "orthogonal" in self.worst:
                if self.normalization == "batch":
                    self._keep("orthogonal", _apart(own.sum(1), own.abs().sum(1)))
                else:
                    biases = linear.bias * linear.bias.grad
                    self._keep("orthogonal", _apart(own.sum() + biases.sum(), own.abs().sum() + biases.abs().sum()))

    def _keep(self, name: str, value: float) -> None:
        self.worst[name] = max(self.worst[name], value) if value == value else self.worst[name]
