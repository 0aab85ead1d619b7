"""Parses the arguments of the command line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from demos.command_line import PROGRAM
from demos.command_line.flags import add_fields
from demos.command_line.suggestions import command_like, flag, instead_of, like, value_like
from demos.common.version import NAME, version
from demos.contract import Config, Demo, Family
from demos.registry import family, menu

LISTS = ("methods", "scenes", "list")


class UsageError(Exception):
    """Raised for arguments that are not valid: one sentence says what is wrong and what to write."""


@dataclass(frozen=True)
class Command:
    """A command about one demo: `python -m demos NAME DEMO …`.

    flags: the command's own flags, in addition to the demo's. add_flags: adds them to a parser. do: executes the
    command and returns the exit status. status: the meaning of the exit status, for the help.
    """

    name: str
    about: str
    usage: str  # the arguments after the demo's name, for the help
    flags: tuple[str, ...]
    add_flags: Callable[[Any], None]
    do: Callable[[Arguments], int]
    status: str


@dataclass(frozen=True)
class Arguments:
    """Parsed arguments. command: a `Command`, or one of LISTS. of: the name after one of LISTS, if there is one.

    For a `Command`: family, demo and scene; values: the settings as text, for `Config.read`; more: the values of the
    command's own flags by name, None for those that are not given.
    """

    command: Command | str
    of: str | None = None
    family: Family | None = None
    demo: Demo | None = None
    scene: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def base(self) -> Config | None:
        """The config of the scene; None without a scene."""
        assert self.demo is not None
        return next((scene.config for scene in self.demo.scenes if scene.name == self.scene), None)

    def config(self) -> Config:
        """The config: the scene's, or the default, changed by the flags. Raises UsageError."""
        assert self.demo is not None
        config, refused = self.demo.config.read(self.values, self.base)
        if refused:
            raise UsageError("\n".join(refused) + value_like(self.demo.config, self.values))
        return config


_WITHOUT_VALUE = re.compile(r"argument (--\S+): expected one argument")


class _Parser(argparse.ArgumentParser):
    """An argument parser that raises UsageError instead of printing the usage and exiting."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, allow_abbrev=False, **named)

    def error(self, message: str) -> NoReturn:
        if found := _WITHOUT_VALUE.fullmatch(message):
            raise UsageError(f"{found[1]} needs a value.")
        raise UsageError(message[0].upper() + message[1:] + ("" if message.endswith(".") else "."))


def parse(words: list[str], commands: Mapping[str, Command]) -> Arguments:
    """Parse the arguments `words`.

    commands: by name; the first is the default if the arguments begin with a demo's name. Raises UsageError. Raises
    SystemExit after --help and --version, as argparse does.
    """
    words = joined(words)
    first = words[0] if words else ""
    if first in commands:
        return _about_demo(commands[first], words[1:])
    if first in menu():
        return _about_demo(next(iter(commands.values())), words)
    if first and not first.startswith("-") and first not in LISTS:
        raise UsageError(f"{first} is not a demo.{command_like(first, (*menu(), *commands, *LISTS))}")
    return _list(words, commands)


def joined(arguments: list[str]) -> list[str]:
    """`--x0 -1e-3` as `--x0=-1e-3`: argparse takes most values that begin with a minus sign for flags."""
    result: list[str] = []
    for argument in arguments:
        before = result[-1] if result else ""
        is_flag = argument in ("-h", "--help") or (argument.startswith("--") and argument[2:3].isalpha())
        if before.startswith("--") and "=" not in before and argument.startswith("-") and not is_flag:
            result[-1] += f"={argument}"
        else:
            result.append(argument)
    return result


def _list(words: list[str], known: Mapping[str, Command]) -> Arguments:
    parser = _Parser(
        prog=PROGRAM,
        description="Run a demo and print measured beside exact.",
        epilog=f"{PROGRAM} langevin --help shows the flags of a demo, {PROGRAM} scenes langevin its scenes.",
    )
    parser.add_argument("--version", action="version", version=f"{NAME} {version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, entry in menu().items():  # only for the help: `parse` handles these
        commands.add_parser(name, help=entry.sentence)
    for command in known.values():
        commands.add_parser(command.name, help=command.about)
    methods = commands.add_parser("methods", help="the solver's methods: orders, cost, limits, needs, papers")
    methods.add_argument("of", nargs="?", metavar="NAME", help="all about one of them, or about a word over V, R, O")
    scenes = commands.add_parser("scenes", help="the scenes, with their titles")
    scenes.add_argument("of", nargs="?", metavar="DEMO", help="of one demo")
    commands.add_parser("list", help="the demos, with their titles")
    given, rest = parser.parse_known_args(words)
    if rest:
        raise UsageError(f"{rest[0]} is one argument too many for {given.command}.")
    of = getattr(given, "of", None)
    if given.command == "scenes" and of is not None and of not in menu():
        raise UsageError(f"{of} is not a demo.{command_like(of, menu(), f'{PROGRAM} scenes')}")
    return Arguments(given.command, of)


def _about_demo(command: Command, words: list[str]) -> Arguments:
    name = words[0] if words else ""
    if name in ("-h", "--help"):
        example = next(iter(menu()))
        print(f"usage: {PROGRAM} {command.name} DEMO {command.usage}\n\n{command.about}")
        print(f"The demos: {', '.join(menu())}. Their flags: {PROGRAM} {command.name} {example} --help")
        raise SystemExit(0)
    if name not in menu():
        wrong = f"{name} is not a demo." if name else f"{command.name} needs a demo."
        raise UsageError(wrong + command_like(name, menu(), f"{PROGRAM} {command.name}"))
    chosen = family(name)
    demo, scene = _chosen(chosen, words)
    scenes = "\n".join(f"  {scene.name:22} {scene.title}" for scene in demo.scenes)
    parser = _Parser(
        prog=f"{PROGRAM} {command.name} {name}",
        usage=f"{PROGRAM} {command.name} {name} {command.usage}",
        description=f"{menu()[name].sentence} {command.about}",
        epilog=f"scenes:\n{scenes}\n\nexit status: {command.status}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--scene", metavar="NAME", help="begin with this scene's settings; they are listed below")
    if chosen.parameter:
        about = f"{chosen.label}; each has flags of its own, these are those of {demo.name}. {demo.sentence}"
        about += f" One of: {', '.join(chosen.members)}."
        parser.add_argument(f"--{chosen.parameter}", metavar="NAME", help=about.replace("%", "%%"))
    command.add_flags(parser.add_argument_group(f"for {command.name}"))
    add_fields(parser.add_argument_group("settings of the demo"), demo)
    given, rest = parser.parse_known_args(words[1:])
    if rest:
        choosing = [f"--{chosen.parameter}"] if chosen.parameter else []
        own = ["--scene", "--help", *choosing, *command.flags, *(flag(field) for field in demo.config.controls())]
        raise UsageError(instead_of(rest[0], chosen, demo, own))
    fields = demo.config.controls()
    found = {key: value for key, value in vars(given).items() if key not in ("scene", chosen.parameter)}
    values = {key: value for key, value in found.items() if key in fields and value is not None}
    return Arguments(command, name, chosen, demo, scene, values, {k: v for k, v in found.items() if k not in fields})


def _chosen(family: Family, words: list[str]) -> tuple[Demo, str | None]:
    """The demo of the family that the arguments choose, by name or by a scene (by default the first); and the scene."""
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    first.add_argument("--scene")
    if family.parameter:
        first.add_argument(f"--{family.parameter}", dest="member")
    try:
        found = first.parse_known_args(words)[0]
    except argparse.ArgumentError:  # a flag without its value: reported by the full parser
        found = argparse.Namespace()
    named, scene = getattr(found, "member", None), getattr(found, "scene", None)
    if named is not None and named not in family.members:
        allowed = ", ".join(family.members)
        raise UsageError(f"--{family.parameter} {named} is not one of: {allowed}.{like(named, family.members)}")
    by_scene = next((d for d in family.members.values() if scene in [s.name for s in d.scenes]), family.default)
    demo = family.members.get(named or "", by_scene)
    names = [s.name for s in (demo.scenes if named else family.scenes)]
    if scene is not None and scene not in names:
        of = f" of {named}" if named else ""
        raise UsageError(f"{scene} is not a scene{of}.{like(scene, names, '--scene ')} There are: {', '.join(names)}.")
    return demo, scene
