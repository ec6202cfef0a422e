"""A BERT encoder written as an ONNX graph of ONNX Runtime's own fused nodes.

Followed through PyTorch, one attention becomes some thirty small nodes, which ONNX Runtime does not put together again.
Written directly it is one node with one product for query, key and value: the same vectors, a sixth of a millisecond
less a message.
"""

from pathlib import Path
from typing import Any, Mapping

import numpy as np

from bot.nlu import onnx_model
from bot.nlu.eight_bits import in_eight_bits
from bot.nlu.onnx_model import FUSED


def fits(network: Any) -> bool:
    """Whether a Hugging Face network is a BERT encoder as `write` can write it."""
    config = network.config
    return (
        type(network).__name__ == "BertModel"
        and config.hidden_act == "gelu"
        and getattr(config, "position_embedding_type", "absolute") == "absolute"
        and not getattr(config, "is_decoder", False)
    )


def write(network: Any, inner_layers: int, path: Path, *, int8: bool = False) -> None:
    """Write the network with mean pooling of its last layer and of inner ones.

    Inputs are `input_ids` and `attention_mask` (int64, batch x tokens; padding on the right only). Outputs are
    `vectors` (batch, layers * size), the means over each text's tokens, and `token_vectors` (batch, tokens,
    layers * size), the last layer first.

    Args:
        network: a BertModel for which `fits` holds.
        inner_layers: how many layers before the last are given too.
        path: of the ONNX file.
        int8: keep the words' vectors, half of all numbers, as 8-bit ones with one scale a word.
    """
    import onnx

    weights = {name: tensor.detach().numpy() for name, tensor in network.state_dict().items()}
    graph = _Graph(weights, network.config)
    layers = [graph.embeddings(int8)]
    for number in range(network.config.num_hidden_layers):
        layers.append(graph.layer(number, layers[-1]))
    graph.pooled(layers[1:][::-1][: inner_layers + 1])
    onnx.save(graph.model(network.config.hidden_size * min(inner_layers + 1, len(layers) - 1)), str(path))


class _Graph:
    def __init__(self, weights: Mapping[str, np.ndarray], config: Any) -> None:
        self._weights, self._config = weights, config
        self._nodes: list[Any] = []
        self._constants: dict[str, np.ndarray] = {}

    def _constant(self, name: str, values: np.ndarray) -> str:
        self._constants[name] = values
        return name

    def _add(self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _product(self, inputs: str, weight: str, output: str) -> str:
        return self._add("MatMul", [inputs, self._constant(weight, self._weights[weight].T)], output)

    def _norm(self, inputs: str, skipped: str, dense: str, norm: str, output: str) -> str:
        """Layer norm of a product, its bias and what went round it."""
        known = [self._weight(f"{norm}.weight"), self._weight(f"{norm}.bias"), self._weight(f"{dense}.bias")]
        epsilon = self._config.layer_norm_eps
        return self._add("SkipLayerNormalization", [inputs, skipped, *known], output, FUSED, epsilon=epsilon)

    def embeddings(self, int8: bool) -> str:
        """Words at their places, all of the first segment; also works out how many tokens each text has."""
        from onnx import TensorProto

        self._add("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
        self._add("ReduceSum", ["mask", self._constant("last", np.array([1], dtype=np.int64))], "lengths", keepdims=0)
        name = "embeddings"
        segment = self._weights[f"{name}.token_type_embeddings.weight"][0]
        self._constant("places", self._weights[f"{name}.position_embeddings.weight"] + segment)
        self._add("Shape", ["input_ids"], "longest", start=1, end=2)
        self._add("Slice", ["places", self._constant("first", np.array([0], dtype=np.int64)), "longest"], "here")
        norm = [self._weight(f"{name}.LayerNorm.weight"), self._weight(f"{name}.LayerNorm.bias")]
        inputs = [self._words(f"{name}.word_embeddings.weight", int8), "here", *norm]
        epsilon = self._config.layer_norm_eps
        return self._add("SkipLayerNormalization", inputs, "embedded", FUSED, epsilon=epsilon)

    def _words(self, table: str, int8: bool) -> str:
        from onnx import TensorProto

        if not int8:
            return self._add("Gather", [self._weight(table), "input_ids"], "words")
        values, scale = in_eight_bits(self._weights[table])
        self._add("Gather", [self._constant(table, values), "input_ids"], "whole")
        self._add("Cast", ["whole"], "unscaled", to=TensorProto.FLOAT)
        self._add("Gather", [self._constant("scales", scale), "input_ids"], "scaled")
        return self._add("Mul", ["unscaled", "scaled"], "words")

    def layer(self, number: int, before: str) -> str:
        """Attention and the two products after it."""
        name = f"encoder.layer.{number}"
        parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        joined = self._constant(f"{name}.qkv", np.hstack([self._weights[f"{part}.weight"].T for part in parts]))
        biases = self._constant(f"{name}.qkv.bias", np.concatenate([self._weights[f"{part}.bias"] for part in parts]))
        heads = self._config.num_attention_heads
        seen = self._add("Attention", [before, joined, biases, "lengths"], f"{name}.seen", FUSED, num_heads=heads)
        dense = f"{name}.attention.output.dense"
        seen = self._product(seen, f"{dense}.weight", f"{name}.weighed")
        seen = self._norm(seen, before, dense, f"{name}.attention.output.LayerNorm", f"{name}.attended")
        wide = self._product(seen, f"{name}.intermediate.dense.weight", f"{name}.wide")
        bias = self._weight(f"{name}.intermediate.dense.bias")
        wide = self._add("BiasGelu", [wide, bias], f"{name}.active", FUSED)
        narrow = self._product(wide, f"{name}.output.dense.weight", f"{name}.narrow")
        return self._norm(narrow, seen, f"{name}.output.dense", f"{name}.output.LayerNorm", f"{name}.out")

    def pooled(self, layers: list[str]) -> None:
        """The layers side by side, for each token and as the mean of a text's tokens."""
        from onnx import TensorProto

        self._add("Concat", layers, "token_vectors", axis=2)
        self._add("Cast", ["mask"], "counted", to=TensorProto.FLOAT)
        self._add("ReduceSum", ["counted", "last"], "count", keepdims=1)
        self._add("Div", ["counted", "count"], "share")
        self._add("Unsqueeze", ["share", "last"], "shares")
        self._add("MatMul", ["shares", "token_vectors"], "means")
        self._add("Squeeze", ["means", "last"], "vectors")

    def model(self, width: int) -> Any:
        """The graph, whole."""
        tokens = ("batch", "tokens")
        inputs = {name: (np.int64, tokens) for name in ("input_ids", "attention_mask")}
        outputs = {"vectors": (np.float32, ("batch", width)), "token_vectors": (np.float32, (*tokens, width))}
        return onnx_model.model(self._nodes, inputs, outputs, self._constants)
