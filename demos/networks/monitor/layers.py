"""Which modules of a model are watched, and which parameters, optimizer and activation are theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from demos.networks.monitor.slopes import SLOPES

NO_PARAMETERS = "the model has no parameters: a monitor needs at least one."


@dataclass
class Watched:
    """One module and what is its own. index: the row in all tables; name: as in named_modules(); optimizer: the index
    of the one that moves its parameters, None if none does; tied: layers whose parameters it uses as well."""

    index: int
    name: str
    module: nn.Module
    kind: str
    parameters: list[nn.Parameter]
    optimizer: int | None = None
    tied: str = ""
    activation: str = ""
    shared_calls: int = field(default=0)

    @property
    def trainable(self) -> list[nn.Parameter]:
        """Those that want a gradient, read anew: layers may be frozen and thawed during training."""
        return [p for p in self.parameters if p.requires_grad]

    @property
    def size(self) -> int:
        """How many numbers its parameters are."""
        return sum(p.numel() for p in self.parameters)


def one_module(model: nn.Module | Mapping[str, nn.Module]) -> nn.Module:
    """The model; several, given by name, as one. TypeError for anything else."""
    if isinstance(model, nn.Module):
        return model
    if isinstance(model, Mapping) and model and all(isinstance(each, nn.Module) for each in model.values()):
        return nn.ModuleDict(dict(model))
    raise TypeError(f"a torch.nn.Module is watched, or a dictionary of them, not {type(model).__name__}.")


def is_compiled(model: nn.Module) -> bool:
    """Whether torch.compile has wrapped it or a part of it."""
    return any(
        hasattr(module, "_orig_mod") or getattr(module, "_compiled_call_impl", None) is not None
        for module in model.modules()
    )


def optimizers_of(optimizer: Any) -> list[Any]:
    """None, one or several, as a list; wrappers that keep the real one in `.optimizer` (accelerate) are taken off."""
    if optimizer is None:
        return []
    many = list(optimizer) if isinstance(optimizer, Sequence) else [optimizer]
    for position, each in enumerate(many):
        while hasattr(getattr(each, "optimizer", None), "param_groups"):
            each = each.optimizer
        many[position] = each
        if not hasattr(each, "param_groups"):
            raise TypeError(f"an optimizer has param_groups, but {type(each).__name__} has none.")
    return many


def watched_layers(model: nn.Module, optimizers: Sequence[Any]) -> list[Watched]:
    """Modules with parameters of their own, and activations, in the order of named_modules().

    A parameter that several modules use (tied weights) belongs to the first. ValueError in one sentence for a model
    without parameters, with lazy ones that have no shape yet, or with none that the optimizers move.
    """
    if not any(True for _ in model.parameters()):
        raise ValueError(NO_PARAMETERS)
    if any(isinstance(p, nn.parameter.UninitializedParameter) for p in model.parameters()):
        raise ValueError("the model has lazy layers without a shape yet: run one batch through it first.")
    owners = {
        id(p): index for index, each in enumerate(optimizers) for group in each.param_groups for p in group["params"]
    }
    if optimizers and not any(id(p) in owners for p in model.parameters()):
        raise ValueError("the optimizer moves none of the model's parameters: it belongs to another model.")
    layers: list[Watched] = []
    first_user: dict[int, str] = {}
    for name, module in model.named_modules():
        own = [p for p in module.parameters(recurse=False)]
        slope = SLOPES.get(type(module))
        if not own and slope is None:
            continue
        label = name.replace("_orig_mod.", "") or type(module).__name__
        mine = [p for p in own if first_user.setdefault(id(p), label) == label]
        others = sorted({first_user[id(p)] for p in own} - {label})
        layer = Watched(len(layers), label, module, type(module).__name__, mine, tied=", ".join(others))
        layer.optimizer = next((owners[id(p)] for p in own if id(p) in owners), None)
        layer.activation = slope.name if slope else ""
        layers.append(layer)
    return layers


def first_tensor(output: Any) -> Tensor | None:
    """The first tensor of what a module returns: tensor, tuple, dictionary or data class, up to three deep."""
    return _first(output, 3)


def _first(output: Any, depth: int) -> Tensor | None:
    if isinstance(output, Tensor):
        return output
    if depth == 0 or output is None:
        return None
    if isinstance(output, Mapping):
        parts = output.values()
    elif isinstance(output, list | tuple):
        parts = output
    else:
        parts = vars(output).values() if hasattr(output, "__dataclass_fields__") else ()
    for part in parts:
        if (found := _first(part, depth - 1)) is not None:
            return found
    return None


def has_fast_path(model: nn.Module) -> set[nn.Module]:
    """Modules inside torch's transformer layers: hooks of their own would switch off torch's fast path in evaluation
    and so change last bits; a global hook does not."""
    inside: set[nn.Module] = set()
    for module in model.modules():
        if isinstance(module, nn.TransformerEncoderLayer):
            inside.update(module.modules())
    return inside


def wraps_functorch(tensor: Tensor) -> bool:
    """Whether it is a stand-in of torch.func (vmap, grad), which has no numbers to read."""
    return torch._C._functorch.is_functorch_wrapped_tensor(tensor)
