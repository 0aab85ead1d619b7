"""Runs are on one thread wherever they are called from, and leave torch as it was."""

import threading

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from demos.common.threads import one_thread


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_nested_uses_restore_the_number_at_the_end(two_threads):
    with one_thread():
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2


def test_an_exception_restores_the_number(two_threads):
    with pytest.raises(KeyError), one_thread():
        raise KeyError
    assert torch.get_num_threads() == 2


def test_concurrent_uses_each_have_one_thread(two_threads):
    inside, outside = [], []
    meet = threading.Barrier(4)

    def work(which):
        meet.wait()
        for _ in range(50):
            with one_thread():
                inside.append(torch.get_num_threads())
        meet.wait()
        outside.append(torch.get_num_threads())

    workers = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert set(inside) == {1}
    assert torch.get_num_threads() == 2


def blas_threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_blas_too_has_one_thread_within():
    """A product of matrices that OpenBLAS shares among threads where it may; their sums differ in the last bits."""
    a, b = np.random.default_rng(0).normal(size=(2, 700, 700))
    with threadpool_limits(1, "blas"):
        alone = a @ b
    with threadpool_limits(2, "blas"):
        before = blas_threads()
        with one_thread(), one_thread():
            assert blas_threads() == {1}
            assert np.array_equal(a @ b, alone)
        assert blas_threads() == before
