"""A network of 32-bit floats as one of 8-bit integers: a quarter of the size, and twice the speed.

Weights have a scale per output channel. Activations are quantised while the network runs, each token by its own scale
("token-wise" in Yao et al., NeurIPS 2022, "ZeroQuant"), so that what is said of a row never depends on its batch.
A few channels of a layer norm are ten times as wide as the rest and would take the others' precision: they are centred
and evened out beforehand by what they are on sample rows (Xiao et al., ICML 2023, "SmoothQuant"; the centring after Wei
et al., EMNLP 2023, "Outlier Suppression+"). What is added that way is taken off the bias and the weights again.

A matrix that was trained on a grid of 4 bits (grid.py) is stored as it is, for the kernel that multiplies by such.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from stance.models import grid

Floats = NDArray[np.float32]
TABLE = 500_000  # numbers in an embedding table that is worth compressing
LEAST_GELU = -0.17  # no output of a GELU is below
CONTRIB = "com.microsoft"
EIGHT_BITS = 4  # what MatMulNBits calls it to quantise activations so while it runs, each block by its own scale
CONSTANTS = {
    "compact.one": np.float32(1),
    "compact.tiny": np.float32(1e-12),
    "compact.last": np.array([-1]),
    "compact.signed": np.float32(127),
    "compact.unsigned": np.float32(255),
    "compact.middle": np.uint8(128),
    "compact.zero": np.uint8(0),
}


def _rounded(numbers: Floats, most: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Numbers as integers of which `most` becomes the largest, and what 1 stands for."""
    scale = np.maximum(most / 127, 1e-12).astype(np.float32)
    return np.rint(numbers / scale).astype(np.int8), scale


def _columns(matrix: Floats) -> tuple[NDArray[np.int8], Floats]:
    """A matrix as integers with a scale for each column.

    Processors without VNNI add the products of two neighbouring rows in 16 bits, and cut off what is beyond: no two
    neighbours may come to more than 128, the activations being bytes.
    """
    pairs = np.abs(matrix[:-1:2] + matrix[1::2]).max(0, initial=0)
    return _rounded(matrix, np.maximum(np.abs(matrix).max(0), pairs))


def _packed(matrix: Floats) -> tuple[NDArray[np.uint8], Floats] | None:
    """A matrix that was trained on the 4-bit grid as pairs of numbers (outputs, blocks, bytes), with the scales."""
    weights = torch.from_numpy(np.ascontiguousarray(matrix.T))
    if weights.shape[1] % grid.BLOCK or not torch.equal(grid.snapped(weights), weights):
        return None
    whole, scale = grid.steps(weights)
    numbers = (whole - grid.LOWEST).to(torch.uint8).numpy()
    return numbers[..., ::2] | numbers[..., 1::2] << grid.BITS, scale.squeeze(2).numpy()


class _Compactor:
    """The graph being rewritten: old nodes go in one by one, what takes their place comes out in `nodes`."""

    def __init__(self, graph: onnx.GraphProto, evened: Mapping[str, tuple[Floats, Floats]]) -> None:
        self._old = {i.name: i for i in graph.initializer}
        self._maker = {name: node.op_type for node in graph.node for name in node.output}
        self._bias = {n.input[0]: n for n in graph.node if n.op_type == "Add" and n.input[1] in self._old}
        self._evened = evened
        self._quantised: dict[str, tuple[str, str, str]] = {}
        self.nodes: list[onnx.NodeProto] = []
        self.constants = [numpy_helper.from_array(np.asarray(v), k) for k, v in CONSTANTS.items()]

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def _array(self, name: str) -> Floats | None:
        """A matrix among the network's weights."""
        found = self._old.get(name)
        if found is None or len(found.dims) != 2 or found.data_type != onnx.TensorProto.FLOAT:
            return None
        return numpy_helper.to_array(found)

    def add(self, node: onnx.NodeProto) -> None:
        """Compress a node that multiplies by a matrix or looks up a large table; leave any other as it is."""
        if node.op_type == "MatMul" and (matrix := self._array(node.input[1])) is not None:
            self._product(node, matrix)
        elif node.op_type == "Gather" and (table := self._array(node.input[0])) is not None and table.size >= TABLE:
            self._lookup(node, table)
        else:
            self.nodes.append(node)

    def _lookup(self, node: onnx.NodeProto, table: Floats) -> None:
        ids, out = node.input[1], node.output[0]
        values, scale = _rounded(table, np.abs(table).max(1, keepdims=True))
        found = self._node("Gather", [self._constant(f"{out}.int8", values), ids], f"{out}.bytes")
        width = self._node("Gather", [self._constant(f"{out}.scale", scale), ids], f"{out}.width")
        number = self._node("Cast", [found], f"{out}.number", to=onnx.TensorProto.FLOAT)
        self._node("Mul", [number, width], out)

    def _shift(self, x: str, width: int) -> tuple[Floats, Floats]:
        """What is taken off each of an activation's channels, and by what it is divided then."""
        least = LEAST_GELU if self._maker.get(x) == "Gelu" else 0.0
        return self._evened.get(x, (np.full(width, least, np.float32), np.ones(width, np.float32)))

    def _product(self, node: onnx.NodeProto, matrix: Floats) -> None:
        if (packed := _packed(matrix)) is not None:
            self._nibbles(node, *packed)
            return
        x, out = node.input[0], node.output[0]
        centre, spread = self._shift(x, len(matrix))
        if x not in self._quantised:
            self._quantised[x] = self._quantise(x, centre, spread)
        tokens, zero, width = self._quantised[x]
        values, scale = _columns(matrix * spread[:, None])
        named = [self._constant(f"{out}.int8", values), "compact.one", self._constant(f"{out}.scale", scale), zero]
        product = self._node("MatMulIntegerToFloat", [tokens, *named], f"{out}.product", domain=CONTRIB)
        lost = ((centre / spread) @ (values * scale)).astype(np.float32)
        if bias := self._bias.get(out):
            self._node("Mul", [product, width], out)
            bias.input[1] = self._constant(f"{out}.bias", lost + numpy_helper.to_array(self._old[bias.input[1]]))
        else:
            short = self._node("Mul", [product, width], f"{out}.short")
            self._node("Add", [short, self._constant(f"{out}.lost", lost)], out)

    def _nibbles(self, node: onnx.NodeProto, values: NDArray[np.uint8], scale: Floats) -> None:
        x, out = node.input[0], node.output[0]
        named = [self._constant(f"{out}.int4", values), self._constant(f"{out}.scale", scale)]
        shape = {"N": len(values), "K": values.shape[1] * grid.BLOCK, "bits": grid.BITS, "block_size": grid.BLOCK}
        self._node("MatMulNBits", [x, *named], out, domain=CONTRIB, accuracy_level=EIGHT_BITS, **shape)

    def _quantise(self, x: str, centre: Floats, spread: Floats) -> tuple[str, str, str]:
        """Names of the activation as bytes, of their zero point, and of the width of a step for each token."""
        value = x
        if centre.any():
            value = self._node("Sub", [value, self._constant(f"{x}.centre", centre)], f"{x}.centred")
        if (spread != 1).any():
            value = self._node("Mul", [value, self._constant(f"{x}.spread", 1 / spread)], f"{x}.even")
        positive = self._maker.get(x) == "Gelu"
        most = self._node("ReduceMax", [value, "compact.last"], f"{x}.most", keepdims=1)
        if not positive:
            least = self._node("ReduceMin", [value, "compact.last"], f"{x}.least", keepdims=1)
            most = self._node("Max", [most, self._node("Neg", [least], f"{x}.below")], f"{x}.furthest")
        most = self._node("Max", [most, "compact.tiny"], f"{x}.range")
        steps = self._node("Div", ["compact.unsigned" if positive else "compact.signed", most], f"{x}.steps")
        zero = "compact.zero" if positive else "compact.middle"
        scaled = self._node("Mul", [value, steps], f"{x}.scaled")
        tokens = self._node("QuantizeLinear", [scaled, "compact.one", zero], f"{x}.bytes")
        return tokens, zero, self._node("Reciprocal", [steps], f"{x}.width")


def _channels(model: onnx.ModelProto, feeds: Mapping[str, NDArray[Any]]) -> dict[str, tuple[Floats, Floats]]:
    """Centre and spread of each layer norm's channels on sample rows, for those that feed a product."""
    normed = {n.output[0] for n in model.graph.node if n.op_type == "LayerNormalization"}
    names = sorted(normed & {n.input[0] for n in model.graph.node if n.op_type == "MatMul"})
    probed = onnx.ModelProto()
    probed.CopyFrom(model)
    probed.graph.output.extend(helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, None) for n in names)
    session = ort.InferenceSession(probed.SerializeToString(), providers=["CPUExecutionProvider"])
    wanted = {i.name for i in session.get_inputs()}
    real = feeds["attention_mask"].astype(bool)
    out = {}
    for name, values in zip(names, session.run(names, {k: v for k, v in feeds.items() if k in wanted}), strict=True):
        tokens = values[real]
        centre = tokens.mean(0)
        # The root leaves half of the unevenness to the weights, which have a scale for each column.
        spread = np.sqrt(np.maximum(np.quantile(np.abs(tokens - centre), 0.999, axis=0), 1e-3))
        out[name] = centre, (spread / spread.mean()).astype(np.float32)
    return out


def compress(model: onnx.ModelProto, feeds: Mapping[str, NDArray[Any]]) -> onnx.ModelProto:
    """The same network with its matrices and embedding table in 8 bits, or 4 if they were trained so.

    `feeds` are sample rows as a padded batch.
    """
    out = onnx.ModelProto()
    out.CopyFrom(model)
    compactor = _Compactor(out.graph, _channels(model, feeds))
    for node in out.graph.node:
        compactor.add(node)
    nodes = compactor.nodes
    used = {name for node in nodes for name in node.input}
    kept = [i for i in (*out.graph.initializer, *compactor.constants) if i.name in used]
    del out.graph.node[:], out.graph.initializer[:], out.graph.value_info[:]
    out.graph.node.extend(nodes)
    out.graph.initializer.extend(kept)
    out.opset_import.append(helper.make_opsetid(CONTRIB, 1))
    return out
