"""models/*.json: what each tiny model of weights/ gives for recorded inputs; inputs come from the old files."""

import torch
import transformers

from . import recording

ROUNDED = ("f16", "bf16")


def load(folder, class_name, **options):
    """The model of a weights folder, for evaluation, in float32, with attention that shows its weights."""
    model_class = getattr(transformers, class_name)
    return model_class.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32, **options).eval()


def shapes(named):
    return [[name, list(value.shape)] for name, value in named]


def outputs(model, inputs, wanted):
    """The wanted entries of a forward pass with hidden states and attention weights."""
    given = {name: recording.restore(value) for name, value in inputs.items()}
    with torch.no_grad():
        found = model(**given, output_hidden_states=True, output_attentions=True)
    return {name: recording.record(found[name]) for name in wanted}


def case(model, old):
    return {**old, "outputs": outputs(model, old["inputs"], old["outputs"])}


def in_chunks(model, old):
    """One row fed at once and in pieces with a cache: the cache must not change the logits."""
    ids = recording.restore(old["input_ids"])
    with torch.no_grad():
        full = model(ids, use_cache=True)
        cache, parts = None, []
        for part in ids.split(old["chunks"], dim=1):
            step = model(part, past_key_values=cache, use_cache=True)
            cache = step.past_key_values
            parts.append(step.logits)
    new = {**old, "logits_full": recording.tensor(full.logits)}
    new["max_abs_diff_steps_vs_full"] = recording.number((torch.cat(parts, 1) - full.logits).abs().max().item())
    if "past_key_values" in old:
        new["past_key_values"] = [[recording.tensor(keys), recording.tensor(values)] for keys, values in layers(cache)]
    return new


def layers(cache):
    return [(layer.keys, layer.values) for layer in cache.layers]


def continued(model, old):
    """Greedy steps after a left-padded prompt: positions count the real tokens only."""
    ids, mask = recording.restore(old["input_ids"]), recording.restore(old["attention_mask"])
    tokens, logits, cache = [], [], None
    for _ in range(old["next_tokens"]["shape"][1] + 1):
        places = (mask.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1]:]
        with torch.no_grad():
            step = model(ids, attention_mask=mask, position_ids=places, past_key_values=cache, use_cache=True)
        cache = step.past_key_values
        logits.append(step.logits[:, -1])
        ids = step.logits[:, -1:].argmax(-1)
        mask = torch.cat([mask, torch.ones_like(ids)], 1)
        tokens.append(ids)
    return {**old, "next_tokens": recording.tensor(torch.cat(tokens[:-1], 1)),
            "last_logits_per_step": recording.tensor(torch.stack(logits, 1))}


def weight_files(folder, class_name, old):
    """The same model from its other files; a form whose folder is not kept stays as it was recorded."""
    wanted = list(old["main"])

    def results(where):
        model = load(where, class_name)
        with torch.no_grad():
            found = model(recording.restore(old["input_ids"]))
        return {name: found[name] for name in wanted}

    main = results(folder)
    new = {**old, "main": recording.record(main)}
    for form in old:
        if form in ("input_ids", "main") or not (folder / form).is_dir():
            continue
        again = results(folder / form)
        if form in ROUNDED:
            new[form] = {"computed_in_f32_from_the_rounded_weights": recording.record(again)}
        else:
            new[form] = {"same_as_main": all(
                torch.allclose(main[name], again[name], rtol=0, atol=1e-6) for name in wanted)}
    return new


def remake(golden, old):
    folder = golden / old["model"]
    model = load(folder, old["class"])
    new = {
        **old,
        recording.VERSIONS: recording.versions("torch", "transformers", "numpy"),
        "config": recording.read(folder / "config.json"),
        "n_params": model.num_parameters(),
        "parameters": shapes(model.named_parameters()),
        "state_dict": shapes(model.state_dict().items()),
        "cases": [case(model, entry) for entry in old["cases"]],
    }
    if "past" in old:
        new["past"] = [in_chunks(model, entry) if "chunks" in entry else continued(model, entry)
                       for entry in old["past"]]
    if "weight_files" in old:
        new["weight_files"] = weight_files(folder, old["class"], old["weight_files"])
    return new


def make(golden):
    for path in sorted((golden / "models").glob("*.json")):
        yield f"models/{path.name}", remake(golden, recording.read(path))
