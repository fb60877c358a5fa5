"""The limits of an import, in one place; the findings and errors that apply them name them.

They keep one hostile or mistaken file from filling the memory or the disk, and are far above
what a usable data set needs.
"""

from __future__ import annotations

MIN_CLASSES = 2
MIN_PER_CLASS = 5
"""Usable pictures below which a class is set aside: fewer cannot be both learned and judged."""

MIN_EDGE_PX = 4
"""Shorter edge below which a file is a spacer or a tracking pixel, not a picture."""
MAX_PICTURE_PIXELS = 64_000_000
"""Width times height; covers 61-megapixel cameras and stays below Pillow's own alarm (89 M)."""
MAX_PICTURE_BYTES = 64 << 20

MAX_TEXT_CHARS = 100_000
"""Longer texts are cut there; a model reads some hundred words of them anyway."""
MAX_TEXT_BYTES = 8 << 20
"""Of one text file."""

MAX_FILES = 200_000
"""Files in one folder, zip or CSV."""
MAX_FOLDER_DEPTH = 32
MAX_MANIFEST_BYTES = 128 << 20
MAX_LABEL_CHARS = 200
MAX_NAME_CHARS = 400
"""Of a file's name where it is shown; longer ones lose their middle."""
MAX_LINES = 10_000_000
"""Of a table in an older encoding, which is read line by line; a text may have many."""
MAX_COLUMNS = 10_000
"""Of a table."""

MAX_UNPACKED_BYTES = 32 << 30
"""What all files of one zip may take together."""
MAX_ZIP_RATIO = 200
"""Unpacked over packed bytes of one file; pictures are packed already and stay near 1."""
RATIO_MATTERS_BYTES = 1 << 20
"""Small files may be packed as tightly as they like, as long as all of them together are not."""
MAX_ZIP_DIRECTORY_BYTES = 64 << 20
"""The zip's own table of contents, which has to be read into memory whole."""

MAX_UPLOAD_FILES = 50_000
MAX_UPLOAD_BYTES = 8 << 30

MAX_NAMES_KEPT = 20
"""Names that a finding keeps as examples; its count covers all."""
LEAK_SHARE = 0.01
"""Share of held-out pictures with a twin in training above which a leak is suspected."""
