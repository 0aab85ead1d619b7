"""Bytes that are kept for later, in files without a name: they go with the process, and take none of its memory."""

from __future__ import annotations

import tempfile
import threading


class OnDisk:
    """`OnDisk(value).read()` gives the value again. Where the disk is full, or gone, it stays in memory.

    on_disk: whether it is on disk. The file is closed, and by that removed, when nobody holds this object any more.
    """

    def __init__(self, value: bytes) -> None:
        self._lock, self._size = threading.Lock(), len(value)
        self._value: bytes | None = value
        try:
            self._file = tempfile.TemporaryFile(prefix="gradient-flow-lab-", buffering=0)  # as long as this object
            if self._file.write(value) == len(value):
                self._value = None
            else:  # the disk is full, and gets its room back
                self._file.close()
                self._file = None
        except OSError:
            self._file = None

    @property
    def on_disk(self) -> bool:
        return self._value is None

    def read(self) -> bytes:
        """The bytes. OSError where the disk has lost them."""
        if self._value is not None:
            return self._value
        assert self._file is not None
        with self._lock:
            self._file.seek(0)
            value = self._file.read()
        if len(value) != self._size:
            raise OSError("A kept picture is not on the disk any more.")
        return value
