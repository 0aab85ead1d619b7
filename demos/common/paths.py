"""Whether a file can be written, asked before the work whose result it is to hold."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

PROBE = 4096  # bytes: a disk without so many is full


def check_writable(path: Path) -> None:
    """Raise ValueError, in one sentence, where no file can be written there: a folder of that name, no folder around
    it, no right to write, a full disk. A file that is there already will be written over."""
    folder = path.parent
    if path.is_dir():
        raise ValueError(f"{path} is a folder; name a file in it.")
    if not folder.is_dir():
        raise ValueError(f"{path} cannot be written: there is no folder {folder}.")
    if path.exists() and not os.access(path, os.W_OK):
        raise ValueError(f"{path} cannot be written: it is read-only.")
    if path.exists() and not path.is_file():  # a device, a pipe
        return
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(PROBE))
            probe.flush()
    except OSError as problem:
        raise ValueError(not_written(path, problem)) from None


def not_written(path: Path, problem: OSError) -> str:
    """The sentence for a file whose writing failed."""
    return f"{path} cannot be written: {(problem.strerror or str(problem)).lower()}."
