"""Tests that the studies name every setting on which they depend: their results are cached by these settings."""

import pandas as pd
import pytest

from demos.descent.config import DescentConfig
from demos.descent.demo import DEMO
from demos.descent.studies import orders, phase, sweep

OTHER = {"clock": "steps", "steps": 90, "x1": 1.0, "y1": 1.0, "count": 5, "lr_euler": 0.004}


def recorded(config, read: set[str]):
    """A copy of the config that adds to `read` the name of every field that is read."""
    names = frozenset(config.controls())

    class Recorded(type(config)):
        __hash__ = object.__hash__

        def __eq__(self, other):
            return self is other

        def __getattribute__(self, name):
            if name in names:
                read.add(name)
            return super().__getattribute__(name)

    copy = object.__new__(Recorded)
    for name in names:
        object.__setattr__(copy, name, getattr(config, name))
    return copy


@pytest.mark.parametrize("start", ["grid", "line"])
@pytest.mark.parametrize("name", ["sweep", "orders", "phase"])
def test_a_setting_that_is_not_named_changes_nothing(monkeypatch, name, start):
    """The first start of a grid depends on the number of starts, for example."""
    monkeypatch.setattr(sweep, "RATES", 3)
    monkeypatch.setattr(orders, "HALVINGS", 2)
    monkeypatch.setattr(phase, "CELLS", 8)
    config = DescentConfig(start=start, count=3, methods=("euler", "heavy_ball"), steps=60, clock="time")
    study = next(study for study in DEMO.studies(config) if study.name == name)
    read: set[str] = set()
    frame = study.run(recorded(config, read), None)
    assert {"start", "surface"} <= read  # it is recorded
    for field in read - set(study.depends_on):
        other = study.run(config.replace(**{field: OTHER[field]}), None)
        pd.testing.assert_frame_equal(other, frame)
