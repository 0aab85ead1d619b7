"""Arrays as text in addresses: there and back for any width, and the texts that earlier links hold."""

import numpy as np
import pytest

from demos.common.url_arrays import decode_array, encode_array


@pytest.mark.parametrize(("columns", "bits"), [(1, 1), (4, 2), (2, 12), (3, 21), (1, 64), (5, 3), (7, 9)])
@pytest.mark.parametrize("rows", [1, 2, 50])
def test_levels_come_back(rows, columns, bits):
    highest = 2**bits - 1
    levels = np.random.default_rng(rows).integers(0, highest, (rows, columns), np.uint64, endpoint=True)
    levels[0, 0], levels[-1, -1] = highest, 0
    text = encode_array(levels, bits)
    assert text.replace("-", "").replace("_", "").isalnum()  # nothing that an address would escape
    assert np.array_equal(decode_array(text, columns, bits, "data"), levels)


@pytest.mark.parametrize(
    ("text", "columns", "bits", "levels"),
    [
        ("G-Q=", 4, 2, [[0, 1, 2, 3], [3, 2, 1, 0]]),  # two bytes, padded
        ("AQAC_-8f", 2, 12, [[16, 2], [4094, 3871]]),
        ("P_____AAAAE", 3, 21, [[2**20 - 1, 2**21 - 2**7, 1]]),  # eight bytes, not padded
    ],
)
def test_texts_of_earlier_links(text, columns, bits, levels):
    assert decode_array(text, columns, bits, "data").tolist() == levels
    assert encode_array(np.array(levels), bits) == text.rstrip("=")


@pytest.mark.parametrize("text", ["", "A", "?", "é", "AA A", "AA?A", "AAAAA"])
def test_any_other_text_is_refused(text):
    with pytest.raises(ValueError, match=r"^The text of the data .*\.$"):
        decode_array(text, 2, 12, "data")
