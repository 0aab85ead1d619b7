"""The demos from a shell: `python -m demos langevin --method mala --step 0.05`, or `… langevin --scene bias`."""

from __future__ import annotations

import argparse
import sys

from demos.demo import Config
from demos.registry import demos


def main(arguments: list[str] | None = None) -> int:
    """Run one demo and print its checks. Exit status 0 if all agree, 1 if one does not, 2 for a bad argument."""
    parser = argparse.ArgumentParser(prog="python -m demos", description="Run a demo and print measured beside exact.")
    parts = parser.add_subparsers(dest="demo", required=True, metavar="demo")
    for name, demo in demos().items():
        part = parts.add_parser(name, help=demo.sentence, description=demo.sentence)
        names = [scene.name for scene in demo.scenes]
        part.add_argument("--scene", choices=names, help="begin with this scene's settings")
        _add_fields(part, demo.config)
    given = vars(parser.parse_args(arguments))
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
    width = max((len(check.name) for check in result.checks), default=0)
    print(f"{'':{width}}  {'measured':>12}  {'exact':>12}  {'allowed':>9}")
    for check in result.checks:
        verdict = "agrees" if check.agrees else "DIFFERS"
        numbers = f"{check.measured:12.6g}  {check.exact:12.6g}  {check.allowed:9.2g}"
        print(f"{check.name:{width}}  {numbers}  {verdict}  ({check.source})")
    return 0 if all(check.agrees for check in result.checks) else 1


def _add_fields(part: argparse.ArgumentParser, config: type[Config]) -> None:
    for name, control in config.controls().items():
        about = f"{control.label}. {control.help}".replace("%", "%%")
        if control.options:
            about += f" One of: {', '.join(control.options)}."
        part.add_argument(f"--{name.replace('_', '-')}", dest=name, help=about, metavar=control.kind.upper())


if __name__ == "__main__":
    sys.exit(main())
