"""Checks that a file can be written, made before the long computation whose result it will hold."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

PROBE = 4096  # bytes written as a test for a full disk


def check_writable(path: Path) -> None:
    """Raise ValueError, with one sentence, if no file can be written at `path`: it is a folder, its folder does not
    exist, there is no permission, or the disk is full. An existing file counts as writable: it will be overwritten."""
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
    """The error message for a file that could not be written."""
    return f"{path} cannot be written: {(problem.strerror or str(problem)).lower()}."
