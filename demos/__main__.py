"""The demos from a shell: `python -m demos langevin --method mala --step 0.05`, `… energy --system film`, or
`… langevin --scene bias`."""

from __future__ import annotations

import io
import os
import shlex
import sys

from demos.command_line import PROGRAM, WordsError, demo_list, flag, parsed, scene_list, value_like
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
    if not words:
        print(f"Choose a demo: {PROGRAM} langevin --scene bias. They are:\n\n{demo_list()}", file=sys.stderr)
        return 2
    try:
        asked, demo = parsed(words)
    except WordsError as problem:
        print(problem, file=sys.stderr)
        return 2
    given = vars(asked)
    name = given.pop("command")
    match name:
        case "methods":
            print(method_table() if given["method"] is None else method_page(METHODS[given["method"]]))
        case "scenes":
            print(scene_list(menu() if given["demo"] is None else [given["demo"]]))
        case "list":
            print(demo_list())
        case _:
            assert demo is not None
            return _run(family(name), demo, given)
    return 0


def _run(family: Family, demo: Demo, given: dict[str, str | None]) -> int:
    scene, member = given.pop("scene"), given.pop(family.parameter, None)
    base = next((s.config for s in demo.scenes if s.name == scene), None)
    if member not in (None, demo.name) or (scene is not None and base is None):  # `--sys film`: too late for its flags
        print(f"Write --{family.parameter} and --scene in full.", file=sys.stderr)
        return 2
    values = {name: value for name, value in given.items() if value is not None}
    config, refused = demo.config.read(values, base)
    if refused:
        print(*refused[:-1], refused[-1] + value_like(demo.config, values), sep="\n", file=sys.stderr)
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
    print(also_of(family, config))
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
    words = [_flagged(name, value) for name, value in family.address(config).items()]
    return " ".join([PROGRAM, family.name, *words])


def also_of(family: Family, config: Config) -> str:
    """The settings that matter and that the command does not name, for they are the defaults or go with it."""
    controls, named = config.controls(), {*family.address(config), *config.unused()}
    words = [
        _flagged(name, getattr(config, name))
        for name, control in controls.items()
        if name not in named and control.group in ("main", "run") and control.kind in ("number", "whole", "choice")
    ]
    return " ".join(["with", *words]) if words else ""


def _flagged(name: str, value: object) -> str:
    return flag(name) if value is True else f"{flag(name)} {_argument(value)}"


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


def shell() -> int:
    """`main` at a shell: where the reader of the output leaves first (`… | head`), it ends without a traceback, with
    the status of a process that a closed pipe ends."""
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python's last flush has a place to go
        return 128 + 13  # SIGPIPE
    return status


if __name__ == "__main__":
    sys.exit(shell())
