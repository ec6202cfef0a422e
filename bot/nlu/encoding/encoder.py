"""Sentence vectors: a sentence-transformers model, exported once by training (export.py) and run by ONNX Runtime.

The export keeps the model's own sentence embedding and adds the mean-pooled vectors of inner layers, because together
they separate close intents better than the last layer alone (docs/understanding.md). It gives the tokens' vectors too:
a part of a message is their mean over the part, so that it costs no second run and keeps the sense of its sentence.
"""

import json
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Callable, Sequence

import numpy as np

from bot.nlu.progress import shown

MODEL_FILE = "encoder.onnx"
TOKENIZER_FILE = "tokenizer.json"
ENCODER_FILE = "encoder.json"
INNER_LAYERS = 4  # counted back from the last but one
MAX_TOKENS = 128
LONG_TOKENS = 64  # of a single text; what is longer is run on one core, and leaves the others to those beside it
VECTORS, TOKENS = "vectors", "token_vectors"
MANY = 1000  # texts; so many take some seconds
MOST_PADDING = 64  # more costs more than a further call of the network
# Whether other cores have nothing else to do: two help a text for a third of its time, and cost both of them all of it.
cores_are_free: ContextVar[Callable[[], bool]] = ContextVar("cores_are_free", default=lambda: True)


class Encoder:
    """Turns texts into vectors with an exported model; neither PyTorch nor TensorFlow is imported."""

    def __init__(self, directory: Path, threads: int = 2) -> None:
        """Load the files that `export` wrote.

        Args:
            directory: folder with the exported model.
            threads: how many cores one call may use, unless it is for a long text or the others are wanted.
        """
        from tokenizers import Tokenizer

        settings = json.loads((directory / ENCODER_FILE).read_text())
        self.size: int = settings["size"]
        self._mean_pooled: bool = settings["mean_pooled"]
        self._tokenizer = Tokenizer.from_file(str(directory / TOKENIZER_FILE))
        self._tokenizer.enable_truncation(settings["max_tokens"])
        self._tokenizer.no_padding()
        self._session = _session(directory / MODEL_FILE, threads)
        self._on_one_core = _session(directory / MODEL_FILE, 1) if threads > 1 else self._session

    def encode(self, texts: Sequence[str], batch: int = 32) -> np.ndarray:
        """Unit-length vectors, one row a text.

        Args:
            texts: any strings; long ones are cut at the model's token limit.
            batch: how many go through the network at once, at the most.

        Returns:
            float32 array (len(texts), layers * size): sentence embedding, then inner layers, each of length 1.
        """
        tokens = [encoded.ids for encoded in self._tokenizer.encode_batch(list(texts))]
        batches = _batches(tokens, batch)
        watched = shown(batches, "Encoding the examples") if len(texts) >= MANY else batches
        found = [(chosen, self._run([tokens[i] for i in chosen])) for chosen in watched]
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
        vectors, tokens = self._session_for(ids).run([VECTORS, TOKENS], fed)
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
        return self._unit(self._session_for(ids).run([VECTORS], {"input_ids": ids, "attention_mask": mask})[0])

    def _session_for(self, ids: np.ndarray) -> Any:
        long = len(ids) == 1 and ids.shape[1] > LONG_TOKENS
        return self._on_one_core if long or not cores_are_free.get()() else self._session

    def _unit(self, vectors: np.ndarray) -> np.ndarray:
        """Each layer of each row scaled to length 1."""
        layers = vectors.reshape(len(vectors), -1, self.size)
        return (layers / np.maximum(np.linalg.norm(layers, axis=2, keepdims=True), 1e-9)).reshape(len(vectors), -1)


def _session(file: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that sleep between two nodes wake too late to help; none of them may go on spinning after the run.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


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
