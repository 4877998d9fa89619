"""checkpoints/*.json: what the three checkpoints that ship with the package give, in float32 arithmetic.

scripts/train/reference.py uses the same functions for models that were just trained. figures.json (losses and
accuracies) needs the training texts and is written by that script alone.
"""

from pathlib import Path

import torch
from transformers import (
    AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoTokenizer,
)

REPOSITORY = Path(__file__).resolve().parents[2]
POETRY, SENTIMENT, MASKED = "gpt2-tang-poetry", "bert-tiny-sentiment-zh", "bert-tiny-mlm-zh"
PROMPTS = ["春眠不觉晓，", "床前明月光，", "白日依山尽，", "送友人：", "登高："]
MORE_PROMPTS = ["秋夜：", "江雪：千山鸟飞绝，", "水调歌头：", "大漠孤烟直，", "春风又绿江南岸，"]
MASKED_TEXTS = [
    "酒店的服[MASK]态度很好。", "房间很[MASK]净，位置也方便。", "电脑的[MASK]盘手感不错。",
    "早餐太[MASK]了，非常失望。", "性价[MASK]很高",
]
SENTENCES = [
    "这家酒店非常好，下次还来。", "房间又小又脏，服务态度极差。", "这本书写得太棒了！",
    "质量很差，用了两天就坏了。", "我很喜欢这个产品", "我讨厌这个产品", "物流很快，包装完好，五星好评",
    "简直是垃圾，千万别买", "孩子非常喜欢，画面精美", "电池不耐用，发热严重", "性价比很高，值得推荐",
    "早餐品种很少，味道也一般", "前台服务热情，房间干净整洁", "客服不理人，退货也很麻烦",
    "内容空洞，读不下去", "外观漂亮，运行速度快", "噪音很大，晚上根本睡不着", "位置方便，离地铁站很近",
    "屏幕有坏点，非常失望", "作者文笔优美，让人感动",
]
SAMPLED = "top_k 20, temperature 0.9, seed 1"


def load(auto_class, folder):
    """(tokenizer, model) of a folder; the model in float32, for evaluation."""
    folder = str(folder)
    return AutoTokenizer.from_pretrained(folder), auto_class.from_pretrained(folder, dtype=torch.float32).eval()


def prompt_ids(tokenizer, text):
    """[CLS] and the prompt, without the closing [SEP]; (1, T)."""
    return torch.tensor([tokenizer.encode(text)[:-1]])


def plain_text(tokenizer, ids):
    """The tokens in a row, special ones and all: `decode` would put spaces between characters."""
    return "".join(tokenizer.convert_ids_to_tokens(ids))


def rounded(tensor):
    return [round(x, 6) for x in tensor.flatten().tolist()]


def continued(model, ids, **options):
    """The token ids of prompt and continuation."""
    return model.generate(ids, attention_mask=torch.ones_like(ids), **options)[0].tolist()


def sample(model, ids, max_new_tokens):
    """Drawn in the way that the model card recommends."""
    return continued(model, ids, max_new_tokens=max_new_tokens, do_sample=True, top_k=20, temperature=0.9)


def greedy(model, ids, **options):
    return continued(model, ids, do_sample=False, **options)


def next_token_logits(tokenizer, model):
    found = []
    for prompt in PROMPTS:
        ids = prompt_ids(tokenizer, prompt)
        with torch.no_grad():
            out = model(ids).logits[0]
        top = out[-1].topk(10)
        found.append({
            "prompt": prompt, "input_ids": ids[0].tolist(), "last_logits": rounded(out[-1]),
            "argmax_by_position": out.argmax(-1).tolist(),
            "top10": [[plain_text(tokenizer, [i]), i, round(v, 6)]
                      for v, i in zip(top.values.tolist(), top.indices.tolist())],
        })
    return found


def greedy_poems(tokenizer, model):
    found = []
    for prompt in PROMPTS:
        ids = prompt_ids(tokenizer, prompt)
        made = greedy(model, ids, max_new_tokens=48)
        # [SEP] as an ordinary token: always 48 new tokens, for tests of the arithmetic.
        full = greedy(model, ids, max_new_tokens=48, min_new_tokens=48, eos_token_id=None)
        found.append({"prompt": prompt, "input_ids": ids[0].tolist(),
                      "ids": made, "text": plain_text(tokenizer, made),
                      "ids_without_eos": full, "text_without_eos": plain_text(tokenizer, full)})
    return found


def sampled_poems(tokenizer, model):
    found = []
    for prompt in PROMPTS + MORE_PROMPTS:
        ids = prompt_ids(tokenizer, prompt)
        torch.manual_seed(1)
        made = sample(model, ids, 90)
        found.append({"prompt": prompt, "greedy": plain_text(tokenizer, greedy(model, ids, max_new_tokens=90)),
                      SAMPLED: plain_text(tokenizer, made)})
    return found


def sentiments(tokenizer, model):
    found = []
    for sentence in SENTENCES:
        inputs = tokenizer(sentence, return_tensors="pt")
        with torch.no_grad():
            out = model(**inputs).logits[0]
        found.append({
            "text": sentence, "input_ids": inputs["input_ids"][0].tolist(), "logits": rounded(out),
            "label": model.config.id2label[int(out.argmax())], "score": round(out.softmax(-1).max().item(), 6),
        })
    return found


def filled_masks(tokenizer, model):
    found = []
    for sentence in MASKED_TEXTS:
        inputs = tokenizer(sentence, return_tensors="pt")
        where = inputs["input_ids"][0].tolist().index(tokenizer.mask_token_id)
        with torch.no_grad():
            out = model(**inputs).logits[0, where]
        top = out.softmax(-1).topk(5)
        found.append({
            "text": sentence, "input_ids": inputs["input_ids"][0].tolist(), "position": where,
            "logits": rounded(out),
            "top5": [[tokenizer.convert_ids_to_tokens(i), round(v, 6)]
                     for v, i in zip(top.values.tolist(), top.indices.tolist())],
        })
    return found


def poetry_outputs(folder):
    tokenizer, model = load(AutoModelForCausalLM, folder)
    yield "gpt2-logits.json", next_token_logits(tokenizer, model)
    yield "gpt2-greedy.json", greedy_poems(tokenizer, model)
    yield "gpt2-samples.json", sampled_poems(tokenizer, model)


def sentiment_outputs(folder):
    yield "bert-sentiment.json", sentiments(*load(AutoModelForSequenceClassification, folder))


def masked_outputs(folder):
    yield "bert-mlm.json", filled_masks(*load(AutoModelForMaskedLM, folder))


def make(golden):
    shipped = REPOSITORY / "checkpoints"
    for folder, outputs in ((POETRY, poetry_outputs), (SENTIMENT, sentiment_outputs), (MASKED, masked_outputs)):
        for name, value in outputs(shipped / folder):
            yield f"checkpoints/{name}", value
