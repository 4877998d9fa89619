"""prints/*.json: print(model) and what can be counted without weights.

The printed text depends on the versions of torch and transformers, so each environment writes its own files:
course.json (transformers 4 with a torch whose LayerNorm prints no `bias=`), hf-4.57-sdpa.json, hf-4.57-eager.json and
print_models.json (transformers 4.57 with a later torch) or hf-5.json (transformers 5).
"""

import torch
import transformers
from transformers.activations import ACT2FN

from . import recording

# Cases that no entry of print_models.json has: (weights folder, class, options of the constructor).
MORE = [("weights/bert-model", "BertModel", {"add_pooling_layer": False})]


def build(folder, class_name, attention="sdpa", **options):
    """The model of a config without memory for its weights."""
    config = transformers.AutoConfig.from_pretrained(folder)
    config.dtype = torch.float32
    model_class = getattr(transformers, class_name)  # imported here: an import under "meta" fails
    with torch.device("meta"):
        model = model_class._from_config(config, attn_implementation=attention, **options)
    return model.eval()


def cases(golden):
    """(weights folder, class, options) of every print."""
    counted = recording.read(golden / "prints" / "print_models.json")
    return [(entry["model"], entry["class"], {}) for entry in counted] + MORE


def prints(golden, attention):
    return [
        {"model": folder, "class": name, "options": options,
         "print": str(build(golden / folder, name, attention, **options))}
        for folder, name, options in cases(golden)
    ]


def activations():
    """{name: its line in a print}, for every name that a config may use; the error's text where it cannot be made."""
    found = {}
    for name in ACT2FN:
        try:
            found[name] = repr(ACT2FN[name])
        except Exception as error:
            found[name] = {"error": recording.failure(error)}
    return found


def profile(golden, attention):
    return {
        recording.VERSIONS: recording.versions("torch", "transformers"),
        "attn_implementation": attention,
        "prints": prints(golden, attention),
        "activations": activations(),
    }


def summary(model):
    import torchinfo
    found = torchinfo.summary(model, depth=4, verbose=0)
    return {"total_params": found.total_params, "trainable_params": found.trainable_params, "text": str(found)}


def counts(golden, old):
    """One entry of print_models.json."""
    folder = golden / old["model"]
    model = build(folder, old["class"])
    generation = model.generation_config.to_diff_dict() if model.can_generate() else None
    return {
        **old,
        "print": str(model),
        "print_eager": str(build(folder, old["class"], "eager")),
        "n_params": model.num_parameters(),
        "n_trainable": model.num_parameters(only_trainable=True),
        "n_params_no_embeddings": model.num_parameters(exclude_embeddings=True),
        "per_module": [
            [name, type(module).__name__, sum(p.numel() for p in module.parameters()),
             sum(p.numel() for p in module.parameters(recurse=False))]
            for name, module in model.named_modules()
        ],
        "named_parameters": [[name, list(p.shape)] for name, p in model.named_parameters()],
        "named_buffers": [[name, list(b.shape), str(b.dtype)] for name, b in model.named_buffers()],
        "state_dict_keys": list(model.state_dict()),
        "torchinfo": summary(model),
        "memory_footprint": model.get_memory_footprint(),
        "config_repr": repr(model.config),
        "config_diff": recording.record(model.config.to_diff_dict()),
        "generation_config": generation,
    }


def make(golden):
    layer_norm_shows_bias = "bias=" in repr(torch.nn.LayerNorm(1))
    if transformers.__version__.startswith("5."):
        yield "prints/hf-5.json", profile(golden, "sdpa")
    elif not layer_norm_shows_bias:
        yield "prints/course.json", profile(golden, "sdpa")
    else:
        yield "prints/hf-4.57-sdpa.json", profile(golden, "sdpa")
        yield "prints/hf-4.57-eager.json", profile(golden, "eager")
        yield "prints/print_models.json", [
            counts(golden, entry) for entry in recording.read(golden / "prints" / "print_models.json")]
