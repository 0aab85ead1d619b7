"""Bytes that are cached in unnamed temporary files, which use no memory of the process and vanish with it."""

from __future__ import annotations

import tempfile
import threading


class OnDisk:
    """Bytes on disk: `OnDisk(value).read()` returns the value. Where it cannot be written, it stays in memory.

    on_disk: whether the value is on disk. The file is closed, and so deleted, when this object is garbage collected.
    """

    def __init__(self, value: bytes) -> None:
        self._lock, self._size = threading.Lock(), len(value)
        self._value: bytes | None = value
        try:
            self._file = tempfile.TemporaryFile(prefix="gradient-flow-lab-", buffering=0)  # closed with this object
            if self._file.write(value) == len(value):
                self._value = None
            else:  # the disk is full: free what was written
                self._file.close()
                self._file = None
        except OSError:
            self._file = None

    @property
    def on_disk(self) -> bool:
        return self._value is None

    def read(self) -> bytes:
        """The bytes. Raises OSError if they cannot be read from the disk any more."""
        if self._value is not None:
            return self._value
        assert self._file is not None
        with self._lock:
            self._file.seek(0)
            value = self._file.read()
        if len(value) != self._size:
            raise OSError("A kept picture is not on the disk any more.")
        return value
