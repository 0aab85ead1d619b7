"""The command line: `python -m demos langevin --method mala --step 0.05`, `… energy --system film`, or
`… langevin --scene bias`."""

from __future__ import annotations

import io
import os
import signal
import sys

from demos.command_line import PROGRAM
from demos.command_line.arguments import Command, UsageError, parse
from demos.command_line.lists import demo_list, scene_list
from demos.command_line.run import RUN
from demos.command_line.sweep import SWEEP
from demos.gradient_flow.documentation import method_page, method_table
from demos.gradient_flow.methods import method_called
from demos.registry import menu

COMMANDS = {command.name: command for command in (RUN, SWEEP)}
BAD, FAILED = 2, 70  # 70: an internal error, by convention (sysexits.h)


def main(arguments: list[str] | None = None) -> int:
    """Execute the command line. The exit status is 2 for bad arguments; for the others see
    `python -m demos run langevin --help`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # show a question mark for characters that the terminal cannot encode
            stream.reconfigure(errors="replace")
    words = sys.argv[1:] if arguments is None else arguments
    if not words:
        print(f"Choose a demo: {PROGRAM} langevin --scene bias. They are:\n\n{demo_list()}", file=sys.stderr)
        return BAD
    try:
        found = parse(words, COMMANDS)
        if isinstance(found.command, Command):
            return found.command.do(found)
    except UsageError as problem:
        print(problem, file=sys.stderr)
        return BAD
    match found.command:
        case "methods":
            try:
                print(method_table() if found.of is None else method_page(method_called(found.of)))
            except ValueError as problem:
                print(problem, file=sys.stderr)
                return BAD
        case "scenes":
            print(scene_list(menu() if found.of is None else [found.of]))
        case "list":
            print(demo_list())
    return 0


def shell() -> int:
    """`main` for a shell: a closed output pipe (`… | head`) or Ctrl-C ends it without a traceback, with the exit status
    of a process ended by that signal."""
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that Python's final flush does not fail
        return 128 + 13  # SIGPIPE
    except Exception as problem:  # an internal error: the status must differ from those of verdicts
        print(
            f"The program failed; please report this command, and: {type(problem).__name__}: {problem}", file=sys.stderr
        )
        return FAILED
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 128 + signal.SIGINT
    return status


if __name__ == "__main__":
    sys.exit(shell())
