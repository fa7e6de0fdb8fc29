"""The detector's network in PyTorch, where it learns three times as fast as in Keras on a CPU.

The same layers as `network.build`, in bfloat16, which newer CPUs multiply eight times as fast, and
with the two slowest parts of a step in C++ (`torch_layers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import torch
from torch import nn
from torch.nn import functional as F

from models.training.making.backbone import STAGES
from models.training.making.torch_layers import EPSILON, HALF, Depthwise, Normalise

MOMENTUM = 0.99
END = "end"


class Lite0(nn.Module):
    """From RGB 0..255 (N, size, size, 3) to the logit of fake (N, 1).

    Args:
        middle: names of Keras layers whose averages count beside the last.
        dropout: fraction of the averages that a batch goes without.
        first_block: blocks before this one keep their weights.
        top: whether the last layer counts; without it the network ends at the last of `middle`.
    """

    def __init__(
        self, middle: Sequence[str], dropout: float, first_block: int, top: bool = True
    ) -> None:
        super().__init__()
        self.first_block = first_block
        self.stem = Unit("stem", 3, 32, 3, 2)
        blocks = []
        wide: dict[str, int] = {}
        channels = 32
        for expansion, out, kernel, stride, repeats in STAGES:
            for step in (stride, *[1] * (repeats - 1)):
                block = Block(f"block{len(blocks)}", expansion, channels, out, kernel, step)
                wide[block.tap] = channels * expansion
                blocks.append(block)
                channels = out

        # What ends the network, and what is taken on the way there.
        if top:
            self.blocks = nn.ModuleList(blocks)
            self.end = Unit("top", channels, 1280, 1, 1)
            self.order = [END, *middle]
        else:
            last = list(wide).index(middle[-1])
            self.blocks = nn.ModuleList(blocks[:last])
            self.end = blocks[last].expand
            self.order = [*middle[:-1], END]
        wide[END] = self.end.kernel.shape[0]
        self.dropout = nn.Dropout(dropout)
        self.logit = nn.Linear(sum(wide[name] for name in self.order), 1)
        for part in (self.stem, *self.blocks[:first_block]):
            part.requires_grad_(False)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        x = (pictures.float() / 128 - 127 / 128).to(HALF).permute(0, 3, 1, 2)
        maps: dict[str, torch.Tensor] = {}
        with torch.no_grad():
            x = self.stem(x)
            for block in self.blocks[: self.first_block]:
                x = block(x, maps)
        for block in self.blocks[self.first_block :]:
            x = block(x, maps)
        maps[END] = self.end(x)
        averages = [maps[name].mean((2, 3), dtype=torch.float32) for name in self.order]
        return self.logit(self.dropout(torch.cat(averages, 1)))

    def read(self, model: keras.Model) -> None:
        """Take the weights of a Keras model that is built alike."""
        for unit in self._units():
            unit.read(model)
        kernel, bias = model.get_layer("logit").get_weights()
        _put(self.logit.weight, kernel.T)
        _put(self.logit.bias, bias)

    def write(self, model: keras.Model) -> None:
        """Give a Keras model that is built alike these weights."""
        for unit in self._units():
            unit.write(model)
        weights = [self.logit.weight.detach().T, self.logit.bias.detach()]
        model.get_layer("logit").set_weights([x.cpu().numpy() for x in weights])

    def _units(self) -> list[Unit]:
        return [part for part in self.modules() if isinstance(part, Unit)]


class Block(nn.Module):
    """More channels, each filtered by itself, and few again."""

    def __init__(
        self, name: str, expansion: int, before: int, after: int, kernel: int, stride: int
    ) -> None:
        super().__init__()
        wide = before * expansion
        self.tap = f"{name}_expand_relu"
        self.expand = nn.Identity()
        if expansion != 1:
            self.expand = Unit(f"{name}_expand", before, wide, 1, 1)
        self.depth = Unit(f"{name}_depth", wide, wide, kernel, stride, depthwise=True)
        self.project = Unit(f"{name}_project", wide, after, 1, 1, act=False)
        self.goes_past = stride == 1 and before == after

    def forward(self, x: torch.Tensor, maps: dict[str, torch.Tensor]) -> torch.Tensor:
        wide = self.expand(x)
        maps[self.tap] = wide
        y = self.project(self.depth(wide))
        return x + y if self.goes_past else y


class Unit(nn.Module):
    """A convolution with its normalisation, and what is cut off below 0 and above 6."""

    def __init__(
        self,
        name: str,
        before: int,
        after: int,
        kernel: int,
        stride: int,
        depthwise: bool = False,
        act: bool = True,
    ) -> None:
        super().__init__()
        self.name = name
        self.stride = stride
        self.depthwise = depthwise
        self.act = act
        self.kernel = nn.Parameter(torch.empty(after, 1 if depthwise else before, kernel, kernel))
        self.gamma = nn.Parameter(torch.empty(after))
        self.beta = nn.Parameter(torch.empty(after))
        self.register_buffer("mean", torch.empty(after))
        self.register_buffer("variance", torch.empty(after))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # As Keras pads for "same": what is odd goes to the right and below.
        size = self.kernel.shape[-1]
        cells = x.shape[-1]
        pad = max((-(-cells // self.stride) - 1) * self.stride + size - cells, 0)
        before = pad // 2
        if pad % 2:
            x = F.pad(x, (before, pad - before, before, pad - before))
            x = x.contiguous(memory_format=torch.channels_last)
            before = 0

        if self.training and self.kernel.requires_grad:
            x = self._convolved(x, self.kernel, None, before)
            return self._normalised(x)

        # Known means and variances become part of the kernel.
        scale = self.gamma * torch.rsqrt(self.variance + EPSILON)
        kernel = self.kernel * scale[:, None, None, None]
        x = self._convolved(x, kernel, (self.beta - self.mean * scale).to(HALF), before)
        return F.hardtanh(x, 0.0, 6.0) if self.act else x

    def _convolved(
        self, x: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor | None, pad: int
    ) -> torch.Tensor:
        if self.depthwise and bias is None:
            return Depthwise.apply(x, kernel, self.stride, pad)
        groups = len(kernel) if self.depthwise else 1
        return F.conv2d(x, kernel.to(HALF), bias, self.stride, pad, groups=groups)

    def _normalised(self, x: torch.Tensor) -> torch.Tensor:
        """By the batch's own mean and variance, of which a running average is kept."""
        if x.is_cuda:
            x = F.batch_norm(
                x, self.mean, self.variance, self.gamma, self.beta, True, 1 - MOMENTUM, EPSILON
            )
            return F.hardtanh(x, 0.0, 6.0) if self.act else x
        x, mean, variance = Normalise.apply(x, self.gamma, self.beta, self.act)
        self.mean.lerp_(mean, 1 - MOMENTUM)
        self.variance.lerp_(variance, 1 - MOMENTUM)
        return x

    def read(self, model: keras.Model) -> None:
        """Take the weights of the Keras layers of this name."""
        kernel = model.get_layer(f"{self.name}_conv").get_weights()[0]
        # Keras has (height, width, in, out), and for depthwise (height, width, channels, 1).
        order = (2, 3, 0, 1) if self.depthwise else (3, 2, 0, 1)
        _put(self.kernel, kernel.transpose(order))
        values = model.get_layer(f"{self.name}_bn").get_weights()
        for ours, theirs in zip(self._normalisation(), values, strict=True):
            _put(ours, theirs)

    def write(self, model: keras.Model) -> None:
        """Give the Keras layers of this name these weights."""
        kernel = self.kernel.detach().cpu().numpy()
        order = (2, 3, 0, 1) if self.depthwise else (2, 3, 1, 0)
        model.get_layer(f"{self.name}_conv").set_weights([kernel.transpose(order)])
        values = [x.detach().cpu().numpy() for x in self._normalisation()]
        model.get_layer(f"{self.name}_bn").set_weights(values)

    def _normalisation(self) -> list[torch.Tensor]:
        return [self.gamma, self.beta, self.mean, self.variance]


def _put(ours: torch.Tensor, theirs: Any) -> None:
    ours.data.copy_(torch.tensor(theirs.copy()))
