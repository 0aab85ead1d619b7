"""An uploaded file as points: a table, an array or a picture. The file is not trusted: size, type, shape and numbers
are checked.

read        read_upload(name, content): detects the kind of file from its content and reads its points
text        from text to a table: encodings, separators, decimal commas, names, JSON
arrays      .npy and .npz
columns     which columns of a table are x, y and the class
placing     points fitted into the picture: axes of different units, outliers, too many rows
picture     which pixels of a picture are ink
background  the paper under it, also in uneven light, and a frame around it
"""

from demos.diffusion.data.upload.read import Upload, read_upload

__all__ = ["Upload", "read_upload"]
