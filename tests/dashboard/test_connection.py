"""Tests of `send_at_once`: it sets TCP_NODELAY, so that no message waits for the acknowledgement of another."""

import os
import socket

import pytest

from dashboard.runtime.connection import send_at_once


@pytest.mark.skipif(os.name != "posix", reason="file descriptors are numbers of another kind")
def test_connections_of_a_socket_without_a_protocol_have_tcp_nodelay():
    """Streamlit makes its socket without naming the protocol, and then asyncio does not set TCP_NODELAY."""

    def waits(one: socket.socket) -> bool:
        return not one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    with socket.socket(socket.AF_INET) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(server.getsockname()) as early:
            before, _ = server.accept()
            assert server.proto == 0 and waits(server) and waits(before) and waits(early)
            assert send_at_once() >= 3
            assert not (waits(server) or waits(before) or waits(early))
            before.close()
        with socket.create_connection(server.getsockname()):
            after, _ = server.accept()
            assert not waits(after)
            after.close()
