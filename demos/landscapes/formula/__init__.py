"""The visitor's own formula in x and y: read by a whitelist, never evaluated as Python.

reader          from text to a tree, or what is wrong with the text, and at which character
expression      Formula.parse(text): its values, its LaTeX, its plain text
surface         formula_landscape(text): the formula as a Landscape, if it can be one
"""

from demos.landscapes.formula.expression import Formula
from demos.landscapes.formula.reader import FormulaError
from demos.landscapes.formula.surface import formula_landscape

__all__ = ["Formula", "FormulaError", "formula_landscape"]
