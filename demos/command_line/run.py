"""The command `python -m demos run langevin`: one run, its report, its exit status."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from demos.command_line import files
from demos.command_line.arguments import Arguments, Command, UsageError
from demos.command_line.bar import bar
from demos.command_line.report import report_of
from demos.command_line.what_ran import command_of, settings_of
from demos.common.paths import check_writable, not_written, write_whole
from demos.contract import Config, Result
from demos.contract.origin import origins
from demos.contract.record import record_of

NOT_WRITTEN = 5
STATUS = (
    "0 agrees with the truth, 1 differs unexplained, 2 bad arguments, 3 not comparable or no truth known,\n"
    f"4 differs as this method predicts, {NOT_WRITTEN} a file could not be written"
)


def add_flags(group: Any) -> None:
    about = "write settings, verdict and all rows as JSON; - prints that and nothing else"
    group.add_argument("--json", metavar="FILE", help=about)
    files.add_flags(group)


def do(arguments: Arguments) -> int:
    """Run one demo, print its report, write its files, and return the exit status. Raises UsageError."""
    assert arguments.family is not None and arguments.demo is not None
    config, to = arguments.config(), arguments.more["json"]
    try:
        paths = files.asked_files(arguments.more)
        if to not in (None, "-"):
            check_writable(Path(to))
        with bar(arguments.demo.name) as progress:
            result = arguments.demo.run(config, progress)
    except ValueError as problem:
        raise UsageError(str(problem)) from None
    if to == "-":
        print(json_of(arguments, config, result))
    else:
        print(command_of(arguments.family, config))
        print(settings_of(config, arguments.values, arguments.scene or "", arguments.base))
        print()
        print(report_of(result))
    with redirect_stdout(sys.stderr if to == "-" else sys.stdout):
        good = files.written(paths, arguments.demo, config, result)
        if to not in (None, "-"):
            good &= _write(Path(to), json_of(arguments, config, result))
    return result.verdict.exit_status if good else NOT_WRITTEN


def json_of(arguments: Arguments, config: Config, result: Result) -> str:
    """JSON of the result (see `demos.contract.record`), its command, and the settings that were adapted to others."""
    assert arguments.family is not None and arguments.demo is not None
    found = origins(config, arguments.values, arguments.base)
    more = {
        "command": command_of(arguments.family, config),
        "scene": arguments.scene,
        "given": list(arguments.values),
        "adapted": {name: list(origin.by) for name, origin in found.items() if origin.kind == "adapted"},
    }
    return json.dumps(record_of(arguments.demo, config, result) | more, indent=2, ensure_ascii=False, allow_nan=False)


def _write(path: Path, text: str) -> bool:
    try:
        write_whole(path, f"{text}\n".encode())
    except OSError as problem:
        print(not_written(path, problem), file=sys.stderr)
        return False
    print(f"{path}: {path.stat().st_size:,} bytes")
    return True


RUN = Command(
    name="run",
    about="Run a demo and print measured beside exact.",
    usage="[--scene NAME] [flags] [--html FILE] [--json FILE]",
    flags=("--json", *files.KINDS),
    add_flags=add_flags,
    do=do,
    status=STATUS,
)
