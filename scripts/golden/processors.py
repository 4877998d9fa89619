"""generate/logits_processors.json and processor_order.json: each logits processor alone, and the order of all."""

import ast

import torch
from transformers import GenerationConfig, LogitsProcessorList
from transformers.generation import logits_process

from . import generate, models, recording

FLOATS = {"temperature", "penalty", "top_p", "min_p", "mass", "epsilon", "diversity_penalty", "guidance_scale"}


def build(name, kwargs, whole=False):
    """The processor; JSON does not tell 2.0 from 2, so that these numbers are floats unless `whole`."""
    found = {}
    for key, value in kwargs.items():
        if recording.is_tensor(value):
            found[key] = recording.restore(value)
        elif key == "sequence_bias":
            found[key] = {tuple(ids): float(bias) for ids, bias in value}
        else:
            found[key] = float(value) if key in FLOATS and not whole else value
    return getattr(logits_process, name)(**found)


def case(old, ids, scores):
    """One processor on its own ids and scores; a case that failed has none and gets those of the first case."""
    # The one case that is about a whole number says so in its message.
    whole = "(=1)" in old.get("error", "")
    given = [recording.restore(old.get(name, other)) for name, other in (("input_ids", ids), ("scores", scores))]
    try:
        out = build(old["class"], old["kwargs"], whole)(*given)
    except Exception as error:
        return {"class": old["class"], "kwargs": old["kwargs"], "error": recording.failure(error)}
    return {**old, "out": recording.tensor(out)}


def chain(old):
    processors = LogitsProcessorList([build(name, kwargs) for name, kwargs in old["chain"]])
    out = processors(recording.restore(old["input_ids"]), recording.restore(old["scores"]))
    return {**old, "out": recording.tensor(out)}


def order(model, old):
    """The class names of the processors that generate() would use, in their order."""
    options = generate.options(model, {**old["options"], "sequence_bias": []})
    del options["sequence_bias"]
    if "sequence_bias" in old["options"]:
        options["sequence_bias"] = ast.literal_eval(old["options"]["sequence_bias"])
    config = GenerationConfig(**options)
    ids = torch.tensor([[7, 8, 9]])
    model._prepare_special_tokens(config, kwargs_has_attention_mask=True, device=ids.device)
    found = model._get_logits_processor(
        generation_config=config, input_ids_seq_length=ids.shape[1], encoder_input_ids=ids,
        prefix_allowed_tokens_fn=None, logits_processor=LogitsProcessorList(), device="cpu", model_kwargs={})
    return {**old, "order": [type(processor).__name__ for processor in found]}


def make(golden):
    old = recording.read(golden / "generate" / "logits_processors.json")
    first = old["cases"][0]
    yield "generate/logits_processors.json", {
        recording.VERSIONS: recording.versions("torch", "transformers", "numpy"),
        "cases": [case(entry, first["input_ids"], first["scores"]) for entry in old["cases"]],
        "chains": [chain(entry) for entry in old["chains"]],
    }
    model = models.load(golden / "weights" / "gpt2-lm", "GPT2LMHeadModel")
    yield "generate/processor_order.json", [
        order(model, entry) for entry in recording.read(golden / "generate" / "processor_order.json")]
