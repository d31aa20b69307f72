"""Photographs through JPEG, JPEG 2000, WebP and AVIF: the largest file that fits into frames of each 802.11 rate.

    python3 -m venv env && env/bin/pip install pillow==13.0.0 numpy scipy
    env/bin/python bench/photo_rivals.py FOLDER --pixels-per-symbol 192 -o bench/photo-rivals-192.jsonl

One line of JSON per photograph, codec and number of octets: PSNR and MS-SSIM of what the file decodes to, over RGB.
`jscc photos` reads the lines, sends the octets through frames, and counts a photograph as lost with any of its frames.

Each codec is tuned for PSNR at its slow setting; AVIF is libaom, 4:4:4. Only coded data count: JPEG without JFIF header and
comments, JPEG 2000 as a bare codestream, WebP's VP8 chunk, AVIF's media data.
"""

import argparse, io, json, struct
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import convolve1d

# Data bits per OFDM symbol of the non-HT rates, and the longest PSDU.
N_DBPS = {6: 24, 9: 36, 12: 48, 18: 72, 24: 96, 36: 144, 48: 192, 54: 216}
MTU = 1500
# Octets of MAC header and FCS; bits of SERVICE and tail; OFDM symbols of preamble and SIGNAL.
AROUND, SERVICE_AND_TAIL, PREAMBLE = 28, 22, 5


def budget(n_dbps, symbols):
    """Octets of payload in frames of at most MTU octets that take this many OFDM symbols, preambles included."""
    most = (8 * MTU + SERVICE_AND_TAIL) // n_dbps
    count = -(-symbols // (PREAMBLE + most))
    each, longer = divmod(symbols, count)
    lengths = [each - PREAMBLE + (n < longer) for n in range(count)]
    return sum(max(0, (n * n_dbps - SERVICE_AND_TAIL) // 8 - AROUND) for n in lengths)


def psnr(a, b):
    return 10 * np.log10(255**2 / np.mean((a.astype(float) - b.astype(float)) ** 2))


def ms_ssim(a, b):
    """Wang, Simoncelli, Bovik 2003, over the mean of the colours' indices at each of five scales."""
    window = np.exp(-((np.arange(11) - 5) ** 2) / (2 * 1.5**2))
    window /= window.sum()

    def blurred(x):
        for axis in (0, 1):
            x = convolve1d(x, window, axis=axis, mode="constant")
        return x[5:-5, 5:-5]

    a, b = a.astype(float), b.astype(float)
    c1, c2, product = (0.01 * 255) ** 2, (0.03 * 255) ** 2, 1.0
    for scale, weight in enumerate([0.0448, 0.2856, 0.3001, 0.2363, 0.1333]):
        ma, mb = blurred(a), blurred(b)
        va, vb, cov = blurred(a * a) - ma * ma, blurred(b * b) - mb * mb, blurred(a * b) - ma * mb
        contrast = (2 * cov + c2) / (va + vb + c2)
        index = contrast if scale < 4 else contrast * (2 * ma * mb + c1) / (ma * ma + mb * mb + c1)
        product *= max(index.mean(), 0.0) ** weight
        h, w = a.shape[0] // 2 * 2, a.shape[1] // 2 * 2
        a, b = (x[:h, :w].reshape(h // 2, 2, w // 2, 2, 3).mean(axis=(1, 3)) for x in (a, b))
    return product


def save(picture, kind, quality):
    file = io.BytesIO()
    if kind == "avif":
        picture.save(file, "AVIF", quality=quality, speed=4, subsampling="4:4:4", advanced={"tune": "psnr"})
    elif kind == "webp":
        picture.save(file, "WEBP", quality=quality, method=6)
    elif kind == "jpeg":
        picture.save(file, "JPEG", quality=quality, progressive=True, optimize=True)
    else:
        picture.save(file, "JPEG2000", quality_mode="rates", quality_layers=[quality], irreversible=True, no_jp2=True)
    return file.getvalue()


def coded(kind, data):
    """Octets of the coded data alone."""
    if kind == "avif":
        at, size = 0, 0
        while at < len(data):
            length, name = struct.unpack(">I4s", data[at : at + 8])
            size += length - 8 if name == b"mdat" else 0
            at += length or len(data)
        return size
    if kind == "webp":
        return len(data) - 20
    if kind == "jpeg":
        return len(data) - 18
    return len(data)


def fitting(picture, kind, octets):
    """The largest file that fits, by bisection of the quality; None if none does."""
    pixels = picture.width * picture.height
    if kind == "j2k":
        rate = 24 * pixels / (8 * octets)
        for slack in (1.0, 1.002, 1.01, 1.05):
            data = save(picture, kind, rate * slack)
            if coded(kind, data) <= octets:
                return data
        return None
    low, high, best = (0 if kind != "jpeg" else 1), 100, None
    while low <= high:
        middle = (low + high) // 2
        data = save(picture, kind, middle)
        if coded(kind, data) <= octets:
            best, low = data, middle + 1
        else:
            high = middle - 1
    return best


def row(job):
    path, kind, octets, rates = job
    picture = Image.open(path).convert("RGB")
    data = fitting(picture, kind, octets)
    line = {"photograph": path.name, "codec": kind, "rates": rates, "octets": octets}
    if data is None:
        return {**line, "coded": None, "psnr_db": None, "ms_ssim": None}
    original, decoded = (np.asarray(x) for x in (picture, Image.open(io.BytesIO(data)).convert("RGB")))
    large = min(original.shape[:2]) >= 176
    found = {"psnr_db": psnr(original, decoded), "ms_ssim": ms_ssim(original, decoded) if large else None}
    return {**line, "coded": coded(kind, data), **found}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pixels-per-symbol", type=int, default=192)
    parser.add_argument("--parity", action="store_true", help="leave a third of the time to parity frames, as wfb-ng does")
    parser.add_argument("--codecs", nargs="+", default=["avif", "j2k", "webp", "jpeg"])
    parser.add_argument("--rates", nargs="+", type=int, default=[6, 12, 18, 24, 36, 48, 54], help="in Mb/s")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()
    jobs = []
    for path in sorted(options.folder.glob("*.png")):
        with Image.open(path) as picture:
            symbols = -(-picture.width * picture.height // options.pixels_per_symbol)
        for rate in options.rates:
            octets = budget(N_DBPS[rate], symbols)
            octets = octets * 8 // 12 if options.parity else octets
            jobs += [(path, kind, octets, rate) for kind in options.codecs]
    with Pool(options.processes) as pool, open(options.out, "w") as out:
        for n, line in enumerate(pool.imap(row, jobs, chunksize=1)):
            line["rate"] = line.pop("rates")
            out.write(json.dumps(line) + "\n")
            out.flush()
            print(f"\r{n + 1} of {len(jobs)}", end="", flush=True)
    print()
