"""What the ONNX models that training writes have in common; `onnx` is needed to write them, not to run them."""

from typing import Any, Mapping, Sequence

import numpy as np

FUSED = "com.microsoft"  # ONNX Runtime's own nodes, described in its ContribOperators.md
_OPSET, _FUSED_OPSET, _IR_VERSION = 17, 1, 8

Shapes = Mapping[str, tuple[type, Sequence[str | int]]]


def model(
    nodes: Sequence[Any], inputs: Shapes, outputs: Shapes, constants: Mapping[str, np.ndarray | np.number[Any]]
) -> Any:
    """An ONNX model.

    Args:
        nodes: in the order in which they run, from `onnx.helper.make_node`.
        inputs: NumPy type and shape by name; words in a shape stand for any number.
        outputs: the same.
        constants: weights and the like by name.
    """
    from onnx import helper, numpy_helper

    def values(shapes: Shapes) -> list[Any]:
        return [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(kind)), list(shape))
            for name, (kind, shape) in shapes.items()
        ]

    weights = [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "graph", values(inputs), values(outputs), weights)
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(FUSED, _FUSED_OPSET)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
