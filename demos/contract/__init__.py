"""The interface that every demo implements.

A demo is a pure function of its config. Each setting that a person can change is one field of the config. A run
returns a `Result`: the moving picture, its checks, and tidy tables for charts.

    config      Control, Config, and the functions that make fields: number, whole, choice, several, text, flag
    check       Check: a measured number, compared with the truth and with what the method predicts
    verdict     Verdict: all checks of a run, their common state and the headline
    wording     the numbers and the judgement of a check as text, for the page and the command line
    markup      a verdict as HTML
    record      a result as plain data for JSON
    result      Result
    scene       Scene, Try: presets, each with a claim that a test verifies
    demo        Demo
    family      Family: the demos of one page
    charts      Chart, Study: the charts under the picture, as plain data
    reproduce   the Python code that a page shows for a config
    origin      where each setting of a config comes from
    running     what wraps every `run`: cancellation, and one thread
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
