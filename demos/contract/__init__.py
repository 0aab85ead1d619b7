"""The contract that every demo keeps.

A demo is a pure function of its config. Everything a person can change is one field of the config; what a run gives
is a `Result`: the moving picture, its checks, and tidy tables for charts.

    config      Control, Config, and the functions that make fields: number, whole, choice, several, text, flag
    check       Check: measured beside the truth and beside what this method must give
    verdict     Verdict: what the rows say together
    wording     rows in words and numbers, for the page and the command line
    result      Result
    scene       Scene, Try: presets, and the claims that tests compute
    demo        Demo
    family      Family: the demos of one page
    charts      Chart, Study: the charts under the picture, as plain data
    reproduce   the end of the code that a page shows
"""

from demos.contract.charts import Chart, Study
from demos.contract.check import Check, State
from demos.contract.config import Config, Control, choice, flag, number, several, text, whole
from demos.contract.demo import Demo, OnPicture
from demos.contract.family import Family
from demos.contract.result import Result
from demos.contract.scene import Claim, Evidence, Scene, Try
from demos.contract.verdict import Verdict

__all__ = [
    "Chart",
    "Check",
    "Claim",
    "Config",
    "Control",
    "Demo",
    "Evidence",
    "Family",
    "OnPicture",
    "Result",
    "Scene",
    "State",
    "Study",
    "Try",
    "Verdict",
    "choice",
    "flag",
    "number",
    "several",
    "text",
    "whole",
]
