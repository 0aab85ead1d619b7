"""The connections of this server to its visitors."""

from __future__ import annotations

import os
import socket
import stat

MOST_FILES = 1024


def send_at_once() -> int:
    """Let no message wait for the receipt of the one before: TCP_NODELAY on every TCP socket of this process.

    asyncio does this for all connections, but not where the listening socket was made without naming its protocol, as
    Streamlit 1.67 does: then the second message of every run waits for the browser's delayed receipt of the first, 40
    ms on Linux. Connections take the option over from the socket that listens, so once a process is enough. Gives the
    number of sockets. Where file descriptors are no numbers of this kind (Windows), it does nothing.
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
