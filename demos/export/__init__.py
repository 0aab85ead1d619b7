"""Export of runs: a standalone HTML page, images, tables, arrays, settings, code, a notebook.

All exports are pure functions of (Demo, Config, Result), so that every demo has them.

write       writes the file whose kind the suffix of its name says
standalone  HTML with one run, or with several of a demo
show        the same in a notebook
notebook    a notebook that computes the run again
files       tables, arrays, settings and verdict for other programs
words       the text around a picture, as HTML
"""

from demos.export.files import tables_of
from demos.export.notebook import notebook
from demos.export.show import Shown, show
from demos.export.standalone import Run, standalone, standalone_of_several, states_of
from demos.export.write import FORMATS, write

__all__ = [
    "FORMATS",
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
