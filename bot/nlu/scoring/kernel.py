"""The scorer's arithmetic on sentence vectors as one ONNX graph: half the time of the same products in NumPy.

What takes the time is to read all known examples from memory for each message, so they are kept as 8-bit numbers, one
scale an example (cosines change by less than 0.01).
"""

import numpy as np

from bot.nlu import onnx_model
from bot.nlu.eight_bits import in_eight_bits

# Half the range of signed 8-bit numbers: a processor with AVX2 but without VNNI adds two products with a number up to
# 255 in 16 bits, and cuts off what does not fit (more than 32,767).
HALF_OF_INT8 = 63
# ONNX Runtime 1.23 on a processor with AMX: of 32 or more texts at once, every 32nd gets wrong products with what is
# left over of the examples after blocks of 32. So there is nothing left over.
COLUMNS = 64


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
    from onnx import helper

    empty = -len(known) % COLUMNS
    known, dual = np.pad(known, ((0, empty), (0, 0))), np.pad(dual, ((0, empty), (0, 0)))
    rounded, scale = in_eight_bits(known, HALF_OF_INT8)
    constants: dict[str, np.ndarray | np.number] = {
        "mean": mean.astype(np.float32),
        "directions": directions.T.astype(np.float32),
        "known": rounded.T,
        "scale": scale.reshape(-1),
        "dual": dual.astype(np.float32),
        "one": np.float32(1),
        "sharpness": np.float32(sharpness),
    }
    nodes = [
        helper.make_node("Sub", ["vectors", "mean"], ["centred"]),
        helper.make_node("LpNormalization", ["centred"], ["unit"], axis=-1, p=2),
        helper.make_node("MatMul", ["unit", "directions"], ["projected"]),
        helper.make_node("LpNormalization", ["projected"], ["compared"], axis=-1, p=2),
        helper.make_node("DynamicQuantizeMatMul", ["compared", "known", "scale"], ["cosines"], domain=onnx_model.FUSED),
        helper.make_node("Sub", ["cosines", "one"], ["apart"]),
        helper.make_node("Mul", ["apart", "sharpness"], ["exponent"]),
        helper.make_node("Exp", ["exponent"], ["alike"]),
        helper.make_node("MatMul", ["alike", "dual"], ["values"]),
    ]
    inputs = {"vectors": (np.float32, ("texts", len(mean)))}
    outputs = {"cosines": (np.float32, ("texts", len(known))), "values": (np.float32, ("texts", dual.shape[1]))}
    content: bytes = onnx_model.model(nodes, inputs, outputs, constants).SerializeToString()
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
        """Cosines to the examples (texts, examples, then up to 63 empty columns) and kernel scores (texts, labels).

        Args:
            vectors: float32, one row a text.
        """
        cosines, values = self._session.run(["cosines", "values"], {"vectors": vectors})
        return cosines, values
