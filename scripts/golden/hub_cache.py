"""The cache of models as huggingface_hub writes and reads it: python scripts/golden/hub_cache.py [--out DIR | --check].

A hub on this machine offers the tiny GPT-2 of test/golden. Python fetches it, and its cache is recorded; then the built command line
(npm run build) fetches it, and what Python finds in that cache without a connection is recorded. Last, the command line must find
Python's copy without a connection.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "test" / "golden" / "weights" / "gpt2-lm"
PROGRAM = ROOT / "dist" / "src" / "cli" / "main.js"
NAME = "owner/model"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
# What the command line asks for, there or not.
WANTED = [
    *("config.json", "generation_config.json", "tokenizer.json", "vocab.txt", "vocab.json", "merges.txt"),
    *("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "model.safetensors"),
]


def is_large(name):
    return name.endswith((".safetensors", ".bin"))


def git_hash(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class Hub(BaseHTTPRequestHandler):
    """The answers of a hub that offers the files of MODEL."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = urlsplit(self.path).path
        name = path.rsplit("/", 1)[-1]
        if path.startswith("/api/models/"):
            files = [file for file in MODEL.iterdir() if file.is_file()]
            body = json.dumps({"id": NAME, "sha": COMMIT, "siblings": [sibling(file) for file in files]}).encode()
            self.answer(200, body, {"Content-Type": "application/json"})
        elif (MODEL / name).is_file():
            data = (MODEL / name).read_bytes()
            digest = hashlib.sha256(data).hexdigest() if is_large(name) else git_hash(data)
            linked = {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(data))} if is_large(name) else {}
            self.answer(200, data, {"ETag": f'"{digest}"', "X-Repo-Commit": COMMIT, **linked})
        else:
            self.answer(404, b"no", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def sibling(file):
    data = file.read_bytes()
    found = {"rfilename": file.name, "size": len(data), "blobId": git_hash(data)}
    if is_large(file.name):
        found["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
    return found


def listing(folder):
    """Each path: where a link leads, or size and sha256 of a file."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = {"link": os.readlink(path)}
        elif path.is_file():
            data = path.read_bytes()
            found[name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return found


def vitrine(cache, **environment):
    command = ["node", str(PROGRAM), "download", NAME, "--cache-dir", str(cache)]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    return Path(done.stdout.strip()).relative_to(cache).as_posix()


def written_by_python(cache):
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    for file in WANTED:
        try:
            hf_hub_download(NAME, file, cache_dir=cache)
        except EntryNotFoundError:
            continue
    return listing(cache)


def read_by_python(cache):
    """What Python finds without a connection."""
    import torch
    from huggingface_hub import scan_cache_dir, snapshot_download, try_to_load_from_cache
    from transformers import AutoModelForCausalLM, AutoTokenizer

    found = {}
    for file in WANTED:
        path = try_to_load_from_cache(NAME, file, cache_dir=cache)
        is_there = isinstance(path, str)
        found[file] = hashlib.sha256(Path(path).read_bytes()).hexdigest() if is_there else path and "known to be absent"
    scanned = scan_cache_dir(cache)
    folder = snapshot_download(NAME, cache_dir=cache, local_files_only=True)
    model = AutoModelForCausalLM.from_pretrained(NAME, cache_dir=cache, local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(NAME, cache_dir=cache, local_files_only=True)
    with torch.no_grad():
        logits = model(torch.tensor([[2, 5, 6, 3]])).logits[0, -1, :4]
    return {
        "files": found,
        "folder": Path(folder).relative_to(cache).as_posix(),
        "warnings": [str(warning) for warning in scanned.warnings],
        "models": [
            {
                "name": repo.repo_id,
                "bytes": repo.size_on_disk,
                "files": repo.nb_files,
                "refs": {name: revision.commit_hash for name, revision in repo.refs.items()},
            }
            for repo in scanned.repos
        ],
        "logits": [float(f"{value:.7g}") for value in logits.tolist()],
        "ids": tokenizer("我爱中国")["input_ids"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "test" / "golden")
    parser.add_argument("--check", action="store_true", help="compare with what is recorded and write nothing")
    options = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as scratch:
        endpoint = f"http://127.0.0.1:{server.server_port}"
        # Python reads these when it imports the package.
        os.environ.update(HF_ENDPOINT=endpoint, HF_HOME=scratch, HF_HUB_DISABLE_PROGRESS_BARS="1")
        for name in ("HF_HUB_OFFLINE", "HF_TOKEN"):
            os.environ.pop(name, None)
        from recording import differences, versions

        python, ours = Path(scratch) / "python", Path(scratch) / "vitrine"
        record = {"versions": versions("huggingface_hub", "transformers"), "name": NAME, "commit": COMMIT}
        record["python"] = {"wrote": written_by_python(python)}
        vitrine(ours)
        server.shutdown()
        server.server_close()
        record["vitrine"] = {"wrote": listing(ours), "python": read_by_python(ours)}
        record["python"]["vitrine"] = vitrine(python, HF_HUB_OFFLINE="1")
    place = options.out / "hub" / "cache.json"
    if options.check:
        recorded = json.loads(place.read_text(encoding="utf8"))
        found = [f"{where}: {what}" for where, what in differences(recorded, record) if isinstance(what, str) or what > 1e-5]
        print(f"{place.name}: {len(found)} unequal", *found[:10], sep="\n    ")
        sys.exit(bool(found))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
