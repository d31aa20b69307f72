"""The first picture of the README: one photograph over 802.11a from 0 to 25 dB, ours and AVIF, sent once for a receiver at 10 dB.

    env/bin/python bench/photo_figure.py --jscc target/release/jscc -o results/photo-one.png
    env/bin/python bench/photo_figure.py --demo crates/jscc-lab/assets

The photograph is drawn here, by a program, so that it may be shown: a lake under mountains, out of noise of many scales. Frames go
through `jscc send`, `wifi encode`, `wifi decode` and `receive`; AVIF has the rate that is best at 10 dB, 24 Mb/s, and as much time on
the air. The same environment as for photo_rivals.py. With --demo it writes the two pictures of `jscc demo`: the photograph at half its
sides, and what the AVIF file of as much time on the air decodes to.
"""

import argparse, io, json, subprocess, tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from photo_rivals import MTU, N_DBPS, AROUND, PREAMBLE, SERVICE_AND_TAIL, budget, fitting, psnr

WIDTH, HEIGHT, SNRS, RATE = 768, 512, [0, 3, 6, 8, 10, 15, 25], 24


def noise(rng, shape, scales, rough):
    """Sum of smooth noise from coarse to fine."""
    total = np.zeros(shape)
    for n in range(scales):
        side = 2 ** (n + 1)
        coarse = rng.standard_normal((side + 1, side + 1))
        image = Image.fromarray(coarse.astype("f4")).resize(shape[::-1], Image.BICUBIC)
        total += np.asarray(image) * rough**n
    return total / np.abs(total).max()


def photograph():
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] / HEIGHT
    horizon = 0.62
    sky = np.stack([0.35 + 0.5 * y, 0.5 + 0.35 * y, 0.78 + 0.12 * y], -1)
    clouds = np.clip(noise(rng, (HEIGHT, WIDTH), 7, 0.62) * 1.6 - 0.05, 0, 1)[..., None] * np.clip(1.2 - 1.5 * y, 0, 1)[..., None]
    picture = sky * (1 - clouds) + np.array([0.97, 0.95, 0.93]) * clouds
    for layer, (height, colour) in enumerate([(0.30, (0.52, 0.58, 0.68)), (0.42, (0.34, 0.40, 0.46)), (0.52, (0.16, 0.24, 0.17))]):
        ridge = height + 0.16 * noise(rng, (1, WIDTH), 9, 0.55)[0] * (1 - 0.2 * layer)
        inside = y > ridge[None, :]
        rock = noise(rng, (HEIGHT, WIDTH), 9, 0.8)
        light = np.clip(0.85 + 2.2 * (np.roll(rock, 2, 1) - rock) + 0.25 * rock, 0.3, 1.8)
        snow = (layer == 0) & (y < ridge + 0.05 + 0.06 * rock)
        base = np.where(snow[..., None], np.array([0.93, 0.94, 0.97]), np.array(colour)) * light[..., None]
        picture = np.where(inside[..., None], base, picture)
    water = y > horizon
    mirrored = picture[np.clip((2 * horizon - y) * HEIGHT, 0, HEIGHT - 1).astype(int), np.clip((x * HEIGHT + 2.5 * noise(rng, (HEIGHT, WIDTH), 8, 0.9) * (y - horizon) * 30), 0, WIDTH - 1).astype(int)]
    picture = np.where(water[..., None], 0.72 * mirrored * np.array([0.85, 0.95, 1.0]), picture)
    shore = y > 0.86 + 0.10 * noise(rng, (1, WIDTH), 8, 0.6)[0][None, :]
    pebbles = noise(rng, (HEIGHT, WIDTH), 10, 1.05)
    ground = np.array([0.50, 0.43, 0.34]) * np.clip(0.9 + 2.4 * (np.roll(pebbles, 1, 0) - pebbles) + 0.8 * pebbles, 0.15, 1.9)[..., None]
    picture = np.where(shore[..., None], ground, picture)
    picture += 0.008 * rng.standard_normal(picture.shape)
    return Image.fromarray((255 * np.clip(picture, 0, 1)).astype("u1"))


def run(*command, cwd):
    return subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)


def ours(jscc, folder, snr):
    run(jscc, "send", "one.png", "--ladder", 10, "--margin", 9, "--snr", snr, "-o", "air.cf32", cwd=folder).check_returncode()
    out = run(jscc, "receive", "air.cf32", "--codec", "photo", "--out", "seen", cwd=folder)
    return Image.open(folder / "seen/photo-001.png").convert("RGB") if out.returncode == 0 else None


def avif(jscc, folder, snr, data):
    """What a file decodes to, or nothing if a frame of it is damaged."""
    symbols = -(-WIDTH * HEIGHT // 192)
    most = (8 * MTU + SERVICE_AND_TAIL) // N_DBPS[RATE]
    count = -(-symbols // (PREAMBLE + most))
    each, longer = divmod(symbols, count)
    for n in range(count):
        length = ((each - PREAMBLE + (n < longer)) * N_DBPS[RATE] - SERVICE_AND_TAIL) // 8 - AROUND
        part, data = data[:length].ljust(length, b"\0"), data[length:]
        header = bytes.fromhex("08400000ffffffffffff020000000001020000000001") + n.to_bytes(2, "little")
        (folder / "psdu.bin").write_bytes(header + part)
        run(jscc, "wifi", "encode", "--rate", RATE, "--psdu", "@psdu.bin", "--fcs", "--snr", snr, "--seed", n + 1, "-o", "f.cf32", cwd=folder).check_returncode()
        heard = run(jscc, "wifi", "decode", "f.cf32", "--json", cwd=folder).stdout.splitlines()
        if not any(json.loads(line).get("fcs_ok") for line in heard):
            return False
    return True


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jscc", type=Path)
    parser.add_argument("-o", "--out", type=Path)
    parser.add_argument("--demo", type=Path)
    options = parser.parse_args()
    if options.demo:
        small = photograph().resize((WIDTH // 2, HEIGHT // 2), Image.LANCZOS)
        small.save(options.demo / "photo.png", optimize=True)
        data = fitting(small, "avif", budget(N_DBPS[RATE], WIDTH * HEIGHT // 4 // 192))
        Image.open(io.BytesIO(data)).convert("RGB").save(options.demo / "photo-avif.png", optimize=True)
        raise SystemExit
    jscc, original = options.jscc.resolve(), photograph()
    data = fitting(original, "avif", budget(N_DBPS[RATE], -(-WIDTH * HEIGHT // 192)))
    decoded = Image.open(io.BytesIO(data)).convert("RGB")
    cell, gap, text = 300, 6, 26
    high = cell * HEIGHT // WIDTH
    sheet = Image.new("RGB", (len(SNRS) * (cell + gap) + gap, 2 * (high + text) + text + 2 * gap), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(16)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        original.save(folder / "one.png")
        for column, snr in enumerate(SNRS):
            left = gap + column * (cell + gap)
            draw.text((left, 4), f"{snr} dB", "black", font)
            rows = [("ours", ours(jscc, folder, snr)), ("AVIF, 24 Mb/s", decoded if avif(jscc, folder, snr, data) else None)]
            for row, (name, seen) in enumerate(rows):
                top = text + row * (high + text)
                shown = seen or Image.new("RGB", original.size, (122, 119, 114))
                quality = f"{psnr(np.asarray(original), np.asarray(shown)):.1f} dB" if seen else "lost"
                sheet.paste(shown.resize((cell, high), Image.LANCZOS), (left, top))
                draw.text((left, top + high + 2), f"{name}: {quality}", "black", font)
                print(snr, name, quality)
    sheet.save(options.out, optimize=True)
