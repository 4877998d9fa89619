"""Loads with transformers what save_pretrained wrote, and records the files' digests and the logits, for test/models to compare with.

Run: VITRINE_SAVED=/tmp/saved npx vitest run test/models/saving.test.ts   (writes the folders; may fail until the record is made)
     python scripts/golden/saved.py /tmp/saved [--check]
Made with torch 2.13.0, transformers 4.57.1. Writes test/golden/saved.json; --check compares instead.
"""

import hashlib
import json
import sys
from pathlib import Path

import torch
import transformers

HERE = Path(__file__).resolve().parents[2] / "test" / "golden" / "saved.json"
IDS = torch.tensor([[5, 17, 22, 9]])


def seen(folder):
    name = json.loads((folder / "config.json").read_text())["architectures"][0]
    variants = [file.name.split(".")[1] for file in folder.glob("model.*.safetensors")]
    options = {"variant": variants[0]} if variants else {}
    model, info = getattr(transformers, name).from_pretrained(folder, output_loading_info=True, attn_implementation="eager", **options)
    left = {key: list(value) for key, value in info.items() if value}
    if left:
        raise SystemExit(f"{folder}: transformers says {left}")
    with torch.no_grad():
        output = model.eval()(IDS)
    files = {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:32] for file in sorted(folder.iterdir())}
    logits = {key: [float(f"{number:.7g}") for number in value.flatten()] for key, value in output.items() if "logits" in key}
    return {"class": name, "files": files, "logits": logits}


transformers.logging.set_verbosity_error()
folders = sorted(folder for folder in Path(sys.argv[1]).iterdir() if (folder / "config.json").exists())
found = {folder.name: seen(folder) for folder in folders}
if "--check" in sys.argv:
    wanted = json.loads(HERE.read_text())
    far = [
        name for name, each in found.items()
        if each["files"] != wanted[name]["files"]
        or any(abs(a - b) > 2e-5 for key in each["logits"] for a, b in zip(each["logits"][key], wanted[name]["logits"][key]))
    ]
    print(f"{len(found)} folders, {len(far)} differ {far}")
    raise SystemExit(bool(far) or sorted(found) != sorted(wanted))
HERE.write_text("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(each)}" for name, each in found.items()) + "\n}\n")
