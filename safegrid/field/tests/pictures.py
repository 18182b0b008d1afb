"""Small pictures, each of its own content."""

import io
import random

from PIL import Image


def picture(seed: int, side: int = 16) -> bytes:
    """Return a JPEG of noise: the same seed, the same bytes."""
    noise = random.Random(seed).randbytes(side * side * 3)
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), noise).save(file, "JPEG", quality=90)
    return file.getvalue()
