#!/usr/bin/env python3
"""Makes the golden files again with Hugging Face's own code, or checks that they would come out the same.

    pip install -r scripts/requirements.txt
    python scripts/golden.py models            # writes test/golden/models/*.json
    python scripts/golden.py all --check       # writes nothing, compares with what is there

Inputs, options and weights are read from the folder --golden; only the outputs are computed anew.
"""

import argparse
import importlib
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

SUBJECTS = {
    "models": "outputs of the tiny models, with cache and from each kind of weights file",
    "generate": "generate() under many options",
    "processors": "each logits processor alone, and their order",
    "pipelines": "pipeline() on texts",
    "prints": "print(model), counts and summaries",
    "math": "float64 truths of exp, erf, softmax and the like, and of every activation",
    "initialisation": "what from_config puts into each parameter",
    "seeds": "what a seed gives: numbers, fresh weights, sampled text",
    "checkpoints": "outputs of the checkpoints that ship with the package",
}
MODULES = {"math": "truths"}  # a file math.py would hide the one of Python
REPOSITORY = Path(__file__).resolve().parent.parent


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="subject", required=True, metavar="subject")
    for name, text in {**SUBJECTS, "all": "all of these"}.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--golden", type=Path, default=REPOSITORY / "test" / "golden",
                             help="the folder that is read (default: test/golden)")
        command.add_argument("--out", type=Path, help="the folder that is written (default: the one that is read)")
        command.add_argument("--check", action="store_true", help="write nothing, compare with --golden")
        command.add_argument("--tolerance", type=float, default=1e-5,
                             help="the largest difference that --check allows, for numbers above 1 as a share of them")
    return parser.parse_args()


def check(recording, old_path, new, tolerance):
    """Prints how far a file is from what is made now; whether it is within the tolerance."""
    found = list(recording.differences(recording.read(old_path), new))
    texts = [entry for entry in found if isinstance(entry[1], str)]
    largest = max((entry for entry in found if not isinstance(entry[1], str)), key=lambda entry: entry[1],
                  default=("", 0.0))
    print(f"{old_path.name}: {len(texts)} unequal, largest difference {largest[1]:.3g} {largest[0]}", flush=True)
    for place, text in texts[:10]:
        print(f"    {place}: {text}")
    return not texts and largest[1] <= tolerance


def run(subject, args):
    from golden import recording
    module = importlib.import_module(f"golden.{MODULES.get(subject, subject)}")
    good = True
    for name, value in module.make(args.golden):
        if args.check:
            good &= check(recording, args.golden / name, value, args.tolerance)
        else:
            recording.write((args.out or args.golden) / name, value)
            print(f"wrote {name}", flush=True)
    return good


def main():
    args = parse()
    import torch
    torch.set_num_threads(1)
    subjects = SUBJECTS if args.subject == "all" else [args.subject]
    results = [run(subject, args) for subject in subjects]
    if not all(results):
        sys.exit("not the same: see above")
    if args.check:
        print(f"{', '.join(subjects)}: as recorded")


if __name__ == "__main__":
    main()
