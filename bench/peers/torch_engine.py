"""PyTorch as an engine of the benches: requests as JSON lines on standard input, answers on file descriptor 3.

See bench/harness/protocol.ts. int8 is torch's dynamic quantisation of the Linear layers.
"""
import base64
import json
import os
import resource
import sys
import time

import numpy as np
import torch
import transformers
from transformers import BertModel, DynamicCache, GPT2LMHeadModel
from transformers.pytorch_utils import Conv1D

answers = os.fdopen(3, "w")
model = None


def load(options):
    torch.set_num_threads(options["threads"])
    kind = {"gpt2": GPT2LMHeadModel, "bert": BertModel}[options["model"]]
    dtype = torch.bfloat16 if options["dtype"] == "bfloat16" else torch.float32
    loaded = kind.from_pretrained(options["folder"], dtype=dtype, attn_implementation="sdpa").eval()
    if options["dtype"] == "int8":
        with_linear_layers(loaded)
        loaded = torch.ao.quantization.quantize_dynamic(loaded, {torch.nn.Linear}, dtype=torch.qint8)
    return loaded


def with_linear_layers(module):
    """GPT-2's Conv1D as Linear, which is what quantize_dynamic knows."""
    for name, child in module.named_children():
        if isinstance(child, Conv1D):
            linear = torch.nn.Linear(child.nx, child.nf)
            linear.weight, linear.bias = torch.nn.Parameter(child.weight.T.contiguous()), child.bias
            setattr(module, name, linear)
        else:
            with_linear_layers(child)


def open_model(request):
    global model
    start = time.perf_counter()
    model = load(request["options"])
    about = f"torch {torch.__version__}, transformers {transformers.__version__}, {request['options']['dtype']}"
    return {"about": about, "milliseconds": (time.perf_counter() - start) * 1000}


def timed(values, start, request):
    array = values.float().contiguous().numpy()
    answer = {"milliseconds": (time.perf_counter() - start) * 1000}
    if request["values"]:
        answer["values"] = base64.b64encode(array.astype("<f4").tobytes()).decode()
    return answer


def last_logits(request):
    start = time.perf_counter()
    output = model(torch.tensor([request["ids"]]), use_cache=True, logits_to_keep=1)
    return timed(output.logits[0, -1], start, request)


def hidden(request):
    start = time.perf_counter()
    return timed(model(torch.tensor(request["rows"])).last_hidden_state, start, request)


def generate(request):
    cache, ids = DynamicCache(), torch.tensor([request["ids"]])
    tokens, milliseconds, last = [], [], time.perf_counter()
    for _ in range(request["count"]):
        logits = model(ids, past_key_values=cache, use_cache=True, logits_to_keep=1).logits
        token = int(logits[0, -1].argmax())
        ids = torch.tensor([[token]])
        now = time.perf_counter()
        tokens.append(token)
        milliseconds.append((now - last) * 1000)
        last = now
    return {"tokens": tokens, "milliseconds": milliseconds}


def memory(_request):
    return {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


handlers = {"open": open_model, "lastLogits": last_logits, "hidden": hidden, "generate": generate, "memory": memory,
            "close": lambda _request: {}}

with torch.inference_mode():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = handlers[request["do"]](request)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
        if request["do"] == "close":
            break
