"""Suggestions for misspelt arguments of the command line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from demos.command_line import PROGRAM
from demos.contract import Config, Demo, Family
from demos.registry import family, menu


def flag(name: str) -> str:
    """The flag of a field: `--leapfrog-steps` for leapfrog_steps."""
    return f"--{name.replace('_', '-')}"


def like(word: str, names: Iterable[str], before: str = "") -> str:
    """A sentence that suggests the most similar name; "" if none is similar. before: text in front of the name."""
    found = difflib.get_close_matches(word, list(names), n=1, cutoff=0.6)
    return f" Did you mean {before}{found[0]}?" if found else ""


def command_like(word: str, commands: Iterable[str], program: str = PROGRAM) -> str:
    """A suggestion for an unknown command: how to write it if it is a scene or a family's member; else a similar
    one."""
    for name in menu():
        if word in [scene.name for scene in family(name).scenes]:
            return f" It is a scene: {program} {name} --scene {word}."
        if word in family(name).members:
            of = family(name)
            return f" It is a {of.label.lower()}: {program} {name} --{of.parameter} {word}."
    commands = list(commands)
    return like(word, commands, f"{program} ") or f" There are: {', '.join(commands)}."


def instead_of(word: str, family: Family, demo: Demo, own: Iterable[str]) -> str:
    """A suggestion for an argument that the command does not know. own: the flags of the command."""
    if not word.startswith("-"):
        scenes = [scene.name for scene in family.scenes]
        members = [name for name in family.members if len(family.members) > 1]
        if word in members:
            return f"Write --{family.parameter} {word}."
        if word in scenes:
            return f"Write --scene {word}."
        return f"{word} is not the value of any flag." + (
            like(word, scenes, "--scene ") or like(word, members, f"--{family.parameter} ")
        )
    name, own = word.split("=")[0], list(own)
    if name in own:
        return f"{name} needs a value."
    others = [m.name for m in family.members.values() if name in [flag(field) for field in m.config.controls()]]
    if others:
        return f"{name} is no flag of {demo.name}; it is one of --{family.parameter} {others[0]}."
    return f"{name} is no flag of {demo.name}.{like(name, own)}"


def value_like(config: type[Config], given: dict[str, str]) -> str:
    """A suggestion for the first given choice that is not one of the options of its field; "" if there is none."""
    for name, control in config.controls().items():
        for part in str(given.get(name, "")).split(","):
            if control.options and part and part not in control.options:
                return like(part, control.options)
    return ""
