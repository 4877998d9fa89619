"""Calls of pipeline() that pipelines.json lacks, and those of the shipped checkpoints.

A call is a dictionary: task, model, tokenizer, inputs and kwargs as in pipelines.json, and where they are wanted

    options            of the pipeline itself, which hold for its calls
    config             fields that replace those of config.json
    generation_config  fields that replace those of the model's generation_config
    tokenizer_options  of the tokenizer, such as model_max_length
    pooling, normalize of transformers.js, computed from Hugging Face's vectors
    seed              for set_seed, before the model is loaded and again before the call
"""

SLOW, FAST = "BertTokenizer", "BertTokenizerFast"
HELLO, CHINESE, ENGLISH, UNKNOWN = (
    "今天你好 hello world", "我他这为之大来以个", "the text 2021, playing!", "未知字囍 and unables")
TEXTS = [HELLO, CHINESE, ENGLISH, UNKNOWN]


def call(task, model, inputs, kwargs=None, tokenizer=SLOW, **more):
    return {"task": task, "model": model, "tokenizer": tokenizer, "inputs": inputs, "kwargs": kwargs or {}, **more}


def classification():
    task, five, one = "text-classification", "weights/bert-seqcls5", "weights/bert-regression"
    pair = {"text": HELLO, "text_pair": CHINESE}
    several = {"top_k": None}
    yield call(task, five, HELLO, {"top_k": 1})
    yield call(task, five, pair, several)
    yield call(task, five, [pair, {"text": ENGLISH}, CHINESE], {"batch_size": 3})
    yield call(task, five, [pair, {"text": ENGLISH, "text_pair": UNKNOWN}], {"top_k": 2})
    yield call(task, five, [HELLO], {})
    yield call(task, five, [HELLO], {"top_k": 3})
    yield call(task, five, HELLO, options={"top_k": 2})
    yield call(task, five, TEXTS, options={"top_k": 2, "batch_size": 3})
    yield call(task, five, HELLO, {"top_k": 1}, options=several)
    yield call(task, five, HELLO, {"return_all_scores": False})
    yield call(task, five, [HELLO, ENGLISH], {"return_all_scores": True})
    yield call(task, five, HELLO, options={"return_all_scores": True})
    yield call(task, five, HELLO, options={"function_to_apply": "none"})
    yield call(task, five, HELLO, {"function_to_apply": "softmax"}, options={"function_to_apply": "none"})
    yield call(task, five, HELLO, {"padding": "max_length", "max_length": 24, "truncation": True})
    yield call(task, five, HELLO, {"add_special_tokens": False})
    yield call(task, five, pair, {"truncation": "only_second", "max_length": 14})
    yield call(task, five, pair, {"return_token_type_ids": False})
    yield call(task, "weights/gpt2-seqcls", HELLO, {"return_token_type_ids": False})
    yield call(task, five, [[HELLO, CHINESE]])
    for problem in ("single_label_classification", "multi_label_classification", "regression"):
        yield call(task, five, HELLO, several, config={"problem_type": problem})
        yield call(task, five, HELLO, {}, config={"problem_type": problem})
        yield call(task, one, HELLO, {}, config={"problem_type": problem})
    yield call(task, one, TEXTS)
    yield call(task, one, HELLO, several)
    yield call(task, one, HELLO, {}, config={"problem_type": None})
    yield call(task, one, HELLO, {"function_to_apply": "softmax"})
    yield call(task, five, HELLO, {"function_to_apply": None})
    yield call(task, five, HELLO, {"function_to_apply": None}, options={"function_to_apply": "none"})
    yield call(task, five, {"text": HELLO, "text_pair": None})
    yield call(task, five, TEXTS, {"num_workers": 0}, options={"num_workers": 0, "framework": "pt"})


def fill_mask():
    task, model = "fill-mask", "weights/bert-mlm"
    one, two = "今天[MASK]好 the world", "我[MASK]们[MASK]。"
    words = ["的", "我", "hello", "text"]
    yield call(task, model, two, {"targets": words})
    yield call(task, model, two, {"targets": words, "top_k": 2})
    yield call(task, model, one, {"targets": ["我", "我", "hello"], "top_k": 1})
    yield call(task, model, one, {"targets": ["playing", "world", ""]})
    yield call(task, model, one, {"targets": []})
    yield call(task, model, [one, two, one], {"top_k": 2, "batch_size": 2})
    yield call(task, model, [two], {"top_k": 1})
    yield call(task, model, one, {"top_k": 1})
    yield call(task, model, one, options={"top_k": 3})
    yield call(task, model, one, {"top_k": 1}, options={"targets": words, "top_k": 3})
    yield call(task, model, CHINESE * 30 + one, {"tokenizer_kwargs": {"truncation": True}})
    yield call(task, model, one + CHINESE * 30, {"tokenizer_kwargs": {"truncation": True}, "top_k": 2})
    yield call(task, model, one, {"tokenizer_kwargs": {"add_special_tokens": False}, "top_k": 2})
    yield call(task, model, one, {"tokenizer_kwargs": {"padding": "max_length", "max_length": 20}, "top_k": 2})
    yield call(task, model, one, {"top_k": 2}, FAST)
    yield call(task, model, [one, "no mask here"])


def features():
    task, bert = "feature-extraction", "weights/bert-model"
    short = "你好 world"
    yield call(task, bert, short, {"truncation": True, "tokenize_kwargs": {"max_length": 3}})
    yield call(task, bert, short, {"truncation": True, "tokenize_kwargs": {"truncation": True}})
    yield call(task, bert, short, options={"tokenize_kwargs": {"add_special_tokens": False}})
    yield call(task, bert, [short, ENGLISH], {"batch_size": 2})
    for pooling in ("none", "mean", "cls", "first_token", "last_token", "eos"):
        yield call(task, bert, short, pooling=pooling)
        yield call(task, bert, short, pooling=pooling, normalize=True)
    yield call(task, bert, TEXTS[:3], {"batch_size": 2}, pooling="mean", normalize=True)
    yield call(task, "weights/gpt2-model", TEXTS[:3], pooling="last_token")


def tokens():
    task, model = "token-classification", "weights/bert-tokcls"
    texts = ["the playing text, 2021 and 他想她", "unables 囍 playing hello2021world!", "我在北京和上海看到他们 hello world",
             "x😀y the 2021"]
    strategies = ("none", "simple", "first", "average", "max")
    names = ("O", "PER", "LOC", "B-PER", "I-LOC")
    config = {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}
    for strategy in strategies:
        for text in texts:
            yield call(task, model, text, {"aggregation_strategy": strategy, "ignore_labels": []}, FAST)
        yield call(task, model, texts, {"batch_size": 3}, FAST, options={"aggregation_strategy": strategy})
        yield call(task, model, " ".join(texts), {"aggregation_strategy": strategy}, FAST, config=config)
        yield call(task, model, texts[0], {"aggregation_strategy": strategy})
        yield call(task, model, texts[0].split(), {"aggregation_strategy": strategy, "is_split_into_words": True}, FAST)
        for stride in (0, 5):
            yield call(task, model, " ".join(texts), {"aggregation_strategy": strategy, "stride": stride, "batch_size": 2},
                       FAST, tokenizer_options={"model_max_length": 16})
    yield call(task, model, " ".join(texts), {}, FAST, tokenizer_options={"model_max_length": 16})
    yield call(task, model, [" ".join(texts), texts[0], texts[1] * 3],
               {"aggregation_strategy": "max", "stride": 4, "batch_size": 3, "ignore_labels": ["LOC"]}, FAST,
               tokenizer_options={"model_max_length": 16})
    yield call(task, model, texts[0], {"stride": 16, "aggregation_strategy": "simple"}, FAST,
               tokenizer_options={"model_max_length": 16})
    yield call(task, model, texts[0], {"stride": 2, "aggregation_strategy": "simple"})
    yield call(task, model, texts[0], {"ignore_labels": ["B-PER", "I-PER", "LOC"]}, FAST)
    yield call(task, model, texts[0], {"ignore_labels": ["PER"], "aggregation_strategy": "first"}, FAST)
    yield call(task, model, [["hello", "world,playing"], ["我", "在北京"]], {"is_split_into_words": True}, FAST)
    yield call(task, model, ["hello", "world,playing"],
               {"is_split_into_words": True, "delimiter": " | ", "aggregation_strategy": "simple"}, FAST)
    yield call(task, model, ["hello", "world"], {"is_split_into_words": True})
    yield call(task, model, "你好 hello", {"offset_mapping": [[0, 0], [0, 1], [1, 2], [3, 8], [0, 0]], "ignore_labels": []})
    yield call(task, "weights/gpt2-tokcls", HELLO, {"aggregation_strategy": "average", "ignore_labels": []}, FAST)
    yield call("ner", model, texts[0], {"aggregation_strategy": "simple"}, FAST)


def answers():
    task, model = "question-answering", "weights/bert-qa"
    context = "今天他和她想去看小说，the world of text and 游戏 2021。你们都好。"
    short = {"question": "他想去做什么？", "context": context}
    long = {"question": "what text?", "context": (context + " playing the hello world, ") * 6}
    limits = {"max_seq_len": 32, "doc_stride": 8}
    for tokenizer in (SLOW, FAST):
        yield call(task, model, long, {}, tokenizer)
        yield call(task, model, long, {"top_k": 5}, tokenizer)
        yield call(task, model, long, limits, tokenizer)
        yield call(task, model, long, {**limits, "top_k": 4, "batch_size": 4}, tokenizer)
        yield call(task, model, long, {**limits, "top_k": 4, "align_to_words": False}, tokenizer)
        yield call(task, model, long, {**limits, "top_k": 40, "handle_impossible_answer": True}, tokenizer)
        yield call(task, model, long, {**limits, "handle_impossible_answer": True, "max_answer_len": 1}, tokenizer)
        yield call(task, model, {"question": "什么？", "context": "😀 的 unables"},
                   {"top_k": 3, "handle_impossible_answer": True}, tokenizer)
        yield call(task, model, {"question": ["他想？", "what?"], "context": context}, {"batch_size": 2}, tokenizer)
        yield call(task, model, {"question": ["他想？", "what?"], "context": [context, "hello world"]}, {"top_k": 2}, tokenizer)
        yield call(task, model, short, {"top_k": 1}, tokenizer)
        yield call(task, model, short, {"padding": "max_length", "max_seq_len": 64}, tokenizer)
        yield call(task, model, {**short, "question": CHINESE * 10}, {"max_question_len": 20, "max_seq_len": 64}, tokenizer)
        yield call(task, model, {"question": "", "context": context}, {}, tokenizer)
        yield call(task, model, short, {"top_k": 0}, tokenizer)
        yield call(task, model, short, {"max_answer_len": 0}, tokenizer)
        yield call(task, model, short, {"max_seq_len": 8, "doc_stride": 9}, tokenizer)
        yield call(task, model, short, {}, tokenizer, options={"top_k": 2, "max_answer_len": 4})
    yield call(task, "weights/gpt2-qa", short, {"top_k": 2}, FAST)


def zero_shot():
    task, model = "zero-shot-classification", "weights/bert-seqcls5"
    labels = ["游戏", "world", "text"]
    orders = {
        "first": ["entailment", "a", "b", "c", "contradiction"],
        "last": ["contradiction", "a", "b", "c", "ENTAILMENT"],
        "middle": ["contradiction", "a", "Entails", "c", "d"],
    }
    configs = [{"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}
               for names in orders.values()]
    for config in configs:
        yield call(task, model, HELLO, {"candidate_labels": labels}, config=config)
        yield call(task, model, HELLO, {"candidate_labels": labels, "multi_label": True}, config=config)
        yield call(task, model, HELLO, {"candidate_labels": "游戏"}, config=config)
    yield call(task, model, HELLO, {"candidate_labels": " 游戏, world ,,text"})
    yield call(task, model, HELLO, {"candidate_labels": labels, "hypothesis_template": "这是{}。"})
    yield call(task, model, TEXTS[:3], {"candidate_labels": labels, "batch_size": 4})
    yield call(task, model, TEXTS[:3], {"candidate_labels": labels, "batch_size": 4}, FAST)
    yield call(task, model, HELLO * 30, {"candidate_labels": labels})
    yield call(task, model, HELLO, options={"candidate_labels": labels, "multi_label": True})
    yield call(task, model, HELLO, {"candidate_labels": []})
    yield call(task, model, HELLO, {"candidate_labels": labels, "hypothesis_template": "no place"})


def generation():
    task, model = "text-generation", "weights/gpt2-lm"
    greedy = {"do_sample": False, "pad_token_id": 0, "eos_token_id": None}
    six = {**greedy, "max_new_tokens": 6}
    own = {"task_specific_params": None}

    def made(inputs, kwargs=None, base=six, **more):
        return call(task, model, inputs, {**base, **(kwargs or {})}, **more)

    for kind in (0, 1, 2):
        yield made(HELLO, {"return_type": kind})
    yield made(HELLO, {"return_text": True})
    yield made(HELLO, {"return_full_text": False, "return_text": True})
    yield made(HELLO, {"return_full_text": True, "return_tensors": True})
    yield made(HELLO, {"return_text": True, "return_tensors": True})
    yield made(HELLO, {"return_full_text": False, "return_tensors": True, "return_type": 2})
    yield made(HELLO, {"skip_special_tokens": False})
    yield made(HELLO, {"skip_special_tokens": False, "clean_up_tokenization_spaces": False, "return_full_text": False})
    yield made(ENGLISH, {"add_special_tokens": False})
    yield made(ENGLISH, {"add_special_tokens": False, "prefix": "的 "})
    yield made("", {"add_special_tokens": False})
    yield made(["", HELLO], {"add_special_tokens": False})
    yield made(HELLO, {"truncation": True, "max_length": 6})
    yield made(HELLO, {"tokenizer_encode_kwargs": {"truncation": True, "max_length": 5}})
    yield made(HELLO, {"tokenizer_encode_kwargs": {"add_special_tokens": False}})
    yield made(HELLO, {"padding": True})
    yield made(HELLO, {"stop_sequence": "进"})
    yield made(HELLO, {"stop_sequence": "进", "max_new_tokens": 20, "return_full_text": False})
    yield made(TEXTS[:2], {"num_beams": 2, "num_return_sequences": 2, "batch_size": 2})
    yield made(HELLO, options={"return_full_text": False, "max_new_tokens": 3}, base=greedy)
    yield made(HELLO, {"max_new_tokens": 4}, options={"return_full_text": False, "max_new_tokens": 3}, base=greedy)
    hole = {"handle_long_generation": "hole"}
    narrow = {"tokenizer_options": {"model_max_length": 32}}
    long = CHINESE * 4
    yield made(long, hole, **narrow)
    yield made(long, {**hole, "max_new_tokens": 31}, **narrow)
    yield made(long, {**hole, "max_new_tokens": 32}, **narrow)
    yield made(HELLO, hole, **narrow)
    yield made(HELLO, {"handle_long_generation": "cut"})
    yield made(HELLO, {**hole, "max_length": 30}, base=greedy, config=own, generation_config={"max_length": 25}, **narrow)
    yield made(long, hole, base=greedy, generation_config={"max_length": 25}, config=own, **narrow)
    # How long an answer is when max_new_tokens is not in the call.
    for fields in ({"max_length": 14}, {"max_length": 20}, {"max_new_tokens": 4}, {"num_beams": 2, "max_length": 14},
                   {"max_length": 14, "prefix": "的"}, {"max_length": 14, "repetition_penalty": 3.0}):
        config = {"task_specific_params": {task: fields}}
        yield made(HELLO, base=greedy, config=config)
        if "prefix" not in fields:
            yield made(HELLO, base=greedy, config=own, generation_config=fields)
            yield made(HELLO, base=greedy, config=own, options=fields)
    yield made(HELLO, {"prefix": "的 "}, base=greedy, config=own, generation_config={"max_length": 14})
    yield made(HELLO, base=six, config={**own, "prefix": "的 "})
    yield made(HELLO, {"prefix": ""}, base=six, config={**own, "prefix": "的 "})
    yield made(HELLO, {"prefix": None}, base=six, config={**own, "prefix": "的 "})
    yield made(HELLO, base=six, config={"task_specific_params": {task: {"prefix": "的 "}}})
    yield made(HELLO, base=six, config={"task_specific_params": {"summarization": {"prefix": "的 "}}})
    yield made(HELLO, {"max_new_tokens": None, "max_length": 12}, base=greedy)
    yield made(HELLO, {"max_new_tokens": None, "max_length": 12, "prefix": "的 "}, base=greedy)
    yield made([{"role": "user", "content": HELLO}])
    yield made(HELLO, {"max_new_tokens": 2, "return_dict_in_generate": True, "output_scores": True, "output_logits": True})
    yield made(HELLO, {"return_dict_in_generate": True, "num_beams": 2, "num_return_sequences": 2})
    ending = {"sequence_bias": [[[6], 100.0]], "eos_token_id": 6, "max_new_tokens": 12}
    yield made(HELLO, {**ending, "min_length": 14})
    yield made(HELLO, {**ending, "min_length": 14, "prefix": "的 "})
    yield made(HELLO, {**ending, "min_new_tokens": 3, "prefix": "的 "})
    yield made(HELLO, {"stop_strings": ["进", "前"]}, base={**greedy, "max_new_tokens": 20})
    yield made(HELLO, {"generation_config": {"max_new_tokens": 5, "eos_token_id": 152}}, base={})
    yield made(HELLO, {"generation_config": {"max_new_tokens": 5}, "max_new_tokens": 3}, base={})
    # Hugging Face's defaults draw at random.
    yield made(HELLO, base={"max_new_tokens": 12}, seed=1)
    yield made(TEXTS[:3], base={"max_new_tokens": 12}, seed=2)
    yield made(TEXTS[:3], base={"max_new_tokens": 12, "batch_size": 3, "top_p": 0.9}, seed=3)
    yield made(HELLO, base={"max_new_tokens": 8, "num_return_sequences": 3, "temperature": 1.5}, seed=4)


def shipped():
    poet, critic, masked = (f"../../checkpoints/{name}" for name in
                            ("gpt2-tang-poetry", "bert-tiny-sentiment-zh", "bert-tiny-mlm-zh"))
    greedy = {"do_sample": False, "max_new_tokens": 48}
    poem = {**greedy, "prefix": "[CLS]", "add_special_tokens": False}
    reviews = ["这家酒店非常好，下次还来。", "房间又小又脏，服务态度极差。", "位置方便，离地铁站很近"]
    for tokenizer in (SLOW, FAST):
        yield call("text-generation", poet, "床前明月光，", poem, tokenizer)
        yield call("text-generation", poet, ["秋夜：", "春眠不觉晓，"], {**poem, "batch_size": 2}, tokenizer)
        yield call("text-generation", poet, "白日依山尽，", greedy, tokenizer)
        yield call("text-classification", critic, reviews, {"batch_size": 2}, tokenizer)
        yield call("fill-mask", masked, "酒店的服[MASK]态度很好。", {}, tokenizer)
    yield call("text-generation", poet, "登高：", {**poem, "num_beams": 3, "num_return_sequences": 2})
    yield call("text-generation", poet, "登高：", {**poem, "repetition_penalty": 1.3, "return_full_text": False})
    yield call("text-classification", critic, {"text": reviews[0], "text_pair": reviews[1]}, {"top_k": None})
    yield call("zero-shot-classification", critic, reviews[0], {"candidate_labels": ["酒店", "电脑", "小说"]})
    yield call("fill-mask", masked, ["房间很[MASK]净，位置也方便。", "性价[MASK]很[MASK]。"], {"top_k": 3, "batch_size": 2})
    yield call("fill-mask", masked, "早餐太[MASK]了，非常失望。", {"targets": ["差", "好", "少", "丰富"]})
    # Sampled, and with heads that the folders do not have.
    for seed in (1, 2):
        yield call("text-generation", poet, "秋夜：", {**poem, "do_sample": True, "top_k": 20}, seed=seed)
    yield call("text-generation", poet, ["江雪：", "登高："], {**poem, "do_sample": True, "num_return_sequences": 2}, seed=3)
    yield call("text-classification", masked, reviews, {"top_k": None}, seed=5)
    yield call("text-classification", poet, reviews[0], {"top_k": None, "return_token_type_ids": False}, seed=5)
    yield call("token-classification", masked, reviews[0], {"ignore_labels": []}, FAST, seed=6)
    yield call("question-answering", masked, {"question": "什么好？", "context": reviews[0]}, {"top_k": 2}, FAST, seed=7)
    yield call("zero-shot-classification", masked, reviews[0], {"candidate_labels": ["酒店", "电脑"]}, seed=8)
    for folder in (poet, critic, masked):
        yield call("feature-extraction", folder, "服务很好")
        yield call("feature-extraction", folder, reviews, {"batch_size": 3}, pooling="mean", normalize=True)


def options():
    for part in (classification, fill_mask, features, tokens, answers, zero_shot, generation):
        yield from part()
