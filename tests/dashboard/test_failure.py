"""Tests of what counts as a refusal, whose sentence the visitor reads, and what as a fault of the program."""

import json

import numpy as np
import pytest

from dashboard.frame.failure import is_refusal
from tests.dashboard.fake_demo import FakeConfig


def _caught(call) -> Exception:
    with pytest.raises(Exception) as caught:
        call()
    return caught.value


@pytest.mark.parametrize(
    ("call", "refused"),
    [
        (lambda: FakeConfig(particles=2000, frames=2000), True),
        (lambda: np.zeros(2) + np.zeros(3), False),
        (lambda: json.loads("{"), False),  # a `raise` statement, but of the standard library
        (lambda: max([]), False),
        (lambda: 1 // 0, False),
        (lambda: {}["key"], False),
    ],
)
def test_only_a_raise_statement_of_this_project_refuses(call, refused):
    assert is_refusal(_caught(call)) == refused
