"""Findings: the right ones on twelve networks with a known illness or none, and the first value that is not finite."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from demos.networks import GradientFlowMonitor, diagnose, parse_run
from demos.networks.monitor.run_file import dump_run
from tests.networks.cases import CASES, examine


@pytest.mark.parametrize("case", CASES, ids=lambda each: each.name)
def test_twelve_networks(case):
    monitor, _ = examine(case)
    report = monitor.report()
    assert {each.code for each in report.alarms} == case.alarms and case.codes <= report.codes, str(report)
    frame = report.to_frame()
    assert len(frame) == len(report.findings) and frame["code"].tolist() == [each.code for each in report.findings]
    text = str(report)
    assert all(each.code in text and each.layer in text for each in report.findings)
    assert max(map(len, text.splitlines())) <= 120
    again = diagnose(parse_run(dump_run(monitor.run).encode()))
    assert again.codes == report.codes and [x.layer for x in again.findings] == [x.layer for x in report.findings]
    for finding in report.findings:
        if (
            finding.code == "vanishing"
        ):  # what theory says stands beside what was measured: 0.15 + 3 standard deviations
            _, spread = _decay(monitor)
            assert abs(finding.measured - finding.predicted) < 0.15 + 3 * spread


def _decay(monitor):
    predicted = monitor.run.predicted
    return predicted["gradient"][0] - predicted["gradient"][-2], predicted["spread"][0]


class Broken(nn.Module):
    """Three linear layers; what goes wrong between the second and the third is given."""

    def __init__(self, trouble):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(2, 4), nn.Linear(4, 4), nn.Linear(4, 1)
        self.trouble = trouble

    def forward(self, x):
        return self.c(self.trouble(self.b(self.a(x))))


def nothing(h):
    return h


def root_of_zero(h):
    return h + (h - h).sqrt()  # 0 going forward, ∞·0 going back


def overflow(h):
    return h * math.inf


@pytest.mark.parametrize(
    ("trouble", "spoil", "where", "layer"),
    [
        (root_of_zero, None, "gradient", "b"),
        (overflow, None, "activation", "c"),
        (nothing, "input", "input", "a"),
        (nothing, "weight", "weight", "b"),
        (nothing, "loss", "loss", "the loss"),
        (nothing, "rate", "update", "a"),
    ],
)
@pytest.mark.parametrize("at", [2, 3])  # measured, and not
def test_the_first_value_that_is_not_finite(trouble, spoil, where, layer, at):
    model = Broken(nothing)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with GradientFlowMonitor(model, optimizer, every=2) as monitor:
        for step in range(6):
            x = torch.ones(3, 2)
            if step == at:
                model.trouble = trouble
                if spoil == "input":
                    x[1, 0] = math.nan
                if spoil == "weight":
                    model.b.weight.data[0, 0] = math.inf
                if spoil == "rate":
                    optimizer.param_groups[0]["lr"] = math.inf
            optimizer.zero_grad()
            loss = model(x).square().mean()
            if spoil == "loss" and step == at:
                loss = (loss * 0).log() * 0 + loss.detach()
            monitor.log(loss)
            if spoil != "loss" or step < at:
                loss.backward()
            optimizer.step()
    found = monitor.run.nonfinite
    if (
        spoil == "rate" and at == 3
    ):  # weights are looked at after measured steps only: seen one step later, going forward
        assert (found["where"], found["step"]) == ("weight", 4)
    else:
        assert (found["layer"], found["step"], found["where"]) == (layer, at, where)
    (finding,) = (each for each in monitor.report().findings if each.code == "nonfinite")
    assert finding.severity == "alarm" and finding.measured == found["step"]
    gradients = monitor.run.series["gradient"]
    assert where not in ("gradient", "activation") or at == 3 or np.isnan(gradients).any()  # kept, not dropped


def test_a_loop_that_breaks_off_is_diagnosed_too():
    model = Broken(nothing)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with pytest.raises(ArithmeticError), GradientFlowMonitor(model, optimizer) as monitor:
        loss = model(torch.full((1, 2), math.inf)).sum()
        raise ArithmeticError(float(loss.detach()))
    assert monitor.run.nonfinite == {"layer": "a", "step": 0, "where": "input"}


def test_a_run_without_a_step_has_no_findings():
    model = nn.Linear(1, 1)
    with GradientFlowMonitor(model, torch.optim.SGD(model.parameters(), lr=0.1)) as monitor:
        pass
    assert monitor.report().findings == () and "nothing to report" in str(monitor.report())
    assert len(monitor.report().to_frame()) == 0
