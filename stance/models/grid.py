"""Weights of 4 bits, trained as such, so that an encoder of 80 million fits into 50 MB.

Each run of BLOCK weights that feed one output has a scale, by which each is one of 16 numbers. Training keeps 32 bits
behind them, uses what they are on the grid, and passes the gradient straight through (Bengio et al., 2013, "Estimating
or propagating gradients through stochastic neurons"; for a whole network Jacob et al., CVPR 2018). What is trained is
what ships: storing it takes nothing from it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from stance.errors import ModelError

BITS = 4
BLOCK = 128
LOWEST, HIGHEST = -8, 7


def steps(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """A matrix of shape (outputs, inputs) as whole numbers of shape (outputs, blocks, BLOCK), and the scales.

    The weight that is furthest from zero is the lowest number, so that all 16 are in use.
    """
    blocks = matrix.reshape(len(matrix), -1, BLOCK)
    furthest = blocks.gather(2, blocks.abs().argmax(2, keepdim=True))
    scale = furthest / LOWEST
    scale = torch.where(scale == 0, torch.ones_like(scale), scale)
    return (blocks / scale).round_().clamp_(LOWEST, HIGHEST), scale


def snapped(matrix: Tensor) -> Tensor:
    """The matrix that is next on the grid; one that is on it already is given back to the last digit."""
    whole, scale = steps(matrix)
    return (whole * scale).reshape(matrix.shape)


class _Snap(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, matrix: Tensor) -> Tensor:
        return snapped(matrix)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[0]


class _Snapped(nn.Module):
    def forward(self, matrix: Tensor) -> Tensor:
        out: Tensor = _Snap.apply(matrix)  # type: ignore[no-untyped-call]
        return out


def hold(network: nn.Module) -> None:
    """Keep a network's matrices on the grid while it is trained.

    Raises:
        ModelError: a matrix does not divide into blocks.
    """
    for layer in [m for m in network.modules() if isinstance(m, nn.Linear)]:
        if layer.in_features % BLOCK:
            problem = f"has matrices of {layer.in_features} inputs, no multiple of {BLOCK}"
            raise ModelError(f"the encoder {problem}: set transformer.weight_bits=8")
        parametrize.register_parametrization(layer, "weight", _Snapped())


def settle(network: nn.Module) -> None:
    """Leave whatever was held where it is on the grid."""
    for layer in [m for m in network.modules() if parametrize.is_parametrized(m, "weight")]:
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=True)
