"""The TCP connections between this server and its visitors."""

from __future__ import annotations

import os
import socket
import stat

MOST_FILES = 1024  # file descriptors that are looked at


def send_at_once() -> int:
    """Set TCP_NODELAY on every TCP socket of this process, and return the number of sockets changed.

    Without it, the second message of every run waits for the browser's delayed acknowledgement of the first: 40 ms on
    Linux. asyncio sets the option on all connections, except where the listening socket was made without naming its
    protocol, as Streamlit 1.67 does. Connections inherit the option from the listening socket, so one call per process
    is enough. On Windows, where sockets are not file descriptors, nothing is done.
    """
    changed = 0
    if os.name != "posix":
        return changed
    for descriptor in range(3, MOST_FILES):
        try:
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                continue
            with socket.socket(fileno=os.dup(descriptor)) as copy:  # options belong to the socket, not to the copy
                if copy.family in (socket.AF_INET, socket.AF_INET6) and copy.type == socket.SOCK_STREAM:
                    copy.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    changed += 1
        except OSError:  # closed, or closed meanwhile
            continue
    return changed
