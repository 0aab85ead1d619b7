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
ARRAYS = (torch.strided, torch.sparse_coo)
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


def one_module(model: nn.Module | Mapping[str, nn.Module]) -> nn.Module:
    """The model; a dictionary of several models as one module. TypeError for anything else."""
    if isinstance(model, nn.Module):
        return model
    if isinstance(model, Mapping) and model and all(isinstance(each, nn.Module) for each in model.values()):
        return nn.ModuleDict(dict(model))
    raise TypeError(f"a torch.nn.Module is watched, or a dictionary of them, not {type(model).__name__}.")


def is_compiled(model: nn.Module) -> bool:
    """Whether the model or a part of it is wrapped by torch.compile or torch.jit."""
    return any(
        isinstance(module, torch.jit.ScriptModule)
        or hasattr(module, "_orig_mod")
        or getattr(module, "_compiled_call_impl", None) is not None
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


def owners_of(optimizers: Sequence[Any]) -> dict[int, int]:
    """The index of the optimizer of each parameter, by the parameter's id."""
    return {
        id(p): index for index, each in enumerate(optimizers) for group in each.param_groups for p in group["params"]
    }


def owner_of(parameters: Sequence[nn.Parameter], owners: Mapping[int, int]) -> int | None:
    """The optimizer of the first of these parameters that has one."""
    return next((owners[id(p)] for p in parameters if id(p) in owners), None)


def watched_layers(model: nn.Module, optimizers: Sequence[Any]) -> list[Watched]:
    """Modules with parameters of their own, and activations, in the order of named_modules().

    A parameter that several modules use (tied weights) belongs to the first. ValueError for a model without parameters,
    with lazy ones that have no shape yet, or with none that the optimizers change.
    """
    if not any(True for _ in model.parameters()):
        raise ValueError(NO_PARAMETERS)
    if any(isinstance(p, nn.parameter.UninitializedParameter) for p in model.parameters()):
        raise ValueError("the model has lazy layers without a shape yet: run one batch through it first.")
    owners = owners_of(optimizers)
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
        layer.optimizer = owner_of(own, owners)
        layer.activation = slope.name if slope else ""
        layers.append(layer)
    return layers


def first_tensor(output: Any) -> Tensor | None:
    """The first tensor in a module's output: a tensor, tuple, dictionary or data class, nested up to three deep. None
    without one, and for one that is no array (a nested tensor, a compressed sparse one)."""
    found = _first(output, 3)
    return found if found is None or (found.layout in ARRAYS and not found.is_nested) else None


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


def is_plain(tensor: Tensor) -> bool:
    """Whether it is an array of numbers that can be read."""
    return tensor.layout is torch.strided and not tensor.is_nested and not wraps_functorch(tensor)


def has_fast_path(model: nn.Module) -> set[nn.Module]:
    """The modules inside torch's transformer layers. Their own hooks would disable torch's fast path in evaluation,
    which changes the last bits of outputs; a global hook does not."""
    inside: set[nn.Module] = set()
    for module in model.modules():
        if isinstance(module, nn.TransformerEncoderLayer):
            inside.update(module.modules())
    return inside
