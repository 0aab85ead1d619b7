"""The phase field's settings: what is refused, what goes along, what is not used."""

import numpy as np
import pytest

from demos.physics.phase_field.amplification import stability_limit
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.drawing import SIDE, encode_drawing
from demos.physics.phase_field.model import PhaseField

BASE = {"method": "etdrk2_adaptive", "start": "spinodal", "grid": "64", "duration": 40.0}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start": "drawn"}, "drawing"),
        ({"start": "drawn", "drawing": "???"}, "text of the drawing"),
        ({"drawing": "nonsense"}, "text of the drawing"),
        ({"start": "drawn", "drawing": encode_drawing(np.full((SIDE, SIDE), -1.0))}, "blank"),
        ({"method": "rkc"}, "method"),
        ({"start": "random"}, "start"),
        ({"method": "euler", "step": 1e-6, "duration": 1e4}, "40 s"),
    ],
)
def test_what_is_refused_is_one_sentence(changes, words):
    with pytest.raises(ValueError, match=words) as problem:
        PhaseFieldConfig(**(BASE | changes))
    assert str(problem.value).endswith(".")


def test_explicit_euler_begins_with_a_stable_step():
    before = PhaseFieldConfig(**BASE)
    values = {name: getattr(before, name) for name in PhaseFieldConfig.controls()} | {"method": "euler"}
    for metric in ("L2", "H-1"):
        now = PhaseFieldConfig(**PhaseFieldConfig.adapt(before, values | {"metric": metric}))
        assert 0.5 < now.step / stability_limit(PhaseField(64, 1.0, metric)) < 1
        assert now.duration / now.step <= 10_000 * (1 + 1e-9)
        later = {name: getattr(now, name) for name in PhaseFieldConfig.controls()}
        assert PhaseFieldConfig.adapt(now, later | {"step": 1e-5})["step"] == 1e-5  # the visitor's own
        assert PhaseFieldConfig.adapt(now, later | {"method": "etdrk2"})["duration"] == 150


def test_fields_that_are_not_used():
    config = PhaseFieldConfig(**BASE)
    assert {"drawing", "stabilizer", "step"} <= config.unused() and "mean" not in config.unused()
    config = PhaseFieldConfig(**(BASE | {"method": "etdrk2", "start": "disc", "step": 0.25}))
    assert {"drawing", "mean", "tolerance"} <= config.unused() and "stabilizer" not in config.unused()
