"""Seconds of PyTorch per epoch of the reference codec of CIFAR-10, to hold `jscc train` against.

The network of crates/jscc-nn/src/methods/deepjscc_conv.rs with k = 256, Adam, mean square error, an AWGN channel; pictures are
random, which changes no time. Two threads unless told otherwise.

    python3 bench/cifar_epoch.py [--pictures 18000] [--batch 64] [--threads 2] [--channels-last]
"""

import argparse
import time

import torch
from torch import nn

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--pictures", type=int, default=18_000)
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--channels-last", action="store_true")
args = parser.parse_args()
torch.set_num_threads(args.threads)


def conv(maps_in, maps_out, stride):
    return nn.Conv2d(maps_in, maps_out, 5, stride, 2)


def deconv(maps_in, maps_out, stride):
    return nn.ConvTranspose2d(maps_in, maps_out, 5, stride, 2, output_padding=stride - 1)


encoder = nn.Sequential(
    conv(3, 16, 2), nn.PReLU(16), conv(16, 32, 2), nn.PReLU(32), conv(32, 32, 1), nn.PReLU(32),
    conv(32, 32, 1), nn.PReLU(32), conv(32, 8, 1), nn.PReLU(8),
)
decoder = nn.Sequential(
    deconv(8, 32, 1), nn.PReLU(32), deconv(32, 32, 1), nn.PReLU(32), deconv(32, 32, 1), nn.PReLU(32),
    deconv(32, 16, 2), nn.PReLU(16), deconv(16, 3, 2), nn.Sigmoid(),
)
parts = nn.ModuleList([encoder, decoder])
if args.channels_last:
    parts = parts.to(memory_format=torch.channels_last)
optimizer = torch.optim.Adam(parts.parameters(), lr=1e-3)
pictures = torch.rand(args.pictures, 3, 32, 32)


def step(x):
    if args.channels_last:
        x = x.contiguous(memory_format=torch.channels_last)
    z = encoder(x)
    # 256 complex symbols of power 1; noise of variance 1/10 each, 10 dB.
    z = z * (256 / z.square().sum((1, 2, 3), keepdim=True)).sqrt()
    heard = z + torch.randn_like(z) * 0.05**0.5
    loss = (decoder(heard) - x).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


for x in pictures.split(args.batch)[:20]:
    step(x)
begin = time.perf_counter()
for i in torch.randperm(args.pictures).split(args.batch):
    step(pictures[i])
seconds = time.perf_counter() - begin
print(f"PyTorch {torch.__version__}, {args.threads} threads: {seconds:.2f} s per epoch of {args.pictures} pictures, "
      f"batch {args.batch}, {1000 * seconds * args.batch / args.pictures:.1f} ms a step")
