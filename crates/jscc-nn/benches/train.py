"""The networks of `train.rs` in PyTorch, driven by it: reads `CASE LAYOUT TIMES` lines, answers with milliseconds.

Needs torch (`pip install torch`); nothing else of the project does. CASE is a name below, `memory` or `version`; LAYOUT
is `nchw` (PyTorch's default) or `nhwc` (channels_last, what its CPU kernels prefer).
"""

import resource
import sys
import time

import torch
from torch import nn

torch.manual_seed(0)
torch.set_num_threads(int(sys.argv[1]))
CL = torch.channels_last


def act():
    return nn.PReLU()


def conv(i, o, k, s):
    return nn.Conv2d(i, o, k, s, k // 2)


def deconv(i, o, k, s):
    return nn.ConvTranspose2d(i, o, k, s, (k - s + 1) // 2, (k - s) % 2)


class Codec(nn.Module):
    """Encoder, power normalisation a picture, decoder."""

    def __init__(self, encoder, decoder, shape):
        super().__init__()
        self.encoder, self.decoder, self.shape = encoder, decoder, shape

    def encode(self, x):
        z = self.encoder(x).flatten(1)
        return z * (z.square().sum(1, keepdim=True) * 2 / z.shape[1] + 1e-12).rsqrt()

    def decode(self, z):
        return self.decoder(z)


def reference():
    encoder = nn.Sequential(
        conv(3, 16, 5, 2), act(), conv(16, 32, 5, 2), act(), conv(32, 32, 5, 1), act(),
        conv(32, 32, 5, 1), act(), conv(32, 16, 5, 1), act())
    decoder = nn.Sequential(
        nn.Unflatten(1, (16, 8, 8)),
        deconv(16, 32, 5, 1), act(), deconv(32, 32, 5, 1), act(), deconv(32, 32, 5, 1), act(),
        deconv(32, 16, 5, 2), act(), deconv(16, 3, 5, 2), nn.Sigmoid())
    return Codec(encoder, decoder, (3, 32, 32))


def mnist():
    encoder = nn.Sequential(
        conv(1, 16, 5, 2), act(), conv(16, 32, 5, 2), act(), conv(32, 32, 3, 1), act(),
        nn.Flatten(), nn.Linear(32 * 49, 96))
    decoder = nn.Sequential(
        nn.Linear(96, 32 * 49), nn.Unflatten(1, (32, 7, 7)), act(), conv(32, 32, 3, 1), act(),
        deconv(32, 16, 4, 2), act(), deconv(16, 1, 4, 2), nn.Sigmoid())
    return Codec(encoder, decoder, (1, 28, 28))


class Trained:
    def __init__(self, net, layout):
        self.net, self.layout = net, layout
        if layout == "nhwc":
            self.net = net.to(memory_format=CL)
        self.optimizer = torch.optim.Adam(self.net.parameters(), 1e-3)

    def images(self, n):
        x = torch.rand(n, *self.net.shape)
        return x.contiguous(memory_format=CL) if self.layout == "nhwc" else x

    def step(self):
        """Forward, noise, backward, Adam."""
        x = self.images(64)
        start = time.perf_counter()
        self.optimizer.zero_grad()
        z = self.net.encode(x)
        loss = (self.net.decode(z + 0.1 * torch.randn_like(z)) - x).square().mean()
        loss.backward()
        self.optimizer.step()
        loss.item()
        return time.perf_counter() - start

    def encode(self):
        x = self.images(1)
        with torch.inference_mode():
            start = time.perf_counter()
            self.net.encode(x).numpy()
            return time.perf_counter() - start

    def decode(self):
        z = self.net.encode(self.images(1)).detach()
        with torch.inference_mode():
            start = time.perf_counter()
            self.net.decode(z).numpy()
            return time.perf_counter() - start


NETS = {}


def answer(case, layout, times):
    if case == "version":
        return f"PyTorch {torch.__version__}"
    if case == "memory":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    network, job = case.split("-")
    if (network, layout) not in NETS:
        NETS[network, layout] = Trained({"reference": reference, "mnist": mnist}[network](), layout)
    run = getattr(NETS[network, layout], job)
    return " ".join(str(1000 * run()) for _ in range(int(times)))


for line in sys.stdin:
    print(answer(*line.split()), flush=True)
