"""generate/inputs.json: what generate() makes of position_ids, head_mask, repeated end tokens and a processor of one's own, and what
from_pretrained hands on to generation_config and to the config.

    python scripts/golden/generation_inputs.py [FOLDER]    with transformers 4.57.1

Writes into FOLDER (test/golden/generate unless given).
"""

import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
warnings.filterwarnings("ignore")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
from golden import recording
from transformers import GPT2Config, GPT2LMHeadModel, LogitsProcessor

GOLDEN = Path(__file__).resolve().parents[2] / "test" / "golden"
ONE = [[37, 36, 183, 117, 137]]
BATCH = [[127, 36, 173, 216, 223, 144], [0, 0, 40, 120, 105, 153], [0, 0, 0, 0, 84, 181]]
MASK = [[1, 1, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1]]
USUAL = {"do_sample": False, "pad_token_id": 0, "eos_token_id": None}
TENSORS = {"position_ids": torch.int64, "head_mask": torch.float32}


def cases():
    few = {"max_new_tokens": 8, "output_scores": True}
    yield "position_ids", ONE, None, {**few, "position_ids": [[3, 9, 1, 40, 7]]}
    yield "position_ids of a batch", BATCH, MASK, {
        **few, "position_ids": [[9, 8, 7, 6, 5, 4], [0, 1, 2, 3, 4, 5], [50, 50, 60, 61, 70, 71]]}
    yield "position_ids and beams", ONE, None, {
        **few, "num_beams": 3, "num_return_sequences": 2, "position_ids": [[3, 9, 1, 40, 7]]}
    yield "head_mask for all layers", ONE, None, {**few, "head_mask": [0.0, 1.0, 0.5, 1.0]}
    yield "head_mask for each layer", BATCH, MASK, {**few, "head_mask": [[0.0, 1.0, 0.5, 1.0], [1.0, 0.0, 0.0, 2.0]]}
    rows = [[[[[(layer + row + head) % 3 / 2]] for head in range(4)] for row in range(3)] for layer in range(2)]
    yield "head_mask for each row", BATCH, MASK, {**few, "head_mask": rows}
    yield "head_mask and position_ids", ONE, None, {
        **few, "head_mask": [[0.0, 1.0, 0.5, 1.0], [1.0, 0.0, 0.0, 2.0]], "position_ids": [[3, 9, 1, 40, 7]]}
    yield "head_mask without cache", ONE, None, {**few, "head_mask": [0.0, 1.0, 0.5, 1.0], "use_cache": False}
    yield "exponential_decay_length_penalty, an end named twice", [[55, 58, 41]], None, {
        "max_new_tokens": 4, "eos_token_id": [71, 71], "exponential_decay_length_penalty": [0, 1.5], "output_scores": True}


@torch.no_grad()
def run(model, name, rows, mask, kwargs):
    ids = torch.tensor(rows)
    attention = None if mask is None else torch.tensor(mask)
    known = {"name": name, "input_ids": recording.tensor(ids), "kwargs": {**USUAL, **kwargs},
             "attention_mask": None if mask is None else recording.tensor(attention)}
    given = {key: torch.tensor(value, dtype=TENSORS[key]) if key in TENSORS else value for key, value in kwargs.items()}
    if "exponential_decay_length_penalty" in given:
        given["exponential_decay_length_penalty"] = tuple(given["exponential_decay_length_penalty"])
    found = model.generate(ids, attention_mask=torch.ones_like(ids) if mask is None else attention,
                           return_dict_in_generate=True, **{**USUAL, **given})
    new = {**known, "sequences": recording.tensor(found.sequences)}
    if found.get("sequences_scores") is not None:
        new["sequences_scores"] = recording.tensor(found.sequences_scores)
    if found.get("scores") is not None:
        new["scores"] = recording.tensor(torch.stack(found.scores))
    return new


class Unlikeliest(LogitsProcessor):
    """Gives new scores back and leaves the old ones alone."""

    def __call__(self, input_ids, scores):
        return -scores


LOADED = [{"pad_token_id": 0, "eos_token_id": 64}, {"output_attentions": True}, {"do_sample": True, "max_length": 9, "top_k": 3},
          {"eos_token_id": [6, 64], "repetition_penalty": 1.5}, {"num_beams": 2, "bos_token_id": 7}]


@torch.no_grad()
def loaded(folder, kwargs):
    model = GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager", **kwargs)
    known = model.generation_config.to_diff_dict()
    known.pop("transformers_version", None)
    known.pop("_from_model_config", None)
    found = {"kwargs": kwargs, "generation_config": known}
    if not model.generation_config.do_sample:
        found["sequences"] = recording.tensor(model.generate(
            torch.tensor([[93, 21, 93], [55, 58, 41]]), attention_mask=torch.ones(2, 3, dtype=torch.int64),
            max_new_tokens=12))
    return found


def set_fields(fields):
    config = GPT2Config()
    for name, value in fields.items():
        setattr(config, name, value)
    names = ["num_labels", "id2label", "label2id", "n_embd", "hidden_size", "n_layer", "n_head", "n_positions"]
    return {"fields": fields, "config": recording.record({name: getattr(config, name) for name in names})}


def make():
    folder = GOLDEN / "weights" / "gpt2-lm"
    model = GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager").eval()
    own = model.generate(torch.tensor(ONE), attention_mask=torch.ones(1, 5, dtype=torch.int64), max_new_tokens=6,
                         logits_processor=[Unlikeliest()], **USUAL)
    return {
        recording.VERSIONS: recording.versions("torch", "transformers"),
        "cases": [run(model, *case) for case in cases()],
        "own_processor": {"input_ids": ONE, "max_new_tokens": 6, "sequences": recording.tensor(own)},
        "loaded": [loaded(folder, kwargs) for kwargs in LOADED],
        "config_fields": [set_fields(fields) for fields in (
            {"num_labels": 3}, {"num_labels": 2}, {"hidden_size": 64, "num_hidden_layers": 3},
            {"num_attention_heads": 2, "max_position_embeddings": 77})],
    }


if __name__ == "__main__":
    recording.write(Path(sys.argv[1] if len(sys.argv) > 1 else GOLDEN / "generate") / "inputs.json", make())
