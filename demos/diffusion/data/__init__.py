"""Data in the plane: built-in distributions with their exact densities, words, uploads and drawings."""

from demos.diffusion.data.builtin import BUILT_IN
from demos.diffusion.data.dataset import DataSet, classes_of, from_points
from demos.diffusion.data.encoding import decode_classes, decode_points, encode_points
from demos.diffusion.data.strokes import add_stroke, erase
from demos.diffusion.data.upload import Upload, read_upload
from demos.diffusion.data.word import points_from_word

__all__ = [
    "BUILT_IN",
    "DataSet",
    "Upload",
    "add_stroke",
    "classes_of",
    "decode_classes",
    "decode_points",
    "encode_points",
    "erase",
    "from_points",
    "read_upload",
    "points_from_word",
]
