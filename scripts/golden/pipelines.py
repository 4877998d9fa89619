"""pipelines/*.json: what pipeline() answers. The calls of pipelines.json come from the old file, the others from
pipeline_cases.py."""

import copy
import warnings

import torch
import transformers
from transformers.pipelines.text_generation import ReturnType

from . import pipeline_cases, recording


def build(golden, old):
    """A new pipeline for the case: some options would stay with one that is used again."""
    folder = (golden / old["model"]).resolve()
    options = {name: old[name] for name in ("aggregation_strategy",) if name in old}
    tokenizer_class = getattr(transformers, old["tokenizer"])
    pipe = {
        "tokenizer": tokenizer_class.from_pretrained(folder, **old.get("tokenizer_options", {})),
        **options, **old.get("options", {}),
    }
    if "config" not in old and "generation_config" not in old:
        return transformers.pipeline(old["task"], model=str(folder), dtype=torch.float32, **pipe)
    model = model_class(folder).from_pretrained(folder, dtype=torch.float32, **old.get("config", {}))
    if "generation_config" in old:
        model.generation_config.update(**old["generation_config"])
    return transformers.pipeline(old["task"], model=model, **pipe)


def model_class(folder):
    return getattr(transformers, transformers.AutoConfig.from_pretrained(folder).architectures[0])


def case(golden, old):
    inputs, kwargs = old["inputs"], copy.deepcopy(old["kwargs"])
    if old["task"] == "text-generation":
        kwargs = {name: float(value) if name == "repetition_penalty" else value for name, value in kwargs.items()}
    if "return_type" in kwargs:
        kwargs["return_type"] = ReturnType(kwargs["return_type"])
    if "offset_mapping" in kwargs:
        kwargs = {**kwargs, "offset_mapping": [tuple(place) for place in kwargs["offset_mapping"]]}
    if "pooling" in old:
        kwargs = {**kwargs, "return_tensors": True}
    try:
        seed(old)
        pipe = build(golden, old)
        seed(old)
        kwargs = objects(kwargs, pipe.tokenizer)
        found = pipe(**inputs, **kwargs) if old["task"] == "question-answering" else pipe(inputs, **kwargs)
        if "pooling" in old:
            found = pooled(pipe.tokenizer, inputs, found, old)
        outputs = recording.record(found)
    except Exception as error:
        outputs = {"error": recording.failure(error)}
    return {**{name: textual(value) for name, value in old.items()}, "outputs": outputs}


def objects(kwargs, tokenizer):
    """Options with the objects that no JSON can hold."""
    if "generation_config" in kwargs:
        kwargs["generation_config"] = transformers.GenerationConfig(**kwargs["generation_config"])
    return {**kwargs, "tokenizer": tokenizer} if "stop_strings" in kwargs else kwargs


def seed(old):
    if "seed" in old:
        transformers.set_seed(old["seed"])


def textual(value):
    """Keys as JSON has them."""
    return {str(key): textual(entry) for key, entry in value.items()} if isinstance(value, dict) else value


def pooled(tokenizer, inputs, found, old):
    """What transformers.js makes of the vectors: (1, T, C) of each text without its padding."""
    texts, found = (inputs, found) if isinstance(inputs, list) else ([inputs], [found])
    vectors = [one[:, :len(tokenizer(text)["input_ids"])] for text, one in zip(texts, found)]
    ways = {"none": lambda x: x, "mean": lambda x: x.mean(1), "cls": lambda x: x[:, 0], "first_token": lambda x: x[:, 0],
            "last_token": lambda x: x[:, -1], "eos": lambda x: x[:, -1]}
    shaped = [ways[old["pooling"]](one) for one in vectors]
    if old.get("normalize"):
        shaped = [torch.nn.functional.normalize(one, dim=-1) for one in shaped]
    return torch.cat(shaped).tolist()


def regression(golden):
    """weights/bert-regression: bert-seqcls with the first of its labels, as a number."""
    target = golden / "weights" / "bert-regression"
    if target.exists():
        return
    source = golden / "weights" / "bert-seqcls"
    model = transformers.BertForSequenceClassification.from_pretrained(source)
    first = transformers.BertForSequenceClassification(transformers.BertConfig.from_pretrained(
        source, num_labels=1, problem_type="regression"))
    weights = {name: value[:1] if name.startswith("classifier") else value for name, value in model.state_dict().items()}
    first.load_state_dict(weights)
    first.save_pretrained(target)
    for name in ("vocab.txt", "tokenizer_config.json", "special_tokens_map.json"):
        (target / name).write_bytes((source / name).read_bytes())


def make(golden):
    old = recording.read(golden / "pipelines" / "pipelines.json")
    made = recording.versions("torch", "transformers", "tokenizers", "numpy")
    regression(golden)
    calls = {"pipelines": old["cases"], "options": pipeline_cases.options(), "shipped": pipeline_cases.shipped()}
    for name, entries in calls.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cases = [case(golden, entry) for entry in entries]
        yield f"pipelines/{name}.json", {recording.VERSIONS: made, "transformers": made["transformers"], "cases": cases}
