"""Writes a model folder's weights as a GGUF file for llama.cpp: FOLDER/model-f32.gguf, -q8_0.gguf or -q4_0.gguf.

    python gguf_file.py FOLDER --dtype q8_0

All matrices get the type asked for, the tables included; biases, gains and places stay float32, as llama.cpp wants them.
The vocabulary is made of names for the ids: only ids go in and out.
"""
import argparse
import json
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import load_file

TYPES = {kind.name.lower(): kind for kind in
         (gguf.GGMLQuantizationType.F32, gguf.GGMLQuantizationType.Q8_0, gguf.GGMLQuantizationType.Q4_0)}


def gpt2(config, weights, writer):
    writer.add_context_length(config["n_positions"])
    writer.add_embedding_length(config["n_embd"])
    writer.add_block_count(config["n_layer"])
    writer.add_feed_forward_length(config["n_inner"])
    writer.add_head_count(config["n_head"])
    writer.add_layer_norm_eps(config["layer_norm_epsilon"])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_merges(["t 0"])
    tensors = {"token_embd.weight": weights["transformer.wte.weight"],
               "position_embd.weight": weights["transformer.wpe.weight"]}
    parts = {"ln_1": "attn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "ln_2": "ffn_norm",
             "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down"}
    names = {f"transformer.h.{layer}.{theirs}": f"blk.{layer}.{ours}"
             for layer in range(config["n_layer"]) for theirs, ours in parts.items()}
    for theirs, ours in {**names, "transformer.ln_f": "output_norm"}.items():
        tensors[f"{ours}.weight"] = weights[f"{theirs}.weight"].T
        tensors[f"{ours}.bias"] = weights[f"{theirs}.bias"]
    return tensors


def bert(config, weights, writer):
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.CLS)
    writer.add_tokenizer_model("bert")
    writer.add_token_type_count(2)
    writer.add_uint32("tokenizer.ggml.cls_token_id", 0)
    writer.add_sep_token_id(1)
    tensors = {"token_embd.weight": weights["embeddings.word_embeddings.weight"],
               "position_embd.weight": weights["embeddings.position_embeddings.weight"],
               "token_types.weight": weights["embeddings.token_type_embeddings.weight"]}
    parts = {"attention.self.query": "attn_q", "attention.self.key": "attn_k", "attention.self.value": "attn_v",
             "attention.output.dense": "attn_output", "attention.output.LayerNorm": "attn_output_norm",
             "intermediate.dense": "ffn_up", "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm"}
    names = {f"encoder.layer.{layer}.{theirs}": f"blk.{layer}.{ours}"
             for layer in range(config["num_hidden_layers"]) for theirs, ours in parts.items()}
    for theirs, ours in {**names, "embeddings.LayerNorm": "token_embd_norm"}.items():
        tensors[f"{ours}.weight"] = weights[f"{theirs}.weight"]
        tensors[f"{ours}.bias"] = weights[f"{theirs}.bias"]
    return tensors


def add_vocabulary(writer, size):
    writer.add_token_list([f"t{token}" for token in range(size)])
    writer.add_token_types([gguf.TokenType.NORMAL] * size)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dtype", choices=TYPES, default="f32")
    args = parser.parse_args()
    target = args.folder / f"model-{args.dtype}.gguf"
    if target.exists():
        return
    config = json.loads((args.folder / "config.json").read_text())
    weights = load_file(args.folder / "model.safetensors")
    unfinished = target.with_suffix(".unfinished")
    writer = gguf.GGUFWriter(unfinished, config["model_type"])
    writer.add_name(args.folder.name)
    tensors = {"gpt2": gpt2, "bert": bert}[config["model_type"]](config, weights, writer)
    add_vocabulary(writer, config["vocab_size"])
    for name, array in tensors.items():
        is_matrix = array.ndim == 2 and name not in ("position_embd.weight", "token_types.weight")
        kind = TYPES[args.dtype] if is_matrix else gguf.GGMLQuantizationType.F32
        writer.add_tensor(name, gguf.quants.quantize(np.ascontiguousarray(array), kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    unfinished.rename(target)


main()
