"""The scorer's arithmetic on sentence vectors as one ONNX graph: half the time of the same products in NumPy.

What takes the time is to read all known examples from memory for each message, so they are kept as 8-bit numbers, one
scale an example (cosines change by less than 0.01).
"""

import numpy as np

FUSED = "com.microsoft"
OPSET, IR_VERSION = 17, 8
LARGEST = 127  # of a signed 8-bit number


def graph(mean: np.ndarray, directions: np.ndarray, known: np.ndarray, dual: np.ndarray, sharpness: float) -> bytes:
    """Write down: project, compare with all examples, add up their coefficients.

    Args:
        mean: taken off each vector, (numbers of a vector,).
        directions: rows to project on, (dimensions, numbers of a vector).
        known: projected examples of length 1, (examples, dimensions).
        dual: coefficients, (examples, labels).
        sharpness: of the kernel exp(sharpness (cosine - 1)).

    Returns:
        The file's content, for `Kernel`.
    """
    from onnx import TensorProto, helper, numpy_helper

    scale = np.maximum(np.abs(known).max(axis=1), 1e-9) / LARGEST
    rounded = np.rint(known / scale[:, None]).astype(np.int8)
    constants = {
        "mean": mean.astype(np.float32),
        "directions": directions.T.astype(np.float32),
        "known": rounded.T,
        "scale": scale.astype(np.float32),
        "dual": dual.astype(np.float32),
        "one": np.float32(1),
        "sharpness": np.float32(sharpness),
    }
    nodes = [
        helper.make_node("Sub", ["vectors", "mean"], ["centred"]),
        helper.make_node("LpNormalization", ["centred"], ["unit"], axis=-1, p=2),
        helper.make_node("MatMul", ["unit", "directions"], ["projected"]),
        helper.make_node("LpNormalization", ["projected"], ["compared"], axis=-1, p=2),
        helper.make_node("DynamicQuantizeMatMul", ["compared", "known", "scale"], ["cosines"], domain=FUSED),
        helper.make_node("Sub", ["cosines", "one"], ["apart"]),
        helper.make_node("Mul", ["apart", "sharpness"], ["exponent"]),
        helper.make_node("Exp", ["exponent"], ["alike"]),
        helper.make_node("MatMul", ["alike", "dual"], ["values"]),
    ]
    found = helper.make_graph(
        nodes,
        "kernel",
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", len(mean)])],
        [
            helper.make_tensor_value_info("cosines", TensorProto.FLOAT, ["texts", len(known)]),
            helper.make_tensor_value_info("values", TensorProto.FLOAT, ["texts", dual.shape[1]]),
        ],
        [numpy_helper.from_array(np.ascontiguousarray(values), name) for name, values in constants.items()],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    content: bytes = helper.make_model(found, opset_imports=opsets, ir_version=IR_VERSION).SerializeToString()
    return content


class Kernel:
    """Runs what `graph` wrote."""

    def __init__(self, content: bytes) -> None:
        """Open it; `content` stays, to be saved."""
        import onnxruntime

        self.content = content
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def __call__(self, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Cosines to the examples (texts, examples) and kernel scores (texts, labels) of float32 vectors."""
        cosines, values = self._session.run(["cosines", "values"], {"vectors": vectors})
        return cosines, values
