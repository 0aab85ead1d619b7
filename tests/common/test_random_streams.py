"""Named streams: the same numbers on every machine, others for every name and seed."""

import numpy as np
import torch

from demos.common.random_streams import generator, torch_generator

KNOWN = [787195257, 2481258730, 4107550433]
NAMES = ("start", "trats", "noise", "a", "b", "forward noise")


def test_numbers_are_known():
    """NumPy promises the bit streams of SeedSequence and of PCG64."""
    assert generator(7, "noise").integers(2**32, size=3).tolist() == KNOWN


def test_each_name_and_seed_has_a_stream_of_its_own():
    drawn = {
        (seed, name): (
            float(generator(seed, name).random()),
            float(torch.rand(1, generator=torch_generator(seed, name))),
        )
        for seed in range(20)
        for name in NAMES
    }
    for kind in (0, 1):
        assert len({values[kind] for values in drawn.values()}) == len(drawn)


def test_streams_do_not_correlate_and_no_global_generator_is_used():
    state, count = torch.get_rng_state(), 20_000
    rows = np.stack([generator(0, name).standard_normal(count) for name in NAMES])
    others = np.corrcoef(rows) - np.eye(len(NAMES))
    assert np.abs(others).max() < 5 / count**0.5
    torch.randn(3, generator=torch_generator(0, "noise"))
    assert torch.equal(state, torch.get_rng_state())
