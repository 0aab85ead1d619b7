"""Findings about a run, readable in a terminal and as a table."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import pandas as pd

SEVERITIES = ("alarm", "warning", "note")
WIDTH = 100


@dataclass(frozen=True)
class Finding:
    """code: the kind of finding, for programs; severity: alarm (the network cannot learn like this), warning (it learns
    less well than it could), note (worth knowing); layer: its name, or that of the network; measured, predicted: the
    number in the evidence, and its theoretical value at initialization, where there is one."""

    code: str
    severity: str
    layer: str
    evidence: str
    cause: str
    fix: str
    measured: float | None = None
    predicted: float | None = None


@dataclass(frozen=True)
class Report:
    """findings: the most severe first; model, steps: name of the model, number of steps; notes: what the monitor could
    not measure."""

    findings: tuple[Finding, ...]
    model: str
    steps: int
    notes: tuple[str, ...] = ()

    @property
    def alarms(self) -> tuple[Finding, ...]:
        """The findings of the severity "alarm"."""
        return tuple(each for each in self.findings if each.severity == "alarm")

    @property
    def codes(self) -> set[str]:
        """The codes of all findings."""
        return {each.code for each in self.findings}

    def to_frame(self) -> pd.DataFrame:
        """One row a finding: severity, code, layer, measured, predicted, evidence, cause, fix."""
        columns = ["severity", "code", "layer", "measured", "predicted", "evidence", "cause", "fix"]
        rows = [[getattr(each, column) for column in columns] for each in self.findings]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.astype({"measured": float, "predicted": float})

    def __str__(self) -> str:
        steps = f"{self.steps:,} step" + ("s" if self.steps != 1 else "")
        counts = [(word, sum(each.severity == word for each in self.findings)) for word in SEVERITIES]
        summary = ", ".join(f"{count} {word}{'s' if count > 1 else ''}" for word, count in counts if count)
        lines = [f"{self.model}, {steps}: {summary or 'nothing to report'}."]
        for each in self.findings:
            lines.append("")
            lines.append(f"{each.severity.upper()}  {each.code}  ({each.layer})")
            for name in ("evidence", "cause", "fix"):
                text = getattr(each, name)
                if text:
                    lines += textwrap.wrap(
                        f"{name + ':':<10}{text}", WIDTH, initial_indent="  ", subsequent_indent=" " * 12
                    )
        lines += [f"\nNote: {note}" for note in self.notes]
        return "\n".join(lines)
