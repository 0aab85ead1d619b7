"""A typed word as points: the word is drawn in Pillow's font or in Source Sans, and points are spread over its ink."""

from __future__ import annotations

import importlib.util
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from demos.diffusion.data.dataset import fitted
from demos.diffusion.streams import PointStream, point_generator

if TYPE_CHECKING:
    from PIL import ImageFont

MOST_LETTERS = 16
WORD_POINTS = 1_000
LACKING = "\ue000"  # a private-use character, which no font has: drawing it gives a font's box for missing letters
SIZE = 96  # font size in pixels: a pixel is smaller than the smallest noise that is shown
SANS = "static/static/media/SourceSansVF-Upright*"  # Source Sans, with its accents, Greek and Cyrillic, in Streamlit


def points_from_word(word: str, count: int = WORD_POINTS, seed: int = 0) -> np.ndarray:
    """(count, 2) points, uniform over the ink, fitted into [−4, 4]². Raises ValueError for a word without a drawing."""
    from PIL import Image, ImageDraw

    word = unicodedata.normalize("NFC", word)
    if len(word) > MOST_LETTERS:
        raise ValueError(f"A word of {len(word)} letters is longer than {MOST_LETTERS}.")
    if not word.strip() or not word.isprintable():
        raise ValueError("The word has no letter that could be drawn.")
    font = _font_for(word)
    left, top, right, bottom = font.getbbox(word)
    if right <= left or bottom <= top:
        raise ValueError("The word has no letter that could be drawn.")
    image = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    ImageDraw.Draw(image).text((1 - left, 1 - top), word, fill=255, font=font)
    return points_from_ink(np.asarray(image, dtype=float), count, seed)


def _font_for(word: str) -> ImageFont.FreeTypeFont:
    """Pillow's own font where it has all letters, else Source Sans. Raises ValueError, naming the first letter that is
    in neither."""
    lacking = ""
    for font in _fonts():
        lacking = next((letter for letter in word if not letter.isspace() and not _has(font, letter)), "")
        if not lacking:
            return font
    names = "plain Latin ones" if len(_fonts()) == 1 else "Latin, Greek and Cyrillic ones"
    raise ValueError(f"The letter “{lacking}” is not in the font, which has the {names}.")


@lru_cache(maxsize=1)
def _fonts() -> tuple[ImageFont.FreeTypeFont, ...]:
    from PIL import ImageFont

    fonts = [ImageFont.load_default(size=SIZE)]
    found = importlib.util.find_spec("streamlit")  # only to find its font files: demos do not import Streamlit
    for folder in (found.submodule_search_locations or ()) if found else ():
        for file in sorted(Path(folder).glob(SANS)):
            try:
                font = ImageFont.truetype(str(file), SIZE, layout_engine=ImageFont.Layout.BASIC)
                font.set_variation_by_axes([400])
            except OSError:  # FreeType was built without this format
                continue
            return (*fonts, font)
    return tuple(fonts)


def _has(font: ImageFont.FreeTypeFont, letter: str) -> bool:
    """Whether a font has a letter: it is drawn, and differs from the box for missing letters."""
    if unicodedata.category(letter)[0] not in "LNPS":  # spaces, and marks that combine with another letter
        return False
    raster = _raster(font, letter)
    return raster != _raster(font, LACKING) and any(raster[1])


def _raster(font: ImageFont.FreeTypeFont, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)


def points_from_ink(ink: np.ndarray, count: int, seed: int) -> np.ndarray:
    """(count, 2) points with the density of the ink (H, W) ≥ 0, row 0 at the top, fitted into [−4, 4]²."""
    total = ink.sum()
    if not total > 0:
        raise ValueError("There is no ink in this picture.")
    random = point_generator(seed, PointStream.INK)
    # systematic sampling: each pixel gets its share of the points to within one
    at = (np.arange(count) + random.random()) / count * total
    pixels = np.minimum(np.searchsorted(np.cumsum(ink.ravel()), at), ink.size - 1)
    rows, columns = np.unravel_index(pixels, ink.shape)
    points = np.stack([columns, -rows], axis=1) + random.random((count, 2))
    return fitted(points)
