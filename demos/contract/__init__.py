"""The contract that every demo keeps.

A demo is a pure function of its config. Everything a person can change is one field of the config; what a run gives
is a `Result`: the moving picture, its checks, and tidy tables for charts.

    config      Control, Config, and the functions that make fields: number, whole, choice, several, text, flag
    check       Check: measured beside exact
    result      Scene, Result
    demo        Demo
    family      Family: the demos of one page
    charts      Chart, Study: the charts under the picture, as plain data
    reproduce   the end of the code that a page shows
"""

from demos.contract.charts import Chart, Study
from demos.contract.check import Check
from demos.contract.config import Config, Control, choice, flag, number, several, text, whole
from demos.contract.demo import Demo, OnPicture
from demos.contract.family import Family
from demos.contract.result import Result, Scene

__all__ = [
    "Chart",
    "Check",
    "Config",
    "Control",
    "Demo",
    "Family",
    "OnPicture",
    "Result",
    "Scene",
    "Study",
    "choice",
    "flag",
    "number",
    "several",
    "text",
    "whole",
]
