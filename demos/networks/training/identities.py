"""Exact identities of gradients that hold for any data at every step; they detect bugs without a reference run."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import torch
from torch import Tensor, nn

from demos.networks.training.config import TrainingConfig

RECTIFIERS = ("relu", "leaky_relu", "linear")  # φ(az) = aφ(z) for a > 0
ROUNDING = 2.0**-24  # rounding of each term of a float32 sum; gradients sum over the batch, identities over the width
SMALLEST = 1e-26  # least sum that is tested: so far above float32's 10⁻³⁸ that its terms have all digits
NORM_LAYERS = (nn.BatchNorm1d, nn.LayerNorm, nn.RMSNorm)


def _apart(difference: Tensor, scale: Tensor) -> float:
    """The violation of an identity relative to the sum of absolute values (over examples and weights) of its terms, to
    which rounding is relative; nan where that sum is too small."""
    size = float(scale.norm())
    return float(difference.norm()) / size if size > SMALLEST else nan


class Identities:
    """The worst violation so far of each identity that the config obeys; names as keys of `worst`, nan as long as
    nothing has been measured.

    conservation: for rectifiers, each hidden unit has Σ_in w·∂L/∂w + b·∂L/∂b = Σ_out w·∂L/∂w, so that gradient flow
    conserves |w_in|² − |w_out|² (Du, Hu & Lee 2018, arXiv:1806.00900). softmax: the gradients of the two classes'
    outputs sum to 0. orthogonal: the output of a normalization does not depend on the scale of its input, so that
    w·∂L/∂w = 0, per unit for batch norm, per layer for layer and RMS norm (van Laarhoven 2017, arXiv:1706.05350). With
    the norm's ε the derivative of ẑ = z/√(v + ε) by the logarithm of z's scale is ẑ · ε/(v + ε), and w·∂L/∂w is the sum
    of its products with ∂L/∂ẑ. Steps whose gradients overflow float32 are left out.
    """

    def __init__(self, config: TrainingConfig, model: nn.Module) -> None:
        self.linears = [module for module in model.modules() if isinstance(module, nn.Linear)]
        plain = config.skip == "none" and config.l1 == config.l2 == 0
        biased = config.optimizer not in ("muon", "lars")  # these freeze biases, which then have no gradient
        self.normalization, self.width, self.batch = config.normalization, config.width, config.batch
        self.worst: dict[str, float] = {}
        if plain and biased and config.activation in RECTIFIERS and config.normalization == "none":
            self.worst["conservation"] = nan
        if config.classes and config.l1 == config.l2 == 0:
            self.worst["softmax"] = nan
        self.watching = False  # whether the next step is measured
        self.norms: list[Any] = []
        self.seen: dict[nn.Module, tuple[Tensor, Tensor]] = {}  # inputs and outputs of the modules
        if plain and biased and config.normalization != "none":
            self.worst["orthogonal"] = nan
            self.norms = [module for module in model.modules() if isinstance(module, NORM_LAYERS)]
        for module in [*self.linears, *self.norms]:
            module.register_forward_hook(self._see)

    @property
    def rounding(self) -> float:
        """The relative rounding error of an identity in float32."""
        return ROUNDING * (self.batch + self.width)

    @torch.no_grad()
    def look(self) -> None:
        """Test the identities; called after backward, before clipping."""
        gradients = [p.grad for linear in self.linears for p in linear.parameters() if p.grad is not None]
        if not all(bool(g.isfinite().all()) for g in gradients):
            return
        if "softmax" in self.worst:
            gradient, inputs = _grad(self.linears[-1].weight), self.seen[self.linears[-1]][0].double()
            # the rounding of a probability is relative to 1, even if it differs little from the label
            self._keep("softmax", _apart(gradient.sum(0), inputs.abs().mean(0)))
        if not self.worst.keys() & {"conservation", "orthogonal"}:
            return
        along = [linear.weight.double() * _grad(linear.weight) for linear in self.linears]
        for i, linear in enumerate(self.linears[:-1]):
            own = along[i].sum(1) + linear.bias.double() * _grad(linear.bias)
            if "conservation" in self.worst:
                after = self.linears[i + 1]
                terms = self._terms(linear).sum(1) + self._terms(after, biased=False).sum(0)
                self._keep("conservation", _apart(own - along[i + 1].sum(0), terms))
            elif self.normalization == "batch":
                due, sizes = self._normalized(self.norms[i])
                self._keep("orthogonal", _apart(own - due, self._terms(linear, sizes).sum(1)))
            else:
                due, sizes = self._normalized(self.norms[i])
                self._keep("orthogonal", _apart(own.sum() - due.sum(), self._terms(linear, sizes).sum()))
        self.seen.clear()

    def _see(self, module: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> None:
        if self.watching and module.training and output.requires_grad:
            output.retain_grad()
            self.seen[module] = arguments[0].detach(), output

    def _terms(self, linear: nn.Linear, sizes: Tensor | None = None, biased: bool = True) -> Tensor:
        """Σ |w ∂ℒ/∂z h| over examples, (out, in), with a column of the biases; sizes (N, out) replace |∂ℒ/∂z|."""
        inputs, output = self.seen[linear]
        sizes = _grad(output).abs() if sizes is None else sizes
        terms = linear.weight.double().abs() * (sizes.T @ inputs.double().abs())
        return torch.cat((terms, (linear.bias.double().abs() * sizes.sum(0))[:, None]), 1) if biased else terms

    def _normalized(self, norm: Any) -> tuple[Tensor, Tensor]:
        """ẑ·∂L/∂ẑ · ε/(v + ε) per unit, summed over examples; and the sizes (N, width) of the terms of ∂L/∂z."""
        z, output = self.seen[norm]
        z = z.double()
        shift = norm.bias.double() if getattr(norm, "bias", None) is not None else 0.0
        epsilon = norm.eps if norm.eps is not None else torch.finfo(torch.float32).eps
        axis = 0 if self.normalization == "batch" else 1
        if self.normalization == "rms":
            v = z.square().mean(1, keepdim=True)
        else:
            v = z.var(axis, correction=0, keepdim=True)
        terms = (output.detach().double() - shift) * _grad(output) * epsilon / (v + epsilon)  # gains cancel
        sizes = (norm.weight.double() * _grad(output)).abs() / (v + epsilon).sqrt()
        normal = (output.detach().double() - shift).abs() / norm.weight.double().abs().clamp(min=1e-12)
        return terms.sum(0), sizes + sizes.mean(axis, keepdim=True) + normal * (normal * sizes).mean(axis, keepdim=True)

    def _keep(self, name: str, value: float) -> None:
        before = self.worst[name]
        if value == value:
            self.worst[name] = max(before if before == before else -inf, value)


def _grad(tensor: Tensor) -> Tensor:
    """The gradient of a tensor in double precision."""
    assert tensor.grad is not None
    return tensor.grad.double()
