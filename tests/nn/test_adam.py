"""Adam as one vector against torch's own, and the average against its definition."""

import pytest
import torch

from demos.nn.adam import AveragedAdam


def test_it_is_adam_and_its_average():
    random = torch.Generator().manual_seed(0)
    start = {"a": torch.randn(3, 4, generator=random), "b": torch.randn(5, generator=random)}
    ours = AveragedAdam(start, averaging=2.0)
    theirs = [tensor.clone().requires_grad_() for tensor in start.values()]
    adam = torch.optim.Adam(theirs, lr=0.05, betas=(0.9, 0.99))
    past = []
    for _ in range(30):
        for weights, step in ((list(ours.weights.values()), lambda: ours.step(0.05)), (theirs, adam.step)):
            loss = (weights[0].square().sum() - 3) ** 2 + weights[1].sin().sum()
            loss.backward()
            step()
        adam.zero_grad()
        past.append(torch.cat([weight.detach().flatten() for weight in ours.weights.values()]))
    for weight, expected in zip(ours.weights.values(), theirs, strict=True):
        assert torch.allclose(weight, expected, atol=1e-5)
    # Karras et al. 2024, eq. 124: the weight of step i is what i^(γ+1) gains from i − 1 to i
    gains = torch.arange(1, 31.0) ** 3 - torch.arange(30.0) ** 3
    mean = (gains[:, None] * torch.stack(past)).sum(0) / gains.sum()
    assert torch.allclose(torch.cat([average.flatten() for average in ours.averages.values()]), mean, atol=1e-5)
    assert all(float(weight.grad.abs().max()) == 0.0 for weight in ours.weights.values())


def test_the_given_tensors_stay_as_they_are():
    given = {"a": torch.ones(2)}
    adam = AveragedAdam(given, averaging=8.0)
    adam.weights["a"].sum().backward()
    adam.step(0.1)
    assert torch.equal(given["a"], torch.ones(2))
    assert adam.weights["a"].tolist() == pytest.approx([0.9, 0.9])
