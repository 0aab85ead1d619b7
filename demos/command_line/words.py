"""What a shell's words ask for."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from demos.command_line import PROGRAM
from demos.command_line.flags import add_fields
from demos.command_line.suggestions import command_like, flag, instead_of, like, value_like
from demos.common.version import NAME, version
from demos.contract import Config, Demo, Family
from demos.gradient_flow import METHODS
from demos.registry import family, menu

LISTS = ("methods", "scenes", "list")


class WordsError(Exception):
    """Words that ask for nothing that is there: one sentence, what is wrong and what to write."""


@dataclass(frozen=True)
class Command:
    """A command about one demo: `python -m demos NAME DEMO …`.

    add_flags: adds to a parser what the command takes beside the demo's own flags, which are `flags`.
    do: the work; gives the exit status. status: what that says, for the help.
    """

    name: str
    about: str
    usage: str  # what stands after the demo's name
    flags: tuple[str, ...]
    add_flags: Callable[[Any], None]
    do: Callable[[Asked], int]
    status: str


@dataclass(frozen=True)
class Asked:
    """What the words ask for. command: a `Command`, or one of LISTS; of: the name after it, if there is one.

    family, demo, scene, values: of a `Command`; the values are texts, for `Config.read`. more: what the command's own
    flags say, by name, None where they are not there.
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
        """The scene's config."""
        assert self.demo is not None
        return next((scene.config for scene in self.demo.scenes if scene.name == self.scene), None)

    def config(self) -> Config:
        """What the flags make of the scene, or of the defaults. Raises WordsError."""
        assert self.demo is not None
        config, refused = self.demo.config.read(self.values, self.base)
        if refused:
            raise WordsError("\n".join(refused) + value_like(self.demo.config, self.values))
        return config


class _Parser(argparse.ArgumentParser):
    """One that raises WordsError with a sentence, in place of printing all flags and leaving."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, allow_abbrev=False, **named)

    def error(self, message: str) -> NoReturn:
        raise WordsError(message[0].upper() + message[1:] + ("" if message.endswith(".") else "."))


def asked(words: list[str], commands: Mapping[str, Command]) -> Asked:
    """commands: by name; a demo's name alone is short for the first. Raises WordsError; exits as argparse does after
    help and --version."""
    words = joined(words)
    first = words[0] if words else ""
    if first in commands:
        return _about_demo(commands[first], words[1:])
    if first in menu():
        return _about_demo(next(iter(commands.values())), words)
    if first and not first.startswith("-") and first not in LISTS:
        raise WordsError(f"{first} is not a demo.{command_like(first, (*menu(), *commands, *LISTS))}")
    return _list(words, commands)


def joined(arguments: list[str]) -> list[str]:
    """`--x0 -1e-3` as `--x0=-1e-3`: argparse would take most values that begin with a minus for a flag."""
    result: list[str] = []
    for argument in arguments:
        before = result[-1] if result else ""
        is_flag = argument in ("-h", "--help") or (argument.startswith("--") and argument[2:3].isalpha())
        if before.startswith("--") and "=" not in before and argument.startswith("-") and not is_flag:
            result[-1] += f"={argument}"
        else:
            result.append(argument)
    return result


def _list(words: list[str], known: Mapping[str, Command]) -> Asked:
    parser = _Parser(
        prog=PROGRAM,
        description="Run a demo and print measured beside exact.",
        epilog=f"{PROGRAM} langevin --help shows the flags of a demo, {PROGRAM} scenes langevin its scenes.",
    )
    parser.add_argument("--version", action="version", version=f"{NAME} {version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, entry in menu().items():  # for the help: `asked` has these words already
        commands.add_parser(name, help=entry.sentence)
    for command in known.values():
        commands.add_parser(command.name, help=command.about)
    methods = commands.add_parser("methods", help="the solver's methods: orders, cost, limits, needs, papers")
    methods.add_argument("of", nargs="?", choices=list(METHODS), metavar="NAME", help="all about one of them")
    scenes = commands.add_parser("scenes", help="the scenes, with their titles")
    scenes.add_argument("of", nargs="?", choices=list(menu()), metavar="DEMO", help="of one demo")
    commands.add_parser("list", help="the demos, with their titles")
    given, rest = parser.parse_known_args(words)
    if rest:
        raise WordsError(f"{rest[0]} means nothing here.")
    return Asked(given.command, getattr(given, "of", None))


def _about_demo(command: Command, words: list[str]) -> Asked:
    name = words[0] if words else ""
    if name in ("-h", "--help"):
        example = next(iter(menu()))
        print(f"usage: {PROGRAM} {command.name} DEMO {command.usage}\n\n{command.about}")
        print(f"The demos: {', '.join(menu())}. Their flags: {PROGRAM} {command.name} {example} --help")
        raise SystemExit(0)
    if name not in menu():
        wrong = f"{name} is not a demo." if name else f"{command.name} needs a demo."
        raise WordsError(wrong + command_like(name, menu(), f"{PROGRAM} {command.name}"))
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
        raise WordsError(instead_of(rest[0], chosen, demo, own))
    fields = demo.config.controls()
    found = {key: value for key, value in vars(given).items() if key not in ("scene", chosen.parameter)}
    values = {key: value for key, value in found.items() if key in fields and value is not None}
    return Asked(command, name, chosen, demo, scene, values, {k: v for k, v in found.items() if k not in fields})


def _chosen(family: Family, words: list[str]) -> tuple[Demo, str | None]:
    """The member that the words choose, by name or by a scene, the first by default; and the scene."""
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    first.add_argument("--scene")
    if family.parameter:
        first.add_argument(f"--{family.parameter}", dest="member")
    try:
        found = first.parse_known_args(words)[0]
    except argparse.ArgumentError:  # a flag without its value: the command's own parser tells
        found = argparse.Namespace()
    named, scene = getattr(found, "member", None), getattr(found, "scene", None)
    if named is not None and named not in family.members:
        allowed = ", ".join(family.members)
        raise WordsError(f"--{family.parameter} {named} is not one of: {allowed}.{like(named, family.members)}")
    by_scene = next((d for d in family.members.values() if scene in [s.name for s in d.scenes]), family.default)
    demo = family.members.get(named or "", by_scene)
    names = [s.name for s in (demo.scenes if named else family.scenes)]
    if scene is not None and scene not in names:
        of = f" of {named}" if named else ""
        raise WordsError(f"{scene} is not a scene{of}.{like(scene, names, '--scene ')} There are: {', '.join(names)}.")
    return demo, scene
