"""A check, and a whole result, as plain data for JSON: for files, other programs, and tables of many runs."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from demos.common.version import NAME, version
from demos.contract.check import Check
from demos.contract.config import Config
from demos.contract.demo import Demo
from demos.contract.result import Result
from demos.contract.wording import judgement


def record_of(demo: Demo, config: Config, result: Result) -> dict[str, Any]:
    """A result without its picture and tables: program, version, settings, verdict, rows, notes and warnings.

    A number that is not finite is None. exit_status: see `Verdict`.
    """
    verdict = result.verdict
    return {
        "program": NAME,
        "version": version(),
        **settings_of(demo, config),
        "headline": verdict.headline,
        "state": str(verdict.state),
        "exit_status": verdict.exit_status,
        "checks": [row_of(check) for check in result.checks],
        "notes": list(result.notes),
        "warnings": list(result.warnings),
    }


def settings_of(demo: Demo, config: Config) -> dict[str, Any]:
    """The demo's name and all fields of the config, defaults included."""
    return {"demo": demo.name, "config": {f.name: getattr(config, f.name) for f in dataclasses.fields(config)}}


def row_of(check: Check) -> dict[str, Any]:
    """A row of the verdict as plain values; a number that is not known or not finite is None."""
    values = {
        "name": check.name,
        "measured": check.measured,
        "truth": check.truth,
        "predicted": check.predicted,
        "uncertainty": check.uncertainty,
        "predicted_error": check.predicted_error,
        "difference": check.difference,
        "allowed": check.allowed,
        "unit": check.unit,
        "source": check.source,
        "about": check.about,
        "state": str(check.state),
        "judgement": judgement(check),
    }
    return {name: value if isinstance(value, str) else _finite(value) for name, value in values.items()}


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
