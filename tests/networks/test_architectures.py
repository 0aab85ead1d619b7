"""Random CNNs and Transformers: patches, theory's special cases, and what is refused."""

import numpy as np
import pytest
import torch

from demos.networks.architectures.config import ArchitecturesConfig
from demos.networks.architectures.law import kappa, law_of
from demos.networks.architectures.measure import patches
from demos.networks.bench.shapes import SIDE, images


def test_patches_times_a_matrix_are_a_circular_convolution():
    generator = torch.Generator().manual_seed(0)
    x, kernel = (
        torch.randn(*shape, generator=generator, dtype=torch.float64) for shape in ((2, 6, 6, 3), (4, 3, 3, 3))
    )
    padded = torch.nn.functional.pad(x.permute(0, 3, 1, 2), (1, 1, 1, 1), mode="circular")
    wanted = torch.nn.functional.conv2d(padded, kernel).permute(0, 2, 3, 1)
    matrix = kernel.flip(2, 3).permute(2, 3, 1, 0).reshape(27, 4)  # roll(+1) brings the neighbour before
    torch.testing.assert_close(patches(x) @ matrix, wanted)


def test_theory_in_its_special_cases():
    assert (kappa(1.0), kappa(0.0)) == pytest.approx((1.0, 1 / np.pi))
    pre = law_of(ArchitecturesConfig(blocks=40, networks=3, batch=2), "pre")
    shallow = law_of(ArchitecturesConfig(blocks=10, networks=3, batch=2), "pre")
    assert shallow.last - pre.last == pytest.approx(0.5 * np.log10(4), abs=0.06)  # Xiong et al.: 1/√L
    plain = law_of(ArchitecturesConfig(kind="cnn", blocks=20, networks=3, batch=2), "plain")
    assert plain.gradient[0] == pytest.approx(-19 / 2 * np.log10(6))  # χ = 1/6, as of nn.Linear


def test_images_are_shapes_that_lie_inside():
    made = images(40, np.random.default_rng(0))
    assert made.shape == (40, SIDE, SIDE) and set(np.unique(made)) == {0.0, 1.0}
    assert (made.sum((1, 2)) > 3).all()


def test_too_much_work_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="times the work allowed"):
        ArchitecturesConfig(blocks=40, width=128, networks=12, batch=32)
