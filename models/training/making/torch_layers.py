"""Layers in PyTorch whose gradients a CPU gets fast, by layers.cpp."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F

HALF = torch.bfloat16
EPSILON = 1e-3  # as in `backbone`


class Depthwise(torch.autograd.Function):
    """A depthwise convolution whose gradients a CPU gets fast."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, kernel: torch.Tensor, stride: int, pad: int
    ) -> torch.Tensor:
        ctx.save_for_backward(x, kernel)
        ctx.stride = stride
        ctx.pad = pad
        return F.conv2d(x, kernel.to(HALF), None, stride, pad, groups=len(kernel))

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, kernel = ctx.saved_tensors
        grad = grad.contiguous(memory_format=torch.channels_last)
        # Where every second cell is left out, PyTorch is slow in bfloat16.
        kind = torch.float32 if ctx.stride > 1 and not x.is_cuda else HALF
        both = [ctx.stride] * 2, [ctx.pad] * 2
        of_x, of_kernel, _ = torch.ops.aten.convolution_backward(
            grad.to(kind), x.to(kind), kernel.to(kind), None, *both, [1, 1], False, [0, 0],
            len(kernel), [ctx.needs_input_grad[0], x.is_cuda, False],
        )  # fmt: skip
        if of_kernel is None:
            size = kernel.shape[-1]
            sums = _native().kernel_gradient(x, grad, size, ctx.stride, ctx.pad)
            of_kernel = sums.T.reshape(kernel.shape)
        if of_x is not None:
            of_x = of_x.to(HALF)
        return of_x, of_kernel.float(), None, None


class Normalise(torch.autograd.Function):
    """Batch normalisation and what is cut off behind it, in one go; also mean and variance."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, act: bool
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        x = x.contiguous(memory_format=torch.channels_last)
        y, mean, variance, inverse = _native().normalise(x, gamma, beta, EPSILON, act)
        ctx.save_for_backward(x, gamma, beta, mean, inverse)
        ctx.act = act
        ctx.mark_non_differentiable(mean, variance)
        return y, mean, variance

    @staticmethod
    def backward(
        ctx: Any, grad: torch.Tensor, *rest: torch.Tensor
    ) -> tuple[torch.Tensor | None, ...]:
        x, gamma, beta, mean, inverse = ctx.saved_tensors
        grad = grad.contiguous(memory_format=torch.channels_last)
        back = _native().normalise_back(grad, x, gamma, beta, mean, inverse, ctx.act)
        return *back, None


@cache
def _native() -> Any:
    """The part in C++, built when first asked for."""
    from torch.utils.cpp_extension import load

    # As -ffast-math, but for infinity, which is used.
    flags = ["-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros"]
    flags += ["-fassociative-math", "-freciprocal-math"]
    return load("dfwidgets_layers", [str(Path(__file__).with_name("layers.cpp"))], flags)
