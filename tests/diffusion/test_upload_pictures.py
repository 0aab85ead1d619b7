"""Uploaded pictures as people have them: ink, paper, colours, sizes."""

import io

import numpy as np
import pytest
from PIL import Image

from demos.diffusion.data import read_upload


def picture(array, kind="PNG", mode=None, **rest):
    out = io.BytesIO()
    Image.fromarray(array, mode).save(out, kind, **rest)
    return out.getvalue()


def bar(height, width, thickness=1 / 8):
    """A dark bar on paper, twice as wide as it is high."""
    pixels = np.full((height, width, 3), 250, np.uint8)
    half = int(width * thickness)
    pixels[height // 2 - half // 2 : height // 2 + half // 2, width // 2 - half : width // 2 + half] = 20
    return pixels


def aspect(found):
    width, height = np.ptp(found.points, axis=0)
    return width / height


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", picture(bar(300, 400))),
        ("a.jpg", picture(bar(300, 400), "JPEG")),
        ("a.png", picture(bar(300, 400), "JPEG")),  # called wrongly
        ("a.gif", picture(bar(300, 400), "GIF")),
        ("a.webp", picture(bar(300, 400), "WEBP")),
        ("a.bmp", picture(bar(300, 400), "BMP")),
        ("a.csv", picture(bar(300, 400))),
        (
            "a.jpg",
            picture(
                np.rot90(bar(300, 400)).copy(),
                "JPEG",
                exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
            ),
        ),
    ],
)
def test_pictures_of_every_kind(name, content):
    found = read_upload(name, content)
    assert aspect(found) == pytest.approx(2, rel=0.08) and not found.notes


@pytest.mark.parametrize("size", [(1600, 2560), (1800, 2880), (2160, 3840), (3024, 4032)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_large_screens_and_photos_are_made_smaller(size, kind):
    found = read_upload("a.png", picture(bar(*size), kind))
    assert aspect(found) == pytest.approx(2, rel=0.08) and "was made smaller" in found.notes[0]


def test_a_thin_line_on_a_large_screen_is_ink():
    pixels = np.full((2160, 3840), 255, np.uint8)
    pixels[500, 500:2500] = pixels[500:1500, 500] = 0
    assert aspect(read_upload("a.png", picture(pixels))) == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("light", [lambda x, y: 0.8 + 0.2 * x, lambda x, y: 1 - 0.2 * (x**2 + y**2)])
def test_paper_under_uneven_light_is_no_ink(light):
    y, x = np.mgrid[-1:1:300j, -1:1:400j]
    lit = bar(300, 400) * light(x, y)[..., None]
    assert aspect(read_upload("a.jpg", picture(lit.astype(np.uint8), "JPEG"))) == pytest.approx(2, rel=0.08)


@pytest.mark.parametrize("thickness", [1, 5])
def test_a_frame_is_no_ink(thickness):
    pixels = np.zeros((300, 400, 3), np.uint8)
    inside = np.s_[thickness:-thickness, thickness:-thickness]
    pixels[inside] = bar(300, 400)[inside]
    assert aspect(read_upload("a.png", picture(pixels))) == pytest.approx(2, rel=0.05)


def test_faint_ink_and_glass_all_over():
    faint = np.where(bar(300, 400) > 100, 255, 238).astype(np.uint8)
    assert aspect(read_upload("a.png", picture(faint))) == pytest.approx(2, rel=0.05)
    glass = np.dstack([bar(300, 400), np.full((300, 400), 100, np.uint8)])
    assert aspect(read_upload("a.png", picture(glass, mode="RGBA"))) == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("margin", [0, 40, 150])
def test_a_window_with_round_corners_is_what_is_in_it(margin):
    """macOS cuts the corners and draws a shadow around: what is transparent is outside, not ink."""
    pixels = np.zeros((300 + 2 * margin, 400 + 2 * margin, 4), np.uint8)
    pixels[..., 3] = 40 if margin else 0
    inside = pixels[margin : 300 + margin, margin : 400 + margin]
    inside[:] = (246, 246, 246, 255)
    for corner in (np.s_[:8, :8], np.s_[:8, -8:], np.s_[-8:, :8], np.s_[-8:, -8:]):
        inside[corner][..., 3] = 0
    inside[120:180, 140:260, :3] = 30
    assert aspect(read_upload("a.png", picture(pixels, mode="RGBA"))) == pytest.approx(2, rel=0.05)


def test_a_drawing_on_nothing_is_its_ink():
    pixels = np.zeros((200, 200, 4), np.uint8)
    pixels[90:110, 80:120] = (200, 30, 30, 255)
    assert aspect(read_upload("a.png", picture(pixels, mode="RGBA"))) == pytest.approx(2, rel=0.08)
    pixels[5:195, 5:195] = (200, 30, 30, 255)  # one colour all over: the shape is the ink
    assert aspect(read_upload("a.png", picture(pixels, mode="RGBA"))) == pytest.approx(1, rel=0.05)
