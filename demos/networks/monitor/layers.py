"""The watched modules of a model, with their parameters, optimizer and activation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from demos.networks.monitor.slopes import SLOPES

# whether a tensor is a wrapper of torch.func (vmap, grad), whose values cannot be read
wraps_functorch = torch._C._functorch.is_functorch_wrapped_tensor
NO_PARAMETERS = "the model has no parameters: a monitor needs at least one."


@dataclass
class Watched:
    """One watched module. index: its row in all tables; name: as in named_modules(); optimizer: the index of the
    optimizer of its parameters, None without one; tied: other layers whose parameters it uses too."""

    index: int
    name: str
    module: nn.Module
    kind: str
    parameters: list[nn.Parameter]
    optimizer: int | None = None
    tied: str = ""
    activation: str = ""

    @property
    def trainable(self) -> list[nn.Parameter]:
        """The parameters with requires_grad, read at each call, because layers may be frozen during training."""
        return [p for p in self.parameters if p.requires_grad]

    @property
    def size(self) -> int:
        """The number of its parameters' elements."""
        return sum(p.numel() for p in self.parameters)


@dataclass(frozen=True)
class Moved:
    """The layers that one optimizer moves, with all their parameters in one list; rows: the layers' indices; owners:
    that of each parameter's layer."""

    layers: list[Watched]
    rows: list[int]
    parameters: list[nn.Parameter]
    owners: list[int]

    @classmethod
    def of(cls, layers: Sequence[Watched]) -> Moved:
        """The layers of these that have a trainable parameter."""
        found = [layer for layer in layers if layer.trainable]
        pairs = [(layer.index, p) for layer in found for p in layer.parameters]
        rows = [layer.index for layer in found if layer.parameters]
        return cls(found, rows, [p for _, p in pairs], [index for index, _ in pairs])

    def gradients(self) -> tuple[list[int], list[Tensor]]:
        """The owners and gradients of the parameters that have one."""
        found = [p.grad for p in self.parameters]
        given = [g for g in found if g is not None]
        if len(given) == len(found):
            return self.owners, given
        return [index for index, g in zip(self.owners, found, strict=True) if g is not None], given


def one_module(model: nn.Module | Mapping[str, nn.Module]) -> nn.Module:
    """The model; a dictionary of several models as one module. TypeError for anything else."""
    if isinstance(model, nn.Module):
        return model
    if isinstance(model, Mapping) and model and all(isinstance(each, nn.Module) for each in model.values()):
        return nn.ModuleDict(dict(model))
    raise TypeError(f"a torch.nn.Module is watched, or a dictionary of them, not {type(model).__name__}.")


def is_compiled(model: nn.Module) -> bool:
    """Whether the model or a part of it is wrapped by torch.compile."""
    return any(
        hasattr(module, "_orig_mod") or getattr(module, "_compiled_call_impl", None) is not None
        for module in model.modules()
    )


def optimizers_of(optimizer: Any) -> list[Any]:
    """A list of the given optimizers (None, one or several); wrappers with `.optimizer` (accelerate) are unwrapped."""
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

    A parameter that several modules use (tied weights) belongs to the first. ValueError for a model without parameters,
    with lazy ones that have no shape yet, or with none that the optimizers change.
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
    """The first tensor in a module's output: a tensor, tuple, dictionary or data class, nested up to three deep."""
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
    """The modules inside torch's transformer layers. Their own hooks would disable torch's fast path in evaluation,
    which changes the last bits of outputs; a global hook does not."""
    inside: set[nn.Module] = set()
    for module in model.modules():
        if isinstance(module, nn.TransformerEncoderLayer):
            inside.update(module.modules())
    return inside
