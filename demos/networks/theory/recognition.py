"""Which models theory can predict: `predict_model`, for chains of linear layers, normalizations and activations."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.utils import parametrize

from demos.networks.theory.activations import ACTIVATIONS, Activation, leaky_relu
from demos.networks.theory.batch_norm import LEAST
from demos.networks.theory.mean_field import MAXIMUM_DEPTH, Layer, Prediction, propagate

PASSED = (nn.Identity, nn.Flatten)  # modules that change no values, and are skipped


def activation_of(module: nn.Module) -> Activation | None:
    """The activation that a module computes; None if the theory does not cover it."""
    match module:
        case nn.LeakyReLU():
            return leaky_relu(module.negative_slope)
        case nn.ReLU():
            return ACTIVATIONS["relu"]
        case nn.Tanh():
            return ACTIVATIONS["tanh"]
        case nn.Sigmoid():
            return ACTIVATIONS["sigmoid"]
        case nn.GELU():  # the tanh approximation differs by less than 5e-4
            return ACTIVATIONS["gelu"]
        case nn.SiLU():
            return ACTIVATIONS["silu"]
    return None


def normalization_of(module: nn.Module) -> str | None:
    """The kind "batch", "layer" or "rms"; None if the module is not a normalization over one dimension."""
    match module:
        case nn.BatchNorm1d():
            return "batch"
        case nn.LayerNorm():
            return "layer"
        case nn.RMSNorm():
            return "rms"
    return None


@dataclass(frozen=True)
class Chain:
    """Linear layers, first to last, with the activation and the normalization after each, and their names."""

    layers: list[Layer]
    activations: list[Activation]
    normalizations: list[str]
    names: tuple[str, ...]

    def predict(self, second_moment: float = 1.0, batch: int | None = None) -> Prediction:
        """The prediction for inputs of this mean square; batch: the number of samples that batch norm looks at, None
        for very many (as for fewer than theory knows)."""
        known = batch if batch is not None and batch >= LEAST else None
        return propagate(self.layers, self.activations, self.normalizations, 0.0, second_moment, self.names, known)


def predict_model(model: nn.Module, second_moment: float = 1.0) -> Prediction:
    """Mean-field prediction for a model, from the variances of its current weights and biases.

    model: an nn.Sequential (they may be nested) of nn.Linear, each followed, if by anything, by a normalization
    (BatchNorm1d, LayerNorm, RMSNorm) and then an activation (ReLU, LeakyReLU, Tanh, Sigmoid, GELU, SiLU).
    second_moment: mean square of the inputs. The names in the prediction are those of the linear layers.
    ValueError, naming the module that the theory does not cover, for any other model.
    """
    return chain_of(model).predict(second_moment)


def chain_of(model: nn.Module) -> Chain:
    """The model as theory sees it, with its current variances. ValueError as `predict_model`."""
    chain: list[tuple[str, nn.Linear, Activation, str]] = []
    if any(parametrize.is_parametrized(module) for module in model.modules()):  # whose weights may change when read
        raise ValueError("theory knows free weights, not parametrized ones.")
    if any(p.is_complex() for p in model.parameters()):
        raise ValueError("theory knows real weights, not complex ones.")
    for name, module in _flat(model):
        if isinstance(module, nn.Linear):
            chain.append((name, module, ACTIVATIONS["linear"], "none"))
            continue
        if isinstance(module, PASSED) and not chain:
            continue
        if isinstance(module, nn.Identity):
            continue
        if not chain:
            raise ValueError(f"theory begins at a linear layer, but {name} is {type(module).__name__}.")
        last, linear, activation, norm = chain[-1]
        if (found := normalization_of(module)) and norm == "none" and activation.name == "linear":
            chain[-1] = (last, linear, activation, found)
        elif (phi := activation_of(module)) and activation.name == "linear":
            chain[-1] = (last, linear, phi, norm)
        else:
            raise ValueError(
                f"theory knows linear layers, each with a normalization and an activation after it; {name}, "
                f"{type(module).__name__}, is not of that kind."
            )
    if not chain:
        raise ValueError("the model has no linear layer: there is nothing that theory could predict.")
    if len(chain) > MAXIMUM_DEPTH:
        raise ValueError(f"theory follows at most {MAXIMUM_DEPTH:,} layers; the model has {len(chain):,}.")
    return Chain(
        [_variances(linear) for _, linear, _, _ in chain],
        [phi for _, _, phi, _ in chain],
        [norm for *_, norm in chain],
        tuple(name for name, *_ in chain),
    )


def _flat(model: nn.Module, prefix: str = "") -> list[tuple[str, nn.Module]]:
    if not isinstance(model, nn.Sequential):
        raise ValueError(
            f"theory predicts an nn.Sequential of linear layers and activations, not {type(model).__name__}."
        )
    pairs = []
    for name, module in model.named_children():
        inside = isinstance(module, nn.Sequential)
        pairs += _flat(module, f"{prefix}{name}.") if inside else [(prefix + name, module)]
    return pairs


@torch.no_grad()
def _variances(linear: nn.Linear) -> Layer:
    weight = linear.weight.detach().double()
    bias = float(linear.bias.detach().double().square().mean()) if linear.bias is not None else 0.0
    return Layer(linear.in_features, linear.out_features, linear.in_features * float(weight.square().mean()), bias)
