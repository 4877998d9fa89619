"""generate/gpt2-lm.json: generate() under many options; the options and prompts come from the old file."""

import torch

from . import models, recording

# JSON does not tell 2.0 from 2, Hugging Face does.
FLOATS = {"repetition_penalty", "temperature", "top_p", "typical_p", "min_p", "length_penalty", "diversity_penalty",
          "epsilon_cutoff", "eta_cutoff", "penalty_alpha"}


def options(model, kwargs):
    """The recorded options as generate() wants them."""
    found = {name: float(value) if name in FLOATS else value for name, value in kwargs.items()}
    if "sequence_bias" in found:
        found["sequence_bias"] = {tuple(ids): float(bias) for ids, bias in found["sequence_bias"]}
    if found.pop("assistant", None):
        found["assistant_model"] = model
    return found


def case(model, old):
    known = {name: old[name] for name in ("name", "input_ids", "attention_mask", "kwargs")}
    try:
        found = model.generate(
            recording.restore(old["input_ids"]), attention_mask=recording.restore(old["attention_mask"]),
            return_dict_in_generate=True, **options(model, old["kwargs"]))
    except Exception as error:
        return {**known, "error": recording.failure(error)}
    new = {**known, "sequences": recording.tensor(found.sequences)}
    for name in ("sequences_scores", "beam_indices"):
        if found.get(name) is not None:
            new[name] = recording.tensor(found[name])
    for name in ("scores", "logits"):
        if found.get(name) is not None:
            new[name] = recording.tensor(torch.stack(found[name]))
    return new


def warped(model, old):
    """The distribution that the first token is drawn from: logits as they came, scores after all processors."""
    torch.manual_seed(0)
    found = model.generate(
        recording.restore(old["input_ids"]), attention_mask=recording.restore(old["attention_mask"]),
        do_sample=True, max_new_tokens=1, pad_token_id=0, eos_token_id=None, return_dict_in_generate=True,
        output_scores=True, output_logits=True, **options(model, old["kwargs"]))
    return {**old, "logits": recording.tensor(found.logits[0]), "scores": recording.tensor(found.scores[0])}


def make(golden):
    old = recording.read(golden / "generate" / "gpt2-lm.json")
    model = models.load(golden / old["model"], "GPT2LMHeadModel")
    made = recording.versions("torch", "transformers", "numpy")
    yield "generate/gpt2-lm.json", {
        recording.VERSIONS: made,
        **old,
        "transformers": made["transformers"],
        "cases": [case(model, entry) for entry in old["cases"]],
        "warped": [warped(model, entry) for entry in old["warped"]],
    }
