"""init.json: what a model made from a config alone has in each parameter, and the rule behind it."""

import math

import torch
import transformers

from . import recording

SEED = 0
BERT = {"vocab_size": 500, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
        "intermediate_size": 256, "max_position_embeddings": 64, "num_labels": 3}
GPT2 = {"vocab_size": 500, "n_embd": 64, "n_layer": 3, "n_head": 4, "n_positions": 64}
MODELS = [
    ("BertForSequenceClassification", transformers.BertConfig, BERT),
    ("BertForMaskedLM", transformers.BertConfig, BERT),
    ("GPT2LMHeadModel", transformers.GPT2Config, GPT2),
    ("GPT2ForSequenceClassification", transformers.GPT2Config, {**GPT2, "pad_token_id": 0, "num_labels": 3}),
]


def zero_rows(value):
    """The rows of a matrix that hold nothing but zeros."""
    return (value == 0).all(dim=1).nonzero()[:, 0].tolist() if value.ndim == 2 else []


def rule(value, stds):
    """zeros, ones, or normal with the nearest of the named standard deviations; a deviation that fits none fails."""
    if (value == 0).all():
        return {"rule": "zeros"}
    if (value == 1).all():
        return {"rule": "ones"}
    rest = value[(value != 0).any(dim=1)] if value.ndim == 2 else value
    name = min(stds, key=lambda name: abs(math.log(rest.std().item() / stds[name])))
    error = stds[name] / math.sqrt(rest.numel())
    if abs(rest.mean().item()) > 5 * error or abs(rest.std().item() - stds[name]) > 5 * error:
        raise ValueError(f"no rule fits mean {rest.mean():.4g}, std {rest.std():.4g}: known are {stds}")
    return {"rule": "normal", "std of": name, "expected_std": recording.number(stds[name])}


def stds(config):
    """The standard deviations that the two families know, by name."""
    found = {"initializer_range": config.initializer_range}
    if config.model_type == "gpt2":
        found["initializer_range / sqrt(2 * n_layer)"] = config.initializer_range / math.sqrt(2 * config.n_layer)
    return found


def case(class_name, config_class, options):
    config = config_class(**options)
    torch.manual_seed(SEED)
    model = getattr(transformers, class_name)(config)
    return {
        "class": class_name, "config": options, "seed": SEED, "initializer_range": config.initializer_range,
        "parameters": [
            {"name": name, "shape": list(value.shape), "mean": recording.number(value.mean().item()),
             "std": recording.number(value.std().item()), "zero_rows": zero_rows(value),
             **rule(value, stds(config))}
            for name, value in model.state_dict().items()
        ],
    }


def make(golden):
    yield "init.json", {recording.VERSIONS: recording.versions("torch", "transformers", "numpy"),
                        "models": [case(*entry) for entry in MODELS]}
