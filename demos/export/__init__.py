"""Runs as files: a page that plays without a server, tables, arrays, settings, code, a notebook.

Pure functions of (Demo, Config, Result): a demo that comes later has them without a line of its own.

write       by the suffix of a file's name
standalone  one page, or several states of a demo in one page
show        in a notebook
"""

from demos.export.files import tables_of
from demos.export.notebook import notebook
from demos.export.show import Shown, show
from demos.export.standalone import Run, standalone, standalone_of_several, states_of
from demos.export.write import MAKERS, write

__all__ = [
    "MAKERS",
    "Run",
    "Shown",
    "notebook",
    "show",
    "standalone",
    "standalone_of_several",
    "states_of",
    "tables_of",
    "write",
]
