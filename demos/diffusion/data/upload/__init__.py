"""An uploaded file as points: a table, an array or a picture. Nothing in it is trusted: size, type, shape and numbers
are checked.

read        read_upload(name, content): which kind of file it is, whatever it is called
text        from text to a table: encodings, separators, decimal commas, names, JSON
arrays      .npy and .npz
columns     which columns of a table are x, y and the class
placing     points fitted into the picture: axes of different units, outliers, too many rows
picture     the ink of a picture
"""

from demos.diffusion.data.upload.read import Upload, read_upload

__all__ = ["Upload", "read_upload"]
