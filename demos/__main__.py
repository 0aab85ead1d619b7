"""The demos from a shell: `python -m demos langevin --method mala --step 0.05`, or `… langevin --scene bias`."""

from __future__ import annotations

import argparse
import sys

from demos.contract import Config
from demos.registry import demos


def main(arguments: list[str] | None = None) -> int:
    """Run one demo and print its checks. Exit status 0 if there are any and all agree, else 1; 2 for a bad argument."""
    parser = argparse.ArgumentParser(prog="python -m demos", description="Run a demo and print measured beside exact.")
    parts = parser.add_subparsers(dest="demo", required=True, metavar="demo")
    for name, demo in demos().items():
        part = parts.add_parser(name, help=demo.sentence, description=demo.sentence)
        names = [scene.name for scene in demo.scenes]
        part.add_argument("--scene", choices=names, help="begin with this scene's settings")
        _add_fields(part, demo.config)
    given = vars(parser.parse_args(joined(sys.argv[1:] if arguments is None else arguments)))
    demo = demos()[given.pop("demo")]
    scene = given.pop("scene")
    base = next((s.config for s in demo.scenes if s.name == scene), None)
    config, refused = demo.config.read({name: value for name, value in given.items() if value is not None}, base)
    if refused:
        print(*refused, sep="\n", file=sys.stderr)
        return 2
    try:
        result = demo.run(config)
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 2
    for line in (*result.warnings, *result.notes):
        print(line)
    if not result.checks:
        print("Nothing could be compared: no check was made.")
        return 1
    width = max(len(check.name) for check in result.checks)
    print(f"{'':{width}}  {'measured':>12}  {'exact':>12}  {'allowed':>9}")
    for check in result.checks:
        verdict = "agrees" if check.agrees else "DIFFERS"
        numbers = f"{check.measured:12.6g}  {check.exact:12.6g}  {check.allowed:9.2g}"
        print(f"{check.name:{width}}  {numbers}  {verdict}  ({check.source})")
    return 0 if all(check.agrees for check in result.checks) else 1


def joined(arguments: list[str]) -> list[str]:
    """`--x0 -1e-3` as `--x0=-1e-3`: argparse would take most values that begin with a minus for a flag."""
    found: list[str] = []
    for argument in arguments:
        before = found[-1] if found else ""
        is_flag = argument in ("-h", "--help") or (argument.startswith("--") and argument[2:3].isalpha())
        if before.startswith("--") and "=" not in before and argument.startswith("-") and not is_flag:
            found[-1] += f"={argument}"
        else:
            found.append(argument)
    return found


def _add_fields(part: argparse.ArgumentParser, config: type[Config]) -> None:
    for name, control in config.controls().items():
        about = f"{control.label}. {control.help}".replace("%", "%%")
        if control.options:
            about += f" One of: {', '.join(control.options)}."
        part.add_argument(f"--{name.replace('_', '-')}", dest=name, help=about, metavar=control.kind.upper())


if __name__ == "__main__":
    sys.exit(main())
