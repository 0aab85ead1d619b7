"""torch's optimizers without its compiler: the same steps."""

import pytest
import torch

from demos.nn.bare import bare


def _run(kind: type[torch.optim.Optimizer], settings: dict) -> tuple[torch.Tensor, int]:
    """The weights after five steps, and how often a hook after a step was called."""
    weights = torch.arange(12.0).reshape(3, 4).requires_grad_()
    optimizer, calls = kind([weights], **{"lr": 0.05, **settings}), []
    optimizer.register_step_post_hook(lambda *_: calls.append(1))
    for _ in range(5):
        optimizer.zero_grad()
        (weights - 3).pow(4).sum().backward()
        optimizer.step()
    return weights.detach(), len(calls)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [(torch.optim.SGD, {"momentum": 0.9}), (torch.optim.Adam, {}), (torch.optim.AdamW, {}), (torch.optim.Muon, {})],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_the_steps_are_those_of_torch(kind, settings):
    settings = {**settings, "lr": 1e-4} if kind is torch.optim.SGD else settings
    (ours, calls), (theirs, _) = _run(bare(kind), settings), _run(kind, settings)
    assert torch.equal(ours, theirs) and calls == 5
    assert not torch.equal(ours, torch.arange(12.0).reshape(3, 4))
