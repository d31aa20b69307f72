"""A sequence of pictures as a slow camera sees them: pans over photographs, one after another.

    python3 -m venv env && env/bin/pip install pillow==13.0.0
    env/bin/python bench/photo_pan.py PHOTOGRAPH... -o FOLDER --pictures 40 --take 28 --size 384x256

Each photograph is crossed once, from its upper left to its lower right corner, while the camera comes nearer: PICTURES files
000.png, ... per photograph, or the first --take of them. `jscc send FOLDER --fps 5` and `jscc photos experiments/photo-sequence.toml --data FOLDER` take them.
"""

import argparse
from pathlib import Path

from PIL import Image

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, nargs="+")
    parser.add_argument("--pictures", type=int, default=40)
    parser.add_argument("--take", type=int)
    parser.add_argument("--size", default="384x256")
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    options.out.mkdir(parents=True, exist_ok=True)
    for shot, path in enumerate(options.photographs):
        photograph = Image.open(path).convert("RGB")
        for n in range(options.take or options.pictures):
            part = n / max(1, options.pictures - 1)
            zoom = 0.8 - 0.25 * part
            w, h = photograph.width * zoom, photograph.height * zoom
            x, y = (photograph.width - w) * part, (photograph.height - h) * part
            picture = photograph.resize((width, height), Image.Resampling.LANCZOS, box=(x, y, x + w, y + h))
            picture.save(options.out / f"{shot * (options.take or options.pictures) + n:03}.png")
