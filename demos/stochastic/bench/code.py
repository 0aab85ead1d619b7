"""The lines of Python that a page shows beneath a picture of a panel."""

from demos.contract.reproduce import code_of

__all__ = ["code_of"]
