"""Writes a model folder's weights as the ONNX graph that onnxruntime runs fastest: fused attention, gelu and normalisation.

    python onnx_graph.py FOLDER               FOLDER/onnx/model.onnx, float32
    python onnx_graph.py FOLDER --dtype q8    FOLDER/onnx/model_quantized.onnx, dynamic int8 of it

The names of inputs and outputs are those of Hugging Face's exports, so that transformers.js takes the folder. GPT-2 gives
the logits of the last position only: the same work as on the other side of a comparison.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

MICROSOFT = "com.microsoft"


class Graph:
    """Nodes and weights in the order in which they are added."""

    def __init__(self, weights):
        self.weights = weights
        self.nodes = []
        self.initializers = {}

    def weight(self, name, array=None):
        if name not in self.initializers:
            array = self.weights[name] if array is None else array
            self.initializers[name] = numpy_helper.from_array(array.copy(order="C"), name)
        return name

    def node(self, kind, inputs, outputs, domain="", **attributes):
        outputs = [outputs] if isinstance(outputs, str) else outputs
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=outputs[0], domain=domain, **attributes))
        return outputs[0]

    def product(self, x, name, weight, out):
        return self.node("MatMul", [x, self.weight(name, weight)], out)

    def norm_of_sum(self, x, skip, bias, name, out, epsilon):
        """LayerNorm(x + skip + bias) as `out`, and the sum as `out`.sum."""
        inputs = [x, skip, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), self.weight(bias)]
        outputs = [out, "", "", f"{out}.sum"]
        return self.node("SkipLayerNormalization", inputs, outputs, MICROSOFT, epsilon=epsilon)

    def norm(self, x, name, out, epsilon):
        inputs = [x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias")]
        return self.node("LayerNormalization", inputs, out, axis=-1, epsilon=epsilon)

    def model(self, name, inputs, outputs):
        graph = helper.make_graph(self.nodes, name, inputs, outputs, list(self.initializers.values()))
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="vitrine-bench")


def ids(name):
    return helper.make_tensor_value_info(name, TensorProto.INT64, ["batch_size", "sequence_length"])


def numbers(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def gpt2(config, weights):
    g = Graph(weights)
    heads, width, epsilon = config["n_head"], config["n_embd"], config["layer_norm_epsilon"]
    past_shape = ["batch_size", heads, "past_sequence_length", width // heads]
    inputs, outputs = [ids("input_ids"), ids("position_ids")], []
    words = g.node("Gather", [g.weight("transformer.wte.weight"), "input_ids"], "words")
    places = g.node("Gather", [g.weight("transformer.wpe.weight"), "position_ids"], "places")
    residual = g.node("Add", [words, places], "embeddings")
    x = g.norm(residual, "transformer.h.0.ln_1", "h.0.ln_1", epsilon)
    for layer in range(config["n_layer"]):
        at, out = f"transformer.h.{layer}", f"h.{layer}"
        qkv = g.product(x, f"{at}.attn.c_attn.weight", None, f"{out}.qkv")
        parts = [f"{out}.q", f"{out}.k", f"{out}.v"]
        g.node("Split", [qkv, g.weight("thirds", np.array([width] * 3, np.int64))], parts, axis=-1)
        past = [f"past_key_values.{layer}.key", f"past_key_values.{layer}.value"]
        present = [f"present.{layer}.key", f"present.{layer}.value"]
        inputs += [numbers(name, past_shape) for name in past]
        outputs += [numbers(name, ["batch_size", heads, "total_sequence_length", width // heads]) for name in present]
        bias = g.weight(f"{at}.attn.c_attn.bias")
        g.node("MultiHeadAttention", [*parts, bias, "", "", *past], [f"{out}.mixed", *present], MICROSOFT,
               num_heads=heads, unidirectional=1)
        mixed = g.product(f"{out}.mixed", f"{at}.attn.c_proj.weight", None, f"{out}.attention")
        x = g.norm_of_sum(mixed, residual, f"{at}.attn.c_proj.bias", f"{at}.ln_2", f"{out}.ln_2", epsilon)
        residual = f"{out}.ln_2.sum"
        inner = g.product(x, f"{at}.mlp.c_fc.weight", None, f"{out}.inner")
        gelu = g.node("FastGelu", [inner, g.weight(f"{at}.mlp.c_fc.bias")], f"{out}.gelu", MICROSOFT)
        mlp = g.product(gelu, f"{at}.mlp.c_proj.weight", None, f"{out}.mlp")
        last = layer + 1 == config["n_layer"]
        norm = "transformer.ln_f" if last else f"transformer.h.{layer + 1}.ln_1"
        x = g.norm_of_sum(mlp, residual, f"{at}.mlp.c_proj.bias", norm, norm.removeprefix("transformer."), epsilon)
        residual = f"{x}.sum"
    bounds = [g.weight(name, np.array([value], np.int64)) for name, value in
              [("from_last", -1), ("to_end", np.iinfo(np.int64).max), ("of_tokens", 1)]]
    row = g.node("Slice", [x, *bounds], "last")
    g.product(row, "lm_head.weight", weights["transformer.wte.weight"].T, "logits")
    return g.model("gpt2", inputs, [numbers("logits", ["batch_size", 1, config["vocab_size"]]), *outputs])


def bert(config, weights):
    g = Graph(weights)
    heads, epsilon = config["num_attention_heads"], config["layer_norm_eps"]
    words = g.node("Gather", [g.weight("embeddings.word_embeddings.weight"), "input_ids"], "words")
    kinds = g.node("Gather", [g.weight("embeddings.token_type_embeddings.weight"), "token_type_ids"], "kinds")
    length = g.node("Gather", [g.node("Shape", ["input_ids"], "shape"), g.weight("one", np.array(1))], "length")
    zero = g.weight("zero", np.array(0))
    range_ = g.node("Range", [zero, length, g.weight("step", np.array(1))], "range")
    places = g.node("Gather", [g.weight("embeddings.position_embeddings.weight"), range_], "places")
    total = g.node("Add", [g.node("Add", [words, kinds], "words_kinds"), places], "embeddings")
    x = g.norm(total, "embeddings.LayerNorm", "embedded", epsilon)
    for layer in range(config["num_hidden_layers"]):
        at, out = f"encoder.layer.{layer}", f"layer.{layer}"
        self_ = [f"{at}.attention.self.{name}" for name in ("query", "key", "value")]
        qkv = g.weight(f"{out}.qkv.weight", np.concatenate([weights[f"{name}.weight"] for name in self_]).T)
        bias = g.weight(f"{out}.qkv.bias", np.concatenate([weights[f"{name}.bias"] for name in self_]))
        mixed = g.node("Attention", [x, qkv, bias], f"{out}.mixed", MICROSOFT, num_heads=heads)
        dense = f"{at}.attention.output.dense"
        y = g.product(mixed, f"{dense}.weight", weights[f"{dense}.weight"].T, f"{out}.attention")
        x = g.norm_of_sum(y, x, f"{dense}.bias", f"{at}.attention.output.LayerNorm", f"{out}.attended", epsilon)
        dense = f"{at}.intermediate.dense"
        inner = g.product(x, f"{dense}.weight", weights[f"{dense}.weight"].T, f"{out}.inner")
        gelu = g.node("BiasGelu", [inner, g.weight(f"{dense}.bias")], f"{out}.gelu", MICROSOFT)
        dense = f"{at}.output.dense"
        y = g.product(gelu, f"{dense}.weight", weights[f"{dense}.weight"].T, f"{out}.mlp")
        x = g.norm_of_sum(y, x, f"{dense}.bias", f"{at}.output.LayerNorm", f"{out}.output", epsilon)
    hidden = g.node("Identity", [x], "last_hidden_state")
    first = g.node("Gather", [x, zero], "first", axis=1)
    pooler = [g.weight("pooler.dense.weight"), g.weight("pooler.dense.bias")]
    g.node("Tanh", [g.node("Gemm", [first, *pooler], "pooled", transB=1)], "pooler_output")
    width = config["hidden_size"]
    outputs = [numbers(hidden, ["batch_size", "sequence_length", width]), numbers("pooler_output", ["batch_size", width])]
    return g.model("bert", [ids("input_ids"), ids("token_type_ids")], outputs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dtype", choices=["fp32", "q8"], default="fp32")
    args = parser.parse_args()
    target = args.folder / "onnx" / "model.onnx"
    target.parent.mkdir(exist_ok=True)
    if not target.exists():
        config = json.loads((args.folder / "config.json").read_text())
        weights = load_file(args.folder / "model.safetensors")
        model = {"gpt2": gpt2, "bert": bert}[config["model_type"]](config, weights)
        onnx.save(model, target.with_suffix(".unfinished"))
        target.with_suffix(".unfinished").rename(target)
    quantized = target.with_name("model_quantized.onnx")
    if args.dtype == "q8" and not quantized.exists():
        from onnxruntime.quantization import QuantType, quantize_dynamic

        unfinished = quantized.with_suffix(".unfinished")
        quantize_dynamic(target, unfinished, weight_type=QuantType.QInt8, per_channel=True,
                         op_types_to_quantize=["MatMul", "Attention"],
                         extra_options={"DefaultTensorType": TensorProto.FLOAT})
        unfinished.rename(quantized)


main()
