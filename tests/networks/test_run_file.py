"""Runs survive a file; what is not a run is refused in one sentence."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from demos.networks import GradientFlowMonitor, RunFileError, diagnose, load_run, parse_run
from demos.networks.monitor import run_file


@pytest.fixture(scope="module")
def monitor():
    """A run with everything in it: rows, a loss that is not finite, a prediction."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    with GradientFlowMonitor(model, optimizer, every=1, batch_size=3) as monitor:
        for factor in (1.0, 1.0, float("nan")):
            optimizer.zero_grad()
            loss = (model(torch.ones(3, 2)) * factor).sum()
            loss.backward()
            monitor.log(loss)
            optimizer.step()
    return monitor


def test_a_run_survives_its_file(monitor, tmp_path):
    monitor.save(tmp_path / "run.json")
    run, loaded = monitor.run, load_run(tmp_path / "run.json")
    for name, values in run.series.items():
        assert loaded.series[name] == pytest.approx(values, rel=1e-5, abs=1e-300, nan_ok=True), name
    assert loaded.noise == pytest.approx(run.noise, rel=1e-5, nan_ok=True)
    for name in ("model", "every", "batch_size", "layers", "steps", "which", "nonfinite", "notes", "total_steps"):
        assert getattr(loaded, name) == getattr(run, name), name
    assert [each.name for each in loaded.optimizers] == ["Adam"] and loaded.optimizers[0].settings["eps"] == 1e-8
    assert loaded.predicted["names"] == ["0", "2"] and np.array(loaded.losses[:2]) == pytest.approx(
        np.array(run.losses[:2]), rel=1e-5
    )
    assert np.isnan(loaded.losses[2][1]) and np.isnan(loaded.series["clipped"][2]).any()
    for one, other in zip(loaded.histograms, run.histograms, strict=True):
        assert one.keys() == other.keys()
        assert all(one[k][0] == other[k][0] and (one[k][1] == other[k][1]).all() for k in one)
    assert str(monitor.report()) == str(diagnose(loaded))


def damaged(monitor, **changes):
    document = json.loads(run_file.dump_run(monitor.run))
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = document
        for parent in parents:
            place = place[int(parent) if isinstance(place, list) else parent]
        place[int(last) if isinstance(place, list) else last] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00",
        b"[1, 2]",
        b"{}",
        b"[" * 100_000,
        b"9" * 5_000,
        b'{"format": "gradient-flow-run", "version": 1, "every": NaN}',
        b'{"format": "gradient-flow-run", "version": 2}',
        b'{"format": "gradient-flow-run", "version": 1}',
    ],
)
def test_what_is_not_a_run_is_refused_in_a_sentence(data):
    refused(data)


def refused(data):
    with pytest.raises(RunFileError) as caught:
        parse_run(data)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".") and len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "changes",
    [
        {"layers": []},
        {"layers": "x"},
        {"layers__0__size": -1},
        {"layers__0__name": 3},
        {"steps": [0, 1]},
        {"steps__0": 1.5},
        {"which__0": 7},
        {"series__gradient": []},
        {"series__gradient__0__0": "NaN"},
        {"series__gradient__0__0": None},
        {"series__gradient__0": [1.0]},
        {"noise": {}},
        {"losses": [[0]]},
        {"histograms__0": {"99": [0, [1]]}},
        {"histograms__0": {"0": [250, [1, 2, 3, 4, 5, 6, 7]]}},
        {"nonfinite": {"layer": "0", "step": 0, "where": "<b>"}},
        {"predicted__gradient": [1.0]},
        {"optimizers": [{"name": "Adam"}]},
        {"total_steps": True},
    ],
    ids=str,
)
def test_a_damaged_run_is_refused_in_a_sentence(monitor, changes):
    refused(damaged(monitor, **changes))


def test_a_truncated_run_is_refused(monitor):
    data = run_file.dump_run(monitor.run).encode()
    for length in range(0, len(data), max(1, len(data) // 40)):
        refused(data[:length])


def test_a_large_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(200_000_000)  # a hole: takes no space
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: pytest.fail("it was read"))
    with pytest.raises(RunFileError, match="200 MB"):
        load_run(path)
