# SPDX-License-Identifier: Apache-2.0
"""Trains the networks that tell printed digits (kiosk/reader/surface/digits.npz).

    python -m bench.digits.train SAMPLES_FOLDER [--networks 2] [--epochs 8] [--out FILE]

From the parts that `bench.digits.draw` drew; the last of them are not trained on, and say how sure an answer
may be taken to be. Needs PyTorch, which has a lock of its own here: the kiosk runs what comes out with NumPy.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from kiosk.reader.surface.digits import NO_DIGIT, PICTURES, WINDOW, Network

FILTERS = ((PICTURES, 16, 5), (16, 32, 3), (32, 64, 3))  # from how many, to how many, how large
FLAT, HIDDEN = 64 * 5 * 3, 160
INKS = 2  # of a window's pictures: the rest is light
BATCH = 512
RATE = 3e-3
HELD_OUT = 0.04


Layer = tuple[NDArray[np.float32], NDArray[np.float32]]


class Digits(nn.Module):
    """What `Network` is made of; what each filter makes is brought to one scale, which helps it to learn."""

    def __init__(self) -> None:
        super().__init__()
        self.filters = nn.ModuleList(nn.Conv2d(*shape) for shape in FILTERS)
        self.scales = nn.ModuleList(nn.BatchNorm2d(made) for _, made, _ in FILTERS)
        self.full = nn.ModuleList((nn.Linear(FLAT, HIDDEN), nn.Linear(HIDDEN, NO_DIGIT + 1)))

    def forward(self, x: Tensor) -> Tensor:
        first, second, third = (nn.Sequential(*both) for both in zip(self.filters, self.scales, strict=True))
        # the most of four first, and nothing below zero then: the same, and a quarter of the work
        x = functional.relu(functional.max_pool2d(first(x), 2))
        x = functional.relu(second(x))
        x = functional.relu(functional.max_pool2d(third(x), 2))
        # rows, columns, filters: as NumPy has them
        x = functional.dropout(x.permute(0, 2, 3, 1).flatten(1), 0.1, self.training)
        x = functional.dropout(functional.relu(self.full[0](x)), 0.2, self.training)
        return self.full[1](x)

    def layers(self) -> list[Layer]:
        """Weights and biases, an input a row, filters with their inputs first and their scales in them."""
        made = []
        with torch.no_grad():
            for filters, scale in zip(self.filters, self.scales, strict=True):
                by = scale.weight / torch.sqrt(scale.running_var + scale.eps)
                made.append(
                    (
                        filters.weight.flatten(1) * by[:, None],
                        (filters.bias - scale.running_mean) * by + scale.bias,
                    )
                )
            made += [(layer.weight, layer.bias) for layer in self.full]
            return [(weights.T.contiguous().numpy(), bias.numpy().copy()) for weights, bias in made]


def loaded(folder: Path) -> tuple[Tensor, Tensor]:
    parts = [np.load(path) for path in sorted(folder.glob("*.npz"))]
    x = np.concatenate([part["x"] for part in parts])
    t = np.concatenate([part["t"] for part in parts])
    return torch.from_numpy(x), torch.from_numpy(t).long()


def pictures(x: Tensor) -> Tensor:
    """As the kiosk's windows, from the bytes in which they were kept."""
    return ((x.float() - 12) / 240).view(-1, *WINDOW, PICTURES).permute(0, 3, 1, 2)


def moved(x: Tensor, noise: Tensor, mixed: torch.Generator) -> Tensor:
    """A little to a side, its ink a little paler or darker, and with other noise."""
    down, along = (int(torch.randint(-2, 3, (1,), generator=mixed)) for _ in range(2))
    x = torch.roll(x, (down, along), (2, 3))
    start = int(torch.randint(0, len(noise) - len(x), (1,), generator=mixed))
    ink = x[:, :INKS]
    ink *= 0.85 + 0.3 * torch.rand(len(x), 1, 1, 1, generator=mixed)
    ink += float(torch.rand(1, generator=mixed)) * noise[start : start + len(x)]
    return x


def train(folder: Path, seed: int, epochs: int) -> list[Layer]:
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    mixed = torch.Generator().manual_seed(seed)
    x, t = loaded(folder)
    kept = int(len(x) * (1 - HELD_OUT))
    noise = 0.02 * torch.randn(8 * BATCH, INKS, *WINDOW, generator=mixed)
    network = Digits().to(memory_format=torch.channels_last)
    network.train()
    steps = epochs * (kept // BATCH)
    made_for = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.02)
    rate = torch.optim.lr_scheduler.OneCycleLR(made_for, RATE, total_steps=steps, pct_start=0.15)
    for epoch in range(epochs):
        lost, began = 0.0, time.monotonic()
        order = torch.randperm(kept, generator=mixed)
        for start in range(0, kept - BATCH + 1, BATCH):
            pick = order[start : start + BATCH]
            seen = moved(pictures(x[pick]), noise, mixed).contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16):
                scores = network(seen)
            loss = functional.cross_entropy(scores.float(), t[pick])
            made_for.zero_grad()
            loss.backward()
            made_for.step()
            rate.step()
            lost += float(loss.detach()) * BATCH / kept
        print(f"network {seed}, round {epoch + 1}: {lost:.4f}, {time.monotonic() - began:.0f} s", flush=True)
    return network.layers()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("samples", type=Path)
    options.add_argument("--networks", type=int, default=2)
    options.add_argument("--epochs", type=int, default=8)
    options.add_argument("--out", type=Path, default=Path("kiosk/reader/surface/digits.npz"))
    chosen = options.parse_args()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(train, chosen.samples, seed, chosen.epochs) for seed in range(chosen.networks)]
        networks = [job.result() for job in jobs]
    bytes_of, digits = loaded(chosen.samples)
    first = int(len(digits) * (1 - HELD_OUT))
    x = pictures(bytes_of[first:]).permute(0, 2, 3, 1).reshape(len(digits) - first, -1).numpy()
    t = digits[first:].numpy()
    out: dict[str, NDArray] = {"networks": np.int32(len(networks)), "layers": np.int32(len(networks[0]))}
    every = []
    for number, layers in enumerate(networks):
        small = [(weights.astype(np.float16), bias.astype(np.float16)) for weights, bias in layers]
        whole = Network(
            tuple((weights.astype(np.float32), bias.astype(np.float32)) for weights, bias in small)
        )
        answers = np.concatenate([whole.answer(part) for part in np.array_split(x, 20)])
        every.append(answers)
        print("network", number, "right on what it did not see:", (answers.argmax(1) == t).mean())
        for layer, (weights, bias) in enumerate(small):
            out[f"w{number}{layer}"], out[f"b{number}{layer}"] = weights, bias
    together = np.mean(every, axis=0)
    print("together:", (together.argmax(1) == t).mean())
    for sure in (0.9, 0.99, 0.999):
        of = together.max(1) >= sure
        print(
            f"at least {sure} sure: {of.mean():.3f} of all, {(together.argmax(1) != t)[of].mean():.5f} wrong"
        )
    np.savez_compressed(chosen.out, **out)
    print(chosen.out, chosen.out.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
