"""What a shell's words ask for: the flags of each demo, read off its config, with help and suggestions."""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import importlib.metadata
import textwrap
from collections.abc import Iterable
from pathlib import Path

from demos.contract import Config, Control, Demo, Family
from demos.gradient_flow import METHODS
from demos.registry import family, menu

PROGRAM = "python -m demos"
METAVARS = {
    "number": "NUMBER",
    "whole": "N",
    "choice": "NAME",
    "several": "NAME,…",
    "text": "TEXT",
    "flag": "true|false",
}
LISTS = ("methods", "scenes", "list")  # commands that are no demos


class WordsError(Exception):
    """Words that ask for nothing that is there, and a suggestion."""


def parsed(words: list[str]) -> tuple[argparse.Namespace, Demo | None]:
    """The command with its flags as texts, and the member of its family that they choose. Raises WordsError; exits as
    argparse does after help, and for flags without a value."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Run a demo and print measured beside exact.",
        epilog=f"{PROGRAM} langevin --help shows the flags of a demo, {PROGRAM} scenes langevin its scenes.",
    )
    parser.add_argument("--version", action="version", version=f"gradient-flow-lab {version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="demo")
    chosen: Demo | None = None
    for name, entry in menu().items():
        command = commands.add_parser(
            name, help=entry.sentence, description=entry.sentence, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if name in words[:1]:  # the others' science need not be imported
            chosen = add_flags(command, family(name), words)
    methods = commands.add_parser("methods", help="the solver's methods: orders, cost, limits, needs, papers")
    methods.add_argument("method", nargs="?", choices=list(METHODS), metavar="NAME", help="all about one of them")
    scenes = commands.add_parser("scenes", help="the scenes, with their titles")
    scenes.add_argument("demo", nargs="?", choices=list(menu()), metavar="DEMO", help="of one demo")
    commands.add_parser("list", help="the demos, with their titles")
    first = words[0] if words else ""
    if first and not first.startswith("-") and first not in (*menu(), *LISTS):
        raise WordsError(f"{first} is not a demo.{_command_like(first)}")
    given, rest = parser.parse_known_args(words)
    if rest:
        raise WordsError(_unknown(rest[0], family(given.command) if given.command in menu() else None, chosen))
    return given, chosen


def version() -> str:
    try:
        return importlib.metadata.version("gradient-flow-lab")
    except importlib.metadata.PackageNotFoundError:  # run from its folder
        import tomllib

        file = Path(__file__).parent.parent / "pyproject.toml"
        return tomllib.loads(file.read_text(encoding="utf-8"))["project"]["version"] if file.exists() else "unknown"


def demo_list() -> str:
    return "\n".join(f"{name:12} {entry.title}. {entry.sentence}" for name, entry in menu().items())


def scene_list(names: Iterable[str]) -> str:
    """The scenes of demos, each with the command that runs it."""
    blocks = []
    for name in names:
        rows = [f"  --scene {scene.name:22} {scene.title}" for scene in family(name).scenes]
        blocks.append("\n".join([f"{PROGRAM} {name}", *rows]))
    return "\n\n".join(blocks)


# -- flags


def add_flags(command: argparse.ArgumentParser, family: Family, words: list[str]) -> Demo:
    """The flags of a family's command: of the member that the words choose, by name or by a scene; the first by
    default. Returns that member."""
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    first.add_argument("--scene")
    if family.parameter:
        first.add_argument(f"--{family.parameter}", dest="member")
    try:
        asked = first.parse_known_args(words)[0]
    except argparse.ArgumentError:  # a flag without its value: the command itself tells
        asked = argparse.Namespace()
    named, scene = getattr(asked, "member", None), getattr(asked, "scene", None)
    if named is not None and named not in family.members:
        found = _like(named, family.members)
        raise WordsError(f"--{family.parameter} {named} is not one of: {', '.join(family.members)}.{found}")
    by_scene = next((d for d in family.members.values() if scene in [s.name for s in d.scenes]), family.default)
    demo = family.members.get(named or "", by_scene)
    scenes = demo.scenes if named else family.scenes
    if scene is not None and scene not in [s.name for s in scenes]:
        of, names = f" of {named}" if named else "", [s.name for s in scenes]
        raise WordsError(f"{scene} is not a scene{of}.{_like(scene, names, '--scene ')} There are: {', '.join(names)}.")
    command.usage = f"{PROGRAM} {family.name} [--scene NAME] [flags]"
    command.add_argument("--scene", metavar="NAME", help="begin with this scene's settings; they are listed below")
    if family.parameter:
        about = f"{family.label}; each has flags of its own, these are those of {demo.name}. {demo.sentence}"
        about += f" One of: {', '.join(family.members)}."
        command.add_argument(f"--{family.parameter}", metavar="NAME", help=about)
    for name, control in demo.config.controls().items():
        default = next(f.default for f in dataclasses.fields(demo.config) if f.name == name)
        is_flag = {"nargs": "?", "const": "true"} if control.kind == "flag" else {}
        about = about_flag(control, default).replace("%", "%%")
        command.add_argument(flag(name), dest=name, help=about, metavar=METAVARS[control.kind], **is_flag)
    listed = "\n".join(f"  {scene.name:22} {scene.title}" for scene in scenes)
    command.epilog = f"scenes:\n{listed}\n\nexit status: " + textwrap.fill(
        "0 agrees with the truth, 1 differs unexplained, 2 bad arguments, 3 not comparable or no truth known, "
        "4 differs as this method predicts",
        100,
    )
    return demo


def flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def about_flag(control: Control, default: object) -> str:
    """One flag in words: what it is, its limits with the unit, its choices, its default."""
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


# -- suggestions


def _like(word: str, names: Iterable[str], before: str = "") -> str:
    """A sentence that suggests the nearest of some names; "" where none is near."""
    found = difflib.get_close_matches(word, list(names), n=1, cutoff=0.6)
    return f" Did you mean {before}{found[0]}?" if found else ""


def _command_like(word: str) -> str:
    for name in menu():
        if word in [scene.name for scene in family(name).scenes]:
            return f" It is a scene: {PROGRAM} {name} --scene {word}."
        if word in family(name).members:
            return f" It is a system: {PROGRAM} {name} --{family(name).parameter} {word}."
    return _like(word, (*menu(), *LISTS), f"{PROGRAM} ") or f" There are: {', '.join((*menu(), *LISTS))}."


def _unknown(word: str, family: Family | None, demo: Demo | None) -> str:
    """What to write instead of a word that no flag of the command is."""
    if family is None or demo is None:
        return f"{word} means nothing here."
    if not word.startswith("-"):
        scenes = [scene.name for scene in family.scenes]
        if word in family.members and len(family.members) > 1:
            return f"Write --{family.parameter} {word}."
        if word in scenes:
            return f"Write --scene {word}."
        members = [name for name in family.members if len(family.members) > 1]
        return f"{word} belongs to no flag." + (
            _like(word, scenes, "--scene ") or _like(word, members, f"--{family.parameter} ")
        )
    name = word.split("=")[0]
    own = [flag(field) for field in demo.config.controls()]
    if name in own or name == "--scene":
        return f"{name} lacks its value."
    others = [m.name for m in family.members.values() if name in [flag(field) for field in m.config.controls()]]
    if others:
        return f"{name} is no flag of {demo.name}; it is one of --{family.parameter} {others[0]}."
    extra = ["--scene", "--help", *([f"--{family.parameter}"] if family.parameter else [])]
    return f"{name} is no flag of {demo.name}.{_like(name, [*own, *extra])}"


def value_like(config: type[Config], given: dict[str, str]) -> str:
    """A suggestion for the first choice that is not one of the options; "" where there is none."""
    for name, control in config.controls().items():
        for part in str(given.get(name, "")).split(","):
            if control.options and part and part not in control.options:
                return _like(part, control.options)
    return ""
