"""The demos from a shell: `python -m demos langevin --method mala --step 0.05`, `… energy --system film`, or
`… langevin --scene bias`."""

from __future__ import annotations

import argparse
import io
import shlex
import sys

from demos.common.numbers import number
from demos.contract import Check, Config, Demo, Family, Result
from demos.contract.wording import difference_of, judgement, shown, truth_of
from demos.gradient_flow import METHODS
from demos.gradient_flow.documentation import method_page, method_table
from demos.registry import family, menu


def main(arguments: list[str] | None = None) -> int:
    """Run one demo and print its verdict.

    Exit status: 0 the picture agrees with its truth; 1 it differs and nothing explains it; 2 a bad argument; 3 it
    cannot be compared, or no truth is known; 4 it differs from the truth as this method predicts.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that has no Greek shows question marks, and no traceback
            stream.reconfigure(errors="replace")
    words = joined(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="python -m demos", description="Run a demo and print measured beside exact.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="demo")
    chosen: dict[str, Demo] = {}
    for name, entry in menu().items():
        command = commands.add_parser(name, help=entry.sentence, description=entry.sentence)
        if name in words:  # the others' science need not be imported
            chosen[name] = _add_flags(command, family(name), words)
    methods = commands.add_parser("methods", help="the solver's methods: orders, cost, limits, needs, papers")
    methods.add_argument("method", nargs="?", choices=list(METHODS), metavar="NAME", help="all about one of them")
    given = vars(parser.parse_args(words))
    name = given.pop("command")
    if name == "methods":
        print(method_table() if given["method"] is None else method_page(METHODS[given["method"]]))
        return 0
    return _run(family(name), chosen[name], given)


def _add_flags(command: argparse.ArgumentParser, family: Family, words: list[str]) -> Demo:
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
    by_scene = next((d for d in family.members.values() if scene in [s.name for s in d.scenes]), family.default)
    demo = family.members.get(named or "", by_scene)
    scenes = demo.scenes if named in family.members else family.scenes
    command.add_argument("--scene", choices=[s.name for s in scenes], help="begin with this scene's settings")
    if family.parameter:
        about = f"{family.label}; each has flags of its own, these are those of {demo.name}. {demo.sentence}"
        about += f" One of: {', '.join(family.members)}."
        command.add_argument(f"--{family.parameter}", choices=list(family.members), metavar="CHOICE", help=about)
    _add_fields(command, demo.config)
    return demo


def _run(family: Family, demo: Demo, given: dict[str, str | None]) -> int:
    scene, member = given.pop("scene"), given.pop(family.parameter, None)
    base = next((s.config for s in demo.scenes if s.name == scene), None)
    if member not in (None, demo.name) or (scene is not None and base is None):  # `--sys film`: too late for its flags
        print(f"Write --{family.parameter} and --scene in full.", file=sys.stderr)
        return 2
    config, refused = demo.config.read({name: value for name, value in given.items() if value is not None}, base)
    if refused:
        print(*refused, sep="\n", file=sys.stderr)
        return 2
    try:
        result = demo.run(config)
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 2
    return _print(family, demo, config, result)


def _print(family: Family, demo: Demo, config: Config, result: Result) -> int:
    """What ran, as a command; the headline; the rows; what else happened. The exit status of the verdict."""
    verdict = result.verdict
    print(command_of(family, config))
    print()
    print(verdict.headline)
    for line in result.warnings:
        print(f"warning: {line}")
    print()
    if verdict.rows:
        heads = ("", "measured", "truth", "predicted", "difference", "")
        cells = [heads] + [_cells(row) for row in verdict.rows]
        widths = [max(len(row[i]) for row in cells) for i in range(5)]
        for row in cells:
            left, *numbers = (
                text.ljust(w) if i == 0 else text.rjust(w) for i, (text, w) in enumerate(zip(row, widths, strict=False))
            )
            print("  ".join((left, *numbers, row[5])).rstrip())
        print()
    if verdict.self_tests:
        passing = len(verdict.self_tests) - len(verdict.failing)
        print(f"{passing} of {len(verdict.self_tests)} self-tests of the code pass.")
        for test in verdict.failing:
            print(f"  {test.name}: {judgement(test)}")
    for line in result.notes:
        print(line)
    return verdict.exit_status


def command_of(family: Family, config: Config) -> str:
    """The command that runs this config."""
    words = [f"--{name.replace('_', '-')} {_argument(value)}" for name, value in family.address(config).items()]
    return " ".join(["python -m demos", family.name, *words])


def _argument(value: object) -> str:
    return shlex.quote(",".join(value) if isinstance(value, tuple) else str(value))


def _cells(row: Check) -> tuple[str, ...]:
    unit = f" {row.unit}" if row.unit else ""
    error = f" ± {number(row.uncertainty, digits=2)}" if row.uncertainty else ""
    measured = shown(row, row.measured) + error + unit
    return (row.name, measured, truth_of(row), shown(row, row.predicted), difference_of(row), judgement(row))


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


def _add_fields(command: argparse.ArgumentParser, config: type[Config]) -> None:
    for name, control in config.controls().items():
        about = f"{control.label}. {control.help}".replace("%", "%%")
        if control.options:
            about += f" One of: {', '.join(control.options)}."
        command.add_argument(f"--{name.replace('_', '-')}", dest=name, help=about, metavar=control.kind.upper())


if __name__ == "__main__":
    sys.exit(main())
