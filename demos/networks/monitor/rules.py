"""The rules that derive findings from a run. Each tests one effect, for the optimizer in use: a gradient of 1e-5 of the
others' stops plain gradient descent, but not Adam.

The decisive numbers are |Δθ|/|θ|, the relative size of a step, and, for adaptive optimizers, |g| relative to ε.
"""

from __future__ import annotations

from demos.networks.monitor import rules_gradients, rules_units
from demos.networks.monitor.evidence import Evidence
from demos.networks.monitor.report import SEVERITIES, Finding, Report
from demos.networks.monitor.run import Run

RULES = (
    rules_gradients.nonfinite,
    rules_gradients.exploding,
    rules_gradients.vanishing,
    rules_gradients.below_epsilon,
    rules_gradients.large_steps,
    rules_gradients.clipping,
    rules_gradients.opposite,
    rules_gradients.noise,
    rules_units.dead,
    rules_units.saturated,
    rules_units.unused,
    rules_units.compensated,
    rules_units.backward_growth,
)


def diagnose(run: Run) -> Report:
    """All findings about a run, the most severe first. A run without a measured step gives only a non-finite value."""
    evidence = Evidence(run)
    findings: list[Finding] = []
    for rule in RULES:
        findings += rule(evidence, findings)
    findings.sort(key=lambda each: SEVERITIES.index(each.severity))
    return Report(tuple(findings), run.model, run.total_steps, tuple(run.notes))
