"""torch's optimizers and layers without torch's compiler."""

from __future__ import annotations

import inspect
from functools import cache

import torch
from torch import nn


@cache
def bare(kind: type[torch.optim.Optimizer]) -> type[torch.optim.Optimizer]:
    """`bare(torch.optim.Adam)` makes the very same steps, with the same hooks and the same state.

    torch wraps three methods of every optimizer for the sake of `torch.compile`, and the first call of one imports
    `torch._dynamo`: 800 modules, 70 MB and half a second, which a server keeps although nothing in it is compiled. Here
    they are unwrapped; so it is not for optimizers of compiled programs, nor for `differentiable=True`.
    """
    methods = {name: inspect.unwrap(getattr(kind, name)) for name in ("step", "zero_grad", "add_param_group")}
    methods["step"] = torch.no_grad()(methods["step"])
    return type(kind.__name__, (kind,), methods)


@cache
def blank(kind: type[nn.Module]) -> type[nn.Module]:
    """`blank(torch.nn.Linear)` is the same layer, whose constructor leaves the weights undefined: the caller sets them.

    torch's own constructors draw them from the global random stream, and its `skip_init` imports `torch._dynamo` too.
    """
    return type(kind.__name__, (kind,), {"reset_parameters": lambda self: None})
