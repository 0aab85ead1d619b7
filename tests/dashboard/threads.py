"""Helpers of tests with several threads."""

import threading
import time


class Left(BaseException):
    """Raised when the visitor moves on. Like Streamlit's control exceptions it is not an Exception."""


def in_thread(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def until(true, seconds=5.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)
