"""The flags of a demo, made from its config, with help that lists limits, choices and defaults."""

from __future__ import annotations

import argparse
import dataclasses

from demos.command_line.suggestions import flag
from demos.contract import Control, Demo

METAVARS = {
    "number": "NUMBER",
    "whole": "N",
    "choice": "NAME",
    "several": "NAME,…",
    "text": "TEXT",
    "flag": "true|false",
}


def add_fields(command: argparse._ActionsContainer, demo: Demo) -> None:
    """Add a flag for each field of the demo's config. Its parsed value is text; None if the flag is not given."""
    for field in dataclasses.fields(demo.config):
        control = demo.config.controls()[field.name]
        optional = {"nargs": "?", "const": "true"} if control.kind == "flag" else {}
        about = about_flag(control, field.default).replace("%", "%%")
        command.add_argument(flag(field.name), dest=field.name, help=about, metavar=METAVARS[control.kind], **optional)


def about_flag(control: Control, default: object) -> str:
    """The help text of a flag: what it is, its limits with the unit, its choices, its default."""
    parts = [f"{control.label}."]
    if control.help:
        parts.append(control.help)
    if control.kind in ("number", "whole"):
        style = ",.0f" if control.kind == "whole" else ",g"
        unit = f" {control.unit}" if control.unit else ""
        parts.append(f"From {control.low:{style}} to {control.high:{style}}{unit}.")
    if control.options:
        most = f"At most {control.most} of" if control.kind == "several" else "One of"
        parts.append(f"{most}: {', '.join(control.options)}.")
    if control.kind == "text":
        parts.append(f"At most {control.most:,} characters.")
    if default not in ("", ()):
        parts.append(f"Default: {_shown(default)}.")
    return " ".join(parts)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else str(value)
