"""Formulas in x and y typed by a visitor: parsed with a fixed set of functions, never evaluated as Python.

words           the tokenizer: from text to words
reader          the parser: from words to a tree, or an error with its position in the text
box             the box that may follow a formula, after ";"
expression      Formula: its values, its LaTeX, its plain text
operations      the nodes of the tree
rim             whether the formula rises on the rims of boxes
temperature     the suggested temperature
surface         formula_landscape(text): the formula as a Landscape, if it can be one
"""

from demos.landscapes.formula.expression import Formula
from demos.landscapes.formula.surface import formula_landscape
from demos.landscapes.formula.words import FormulaError

__all__ = ["Formula", "FormulaError", "formula_landscape"]
