"""torch's optimizers and layers without its compiler: the same steps, weights that the caller sets."""

import pytest
import torch

from demos.nn.bare import bare, blank


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


@pytest.mark.parametrize("shape", [(torch.nn.Linear, 3, 4), (torch.nn.Conv2d, 3, 4, 3), (torch.nn.Embedding, 3, 4)])
def test_a_blank_layer_draws_nothing_and_is_the_layer_of_torch(shape):
    kind, *sizes = shape
    state = torch.get_rng_state()
    layer = blank(kind)(*sizes)
    assert torch.equal(torch.get_rng_state(), state)
    whole = kind(*sizes)
    layer.load_state_dict(whole.state_dict())
    x = {"Linear": torch.ones(2, 3), "Conv2d": torch.ones(2, 3, 5, 5), "Embedding": torch.arange(3)}[kind.__name__]
    assert isinstance(layer, kind) and torch.equal(layer(x), whole(x))
