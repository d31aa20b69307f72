#!/usr/bin/env python3
"""Golden vectors of HT-mixed frames: 20 MHz, one stream, BCC. Writes ht.json beside itself.

A model of its own, bit by bit from the text of IEEE 802.11-2020, clause 19.3 (and 17.3 for what it takes over), without a line in
common with the crate. Standard library only; the same bytes each time.
"""

import cmath
import json
import math
import os

# --- bits -----------------------------------------------------------------------------------------------------------


def bits_of(octets):
    return [octet >> i & 1 for octet in octets for i in range(8)]


def scramble(bits, seed):
    """17.3.5.5: x^7 + x^4 + 1; seed[0] is x1."""
    state = list(seed)
    out = []
    for bit in bits:
        feedback = state[6] ^ state[3]
        out.append(bit ^ feedback)
        state = [feedback] + state[:6]
    return out


def convolve(bits):
    """17.3.5.6: generators 133 and 171 octal, from state zero."""
    delays = [0] * 6
    out = []
    for bit in bits:
        line = [bit] + delays
        out.append(line[0] ^ line[2] ^ line[3] ^ line[5] ^ line[6])
        out.append(line[0] ^ line[1] ^ line[2] ^ line[3] ^ line[6])
        delays = line[:6]
    return out


# Kept (1) and stolen (0) of A and B, figures 17-9 and 19-11.
PUNCTURE = {(1, 2): "11", (2, 3): "1110", (3, 4): "111001", (5, 6): "1110011001"}


def puncture(coded, rate):
    pattern = PUNCTURE[rate]
    return [bit for i, bit in enumerate(coded) if pattern[i % len(pattern)] == "1"]


def interleave(bits, n_bpsc, columns, rows):
    """17.3.5.7 and 19.3.11.8.2, one stream: of one symbol's coded bits."""
    n_cbps, s = len(bits), max(n_bpsc // 2, 1)
    out = [None] * n_cbps
    for k, bit in enumerate(bits):
        i = rows * (k % columns) + k // columns
        j = s * (i // s) + (i + n_cbps - columns * i // n_cbps) % s
        out[j] = bit
    return out


def crc8(bits):
    """19.3.9.4.4: x^8 + x^2 + x + 1, ones to begin with, complemented; c7 first."""
    crc = [1] * 8
    for bit in bits:
        feedback = bit ^ crc[7]
        crc = [feedback, crc[0] ^ feedback, crc[1] ^ feedback] + crc[2:7]
    return [c ^ 1 for c in reversed(crc)]


def crc32(octets):
    crc = 0xFFFFFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0xEDB88320 if crc & 1 else 0)
    return list((crc ^ 0xFFFFFFFF).to_bytes(4, "little"))


# --- points ---------------------------------------------------------------------------------------------------------

GRAY = {1: {(0,): -1, (1,): 1}, 2: {(0, 0): -3, (0, 1): -1, (1, 1): 1, (1, 0): 3}}
GRAY[3] = {(0, 0, 0): -7, (0, 0, 1): -5, (0, 1, 1): -3, (0, 1, 0): -1, (1, 1, 0): 1, (1, 1, 1): 3, (1, 0, 1): 5, (1, 0, 0): 7}
NORM = {1: 1, 2: 2, 4: 10, 6: 42}


def points_of(bits, n_bpsc):
    scale = 1 / math.sqrt(NORM[n_bpsc])
    out = []
    for at in range(0, len(bits), n_bpsc):
        group = tuple(bits[at : at + n_bpsc])
        if n_bpsc == 1:
            out.append(complex(GRAY[1][group], 0))
        else:
            half = n_bpsc // 2
            out.append(scale * complex(GRAY[half][group[:half]], GRAY[half][group[half:]]))
    return out


def polarity(n):
    """17.3.5.10: the scrambler's sequence from seven ones."""
    state, out = [1] * 7, []
    for _ in range(127):
        feedback = state[6] ^ state[3]
        out.append(1 - 2 * feedback)
        state = [feedback] + state[:6]
    return out[n % 127]


PILOTS = [-21, -7, 7, 21]
LEGACY = [k for k in range(-26, 27) if k != 0 and k not in PILOTS]
HT = [k for k in range(-28, 29) if k != 0 and k not in PILOTS]


def body(tones):
    """Inverse transform, scaled by 1/64."""
    turn = [cmath.exp(2j * math.pi * i / 64) for i in range(64)]
    return [sum(x * turn[k * n % 64] for k, x in tones.items()) / 64 for n in range(64)]


def symbol(tones, guard):
    samples = body(tones)
    return samples[64 - guard :] + samples


def ofdm(points, places, pilots, guard):
    return symbol({**dict(zip(places, points)), **dict(zip(PILOTS, pilots))}, guard)


# --- fields ---------------------------------------------------------------------------------------------------------

STF = {k: math.sqrt(13 / 6) * complex(sign, sign) for k, sign in zip(
    [-24, -20, -16, -12, -8, -4, 4, 8, 12, 16, 20, 24], [1, -1, 1, -1, -1, 1, -1, -1, 1, 1, 1, 1])}
LTF = dict(zip(
    [k for k in range(-26, 27) if k != 0],
    [int(c + "1") for c in "++--++-+-++++++--++-+-++++" + "+--++-+-+-----++--+-+-++++"]))
HT_LTF = {**LTF, -28: 1, -27: 1, 27: -1, 28: -1}

MCS = [(1, (1, 2)), (2, (1, 2)), (2, (3, 4)), (4, (1, 2)), (4, (3, 4)), (6, (2, 3)), (6, (3, 4)), (6, (5, 6))]


def legacy_symbols(bits, first_pilot, turn):
    """Coded fields of 24 bits each: L-SIG, HT-SIG."""
    coded = convolve(bits)
    out = []
    for n in range(len(coded) // 48):
        points = [turn * x for x in points_of(interleave(coded[48 * n : 48 * n + 48], 1, 16, 3), 1)]
        p = polarity(first_pilot + n)
        out += ofdm(points, LEGACY, [p, p, p, -p], 16)
    return out


def frame(psdu, mcs, short, seed, aggregation):
    """Stages and samples of a frame; data subcarriers have power 1, the legacy part as much power in all."""
    n_bpsc, rate = MCS[mcs]
    n_cbps = 52 * n_bpsc
    n_dbps = n_cbps * rate[0] // rate[1]
    n_sym = -(-(16 + 8 * len(psdu) + 6) // n_dbps)
    guard = 8 if short else 16
    us = 36 + (4 * n_sym if not short else 4 * -(-n_sym * 36 // 40))
    length = 3 * -(-(us - 20) // 4) - 3
    l_sig = [1, 1, 0, 1, 0] + [length >> i & 1 for i in range(12)]
    l_sig += [sum(l_sig) % 2] + [0] * 6
    ht_sig = [mcs >> i & 1 for i in range(7)] + [0] + [len(psdu) >> i & 1 for i in range(16)]
    ht_sig += [1, 1, 1, int(aggregation), 0, 0, 0, int(short), 0, 0]
    ht_sig += crc8(ht_sig) + [0] * 6

    data = [0] * 16 + bits_of(psdu) + [0] * (n_sym * n_dbps - 16 - 8 * len(psdu))
    scrambled = scramble(data, seed)
    tail = 16 + 8 * len(psdu)
    scrambled[tail : tail + 6] = [0] * 6
    coded = puncture(convolve(scrambled), rate)
    interleaved = []
    for n in range(n_sym):
        interleaved += interleave(coded[n * n_cbps : (n + 1) * n_cbps], n_bpsc, 13, 4 * n_bpsc)

    # The short field's period is 16: two transforms and a half. The long field has a guard of 32 before two bodies.
    legacy = (body(STF) * 3)[:160] + body(LTF)[32:] + body(LTF) * 2
    legacy += legacy_symbols(l_sig, 0, 1) + legacy_symbols(ht_sig, 1, 1j)
    legacy += (body(STF) * 2)[:80]
    samples = [x * math.sqrt(56 / 52) for x in legacy] + symbol(HT_LTF, 16)
    pattern = [1, 1, 1, -1]
    for n in range(n_sym):
        points = points_of(interleaved[n * n_cbps : (n + 1) * n_cbps], n_bpsc)
        pilots = [polarity(n + 3) * pattern[(n + m) % 4] for m in range(4)]
        samples += ofdm(points, HT, pilots, guard)
    stages = {"l_sig": l_sig, "ht_sig": ht_sig, "scrambled": scrambled, "coded": coded, "interleaved": interleaved}
    return {name: "".join(map(str, bits)) for name, bits in stages.items()}, samples


# --- what is written ------------------------------------------------------------------------------------------------


class Draws:
    """Knuth's linear congruential generator, its upper 32 bits; normal deviates by the sum of twelve."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (self.state >> 32) / (1 << 32)

    def normal(self):
        return sum(self.uniform() for _ in range(12)) - 6


def mpdu(draws, n):
    octets = [0x88, 0x00] + [int(256 * draws.uniform()) for _ in range(n - 6)]
    return octets + crc32(octets)


def a_mpdu(mpdus):
    """9.7.1: delimiters of 4 octets, subframes padded to a multiple of 4, but for the last."""
    psdu = []
    for octets in mpdus:
        psdu += [0] * (-len(psdu) % 4)
        head = [0] * 4 + [len(octets) >> i & 1 for i in range(12)]
        word = head + crc8(head) + bits_of([0x4E])
        psdu += [sum(word[8 * n + i] << i for i in range(8)) for n in range(4)] + octets
    return psdu


def recording(draws, samples):
    """Through two paths, a carrier 61 kHz off and noise 26 dB below, in silence; 8-bit samples, I and Q in turn."""
    path = [0.9 + 0.1j, 0, 0.25 - 0.2j]
    n = len(samples) + 500
    air = [0j] * n
    for delay, gain in enumerate(path):
        for i, x in enumerate(samples):
            air[300 + i + delay] += gain * x
    # Power of a sample is 56/64/64.
    noise = math.sqrt(56 / 64 / 64 * 10 ** -2.6 / 2)
    octets = []
    for i, x in enumerate(air):
        x = x * cmath.exp(2j * math.pi * 61e3 / 20e6 * i) + complex(noise * draws.normal(), noise * draws.normal())
        octets += [max(-128, min(127, round(part * 127 / 0.5))) & 0xFF for part in (x.real, x.imag)]
    return bytes(octets).hex()


def main():
    draws, frames = Draws(1), []
    for mcs in range(8):
        psdu = mpdu(draws, 24 + mcs)
        seed = [mcs + 1 >> i & 1 for i in range(4)] + [0, 1, mcs % 2]
        short = mcs % 2 == 1
        stages, samples = frame(psdu, mcs, short, seed, False)
        written = {"re": [round(x.real, 6) for x in samples], "im": [round(x.imag, 6) for x in samples]}
        frames.append({"mcs": mcs, "short_guard": short, "seed_x1_to_x7": "".join(map(str, seed)), "psdu": bytes(psdu).hex(),
                       **stages, "samples": written})
    mpdus = [mpdu(draws, n) for n in (41, 60)]
    psdu = a_mpdu(mpdus)
    _, samples = frame(psdu, 4, True, [1, 0, 1, 1, 0, 0, 1], True)
    capture = {"mcs": 4, "short_guard": True, "mpdus": [bytes(octets).hex() for octets in mpdus],
               "psdu": bytes(psdu).hex(), "cfo_hz": 61e3, "snr_db": 26, "ci8": recording(draws, samples)}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ht.json")
    with open(path, "w") as file:
        json.dump({"made by": "ht.py", "frames": frames, "capture": capture}, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
