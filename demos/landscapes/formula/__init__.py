"""The visitor's own formula in x and y: read by a whitelist, never evaluated as Python.

words           from text to words, as people type them
reader          from words to a tree, or what is wrong with the text, and at which character
box             the box that may follow a formula, after ";"
expression      Formula.parse(text): its values, its LaTeX, its plain text
rim             the rims of boxes: whether the formula rises there
temperature     the suggested temperature
surface         formula_landscape(text): the formula as a Landscape, if it can be one
"""

from demos.landscapes.formula.expression import Formula
from demos.landscapes.formula.surface import formula_landscape
from demos.landscapes.formula.words import FormulaError

__all__ = ["Formula", "FormulaError", "formula_landscape"]
