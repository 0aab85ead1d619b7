"""NumPy's files: .npy and .npz, without pickled objects."""

from __future__ import annotations

import io
import zipfile

import numpy as np

from demos.diffusion.data.upload.table import MOST_BYTES, Table, check_rows

PREFERRED = ("points", "x", "data", "xy", "samples", "x_train", "arr_0")
LABELS = ("y", "labels", "label", "target", "targets", "classes", "c", "y_train", "arr_1")
WIDEST = 32  # most columns of an array


def table_of_npy(content: bytes) -> Table:
    return table_of_array(_array(io.BytesIO(content)))


def table_of_npz(content: bytes) -> Table:
    """The table of an archive: one array of points, found by its name or as the only possible one, or two arrays x and
    y; and an array of labels where there is one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if any(entry.filename.startswith(("xl/", "content.xml", "word/")) for entry in entries):
                raise ValueError("A workbook cannot be read: save its sheet as .csv.")
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise ValueError(f"The file unpacks to more than {MOST_BYTES >> 20} MB.")
            names = [entry.filename for entry in entries if entry.filename.endswith(".npy")]
            arrays = {name[:-4].lower(): _array(io.BytesIO(archive.read(name))) for name in names}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        raise ValueError("This is not an .npz file that can be read.") from None
    flat = {name: array for name, array in arrays.items() if array.ndim == 1 and array.dtype.kind in "fiub"}
    many = [name for name, array in arrays.items() if array.ndim == 2 or array.dtype.kind in "cV"]
    if many:
        chosen = next((name for name in PREFERRED if name in many), many[0])
        table = table_of_array(arrays[chosen])
        if len(many) > 1:
            others = ", ".join(f"“{name}”" for name in many if name != chosen)
            table.notes.append(f"Of the arrays “{chosen}” was taken; left aside: {others}.")
        rows = len(table.texts[0])
        for name in LABELS:
            if name in arrays and arrays[name].ndim == 1 and len(arrays[name]) == rows:
                _add(table, "label", arrays[name])
                break
        return table
    if {"x", "y"} <= flat.keys() and len(flat["x"]) == len(flat["y"]):
        return table_of_array(np.stack([flat["x"], flat["y"]], axis=1))
    raise ValueError(f"The file holds no array of points, but: {', '.join(arrays) or 'nothing'}.")


def _array(file: io.BytesIO) -> np.ndarray:
    try:
        return np.lib.format.read_array(file, allow_pickle=False, max_header_size=10_000)
    except Exception:  # NumPy parses the file's header as Python text, and a broken one raises many kinds of errors
        raise ValueError("This is not an .npy file with plain numbers in it (pickled objects are not read).") from None


def table_of_array(array: np.ndarray) -> Table:
    """(n, k) with rows as points, (2, n) and (3, n) with columns as points, complex numbers x + iy, or records."""
    if array.dtype.names:
        table = Table([], [], [])
        for name in array.dtype.names:
            column = array[name].reshape(-1)
            if column.size == array.size:
                _add(table, name, column)
        check_rows(array.size)
        return table
    shape = array.shape
    array = array.squeeze() if array.ndim > 2 else array
    if array.dtype.kind == "c":
        if array.ndim == 2 and 1 in array.shape:
            array = array.reshape(-1)
        if array.ndim != 1:
            raise ValueError(f"The array is complex, of the shape {shape}; only one number a point is read, as x + iy.")
        array = np.stack([array.real, array.imag], axis=1)
    if array.ndim == 2 and array.shape[0] in (2, 3) and array.shape[1] > array.shape[0]:
        array = array.T
    if array.dtype.kind not in "fiu" or array.ndim != 2 or not 2 <= array.shape[1] <= WIDEST:
        raise ValueError(f"The array is {array.dtype} of the shape {shape}; numbers, (n, 2), are needed.")
    check_rows(len(array))
    table = Table([], [], [])
    for column in array.T:
        _add(table, "", column)
    return table


def _add(table: Table, name: str, column: np.ndarray) -> None:
    is_number = column.dtype.kind in "fiu"
    numbers = column.astype(float) if is_number else np.full(len(column), np.nan)
    table.names.append(name)
    table.numbers.append(np.where(np.isfinite(numbers), numbers, np.nan))
    if is_number:
        whole = bool((numbers == np.rint(numbers)).all()) and np.abs(numbers).max(initial=0) < 1e15
        table.texts.append([str(int(v)) for v in numbers] if whole else [""] * len(column))
    else:
        table.texts.append([v.decode("latin-1") if isinstance(v, bytes) else str(v) for v in column.tolist()])
