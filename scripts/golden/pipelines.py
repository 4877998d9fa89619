"""pipelines/pipelines.json: what pipeline() answers; tasks, inputs and options come from the old file."""

import warnings

import transformers

from . import recording


def build(golden, old):
    """A new pipeline for the case: some options would stay with one that is used again."""
    folder = golden / old["model"]
    options = {name: old[name] for name in ("aggregation_strategy",) if name in old}
    return transformers.pipeline(
        old["task"], model=str(folder), tokenizer=getattr(transformers, old["tokenizer"]).from_pretrained(folder),
        **options)


def case(golden, old):
    inputs, kwargs = old["inputs"], old["kwargs"]
    if old["task"] == "text-generation":
        kwargs = {name: float(value) if name == "repetition_penalty" else value for name, value in kwargs.items()}
    try:
        pipe = build(golden, old)
        found = pipe(**inputs, **kwargs) if old["task"] == "question-answering" else pipe(inputs, **kwargs)
        return {**old, "outputs": recording.record(found)}
    except Exception as error:
        return {**old, "outputs": {"error": recording.failure(error)}}


def make(golden):
    old = recording.read(golden / "pipelines" / "pipelines.json")
    made = recording.versions("torch", "transformers", "tokenizers", "numpy")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = [case(golden, entry) for entry in old["cases"]]
    yield "pipelines/pipelines.json", {
        recording.VERSIONS: made, "transformers": made["transformers"], "cases": cases}
