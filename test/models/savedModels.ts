// Models of many kinds, made and saved in fixed ways: what the tests of save_pretrained and scripts/golden/saved.py look at.
import {
  type Backend,
  BertConfig,
  BertForMaskedLM,
  BertForPreTraining,
  BertForSequenceClassification,
  BertLMHeadModel,
  GPT2LMHeadModel,
  type PreTrainedModel,
  type SavePretrainedOptions,
} from '../../src/index.ts'
import { goldenPath } from '../golden.ts'

export interface SavedModel {
  readonly options?: SavePretrainedOptions
  make(backend: Backend): Promise<PreTrainedModel>
}

const weights = (name: string): string => goldenPath(`weights/${name}`)

/** By the name of the folder. */
export const savedModels: Readonly<Record<string, SavedModel>> = {
  'gpt2-whole': { make: backend => GPT2LMHeadModel.from_pretrained(weights('gpt2-lm'), { backend }) },
  'gpt2-sharded': {
    options: { max_shard_size: '60KB' },
    make: backend => GPT2LMHeadModel.from_pretrained(weights('gpt2-lm/bin'), { backend }),
  },
  'gpt2-variant': {
    options: { variant: 'fp32' },
    make: backend => GPT2LMHeadModel.from_pretrained(weights('gpt2-lm/f16'), { backend }),
  },
  'gpt2-untied': { make: backend => GPT2LMHeadModel.from_pretrained(weights('gpt2-untied'), { backend }) },
  'gpt2-resized': {
    async make(backend) {
      const model = await GPT2LMHeadModel.from_pretrained(weights('gpt2-lm'), { backend })
      model.resize_token_embeddings(240)
      return model
    },
  },
  'gpt2-pruned': {
    async make(backend) {
      const model = await GPT2LMHeadModel.from_pretrained(weights('gpt2-lm'), { backend })
      model.prune_heads({ 0: [1], 1: [0, 3] })
      return model
    },
  },
  'bert-mlm': { make: backend => BertForMaskedLM.from_pretrained(weights('bert-mlm'), { backend }) },
  'bert-decoder': {
    options: { max_shard_size: 50_000 },
    make: backend => BertLMHeadModel.from_pretrained(weights('bert-decoder'), { backend }),
  },
  'bert-labels': {
    make: backend =>
      BertForSequenceClassification.from_pretrained(weights('bert-seqcls'), {
        backend,
        num_labels: 3,
        ignore_mismatched_sizes: true,
        seed: 4,
      }),
  },
  'bert-fresh': {
    async make(backend) {
      const sizes = {
        hidden_size: 16,
        num_hidden_layers: 2,
        num_attention_heads: 2,
        intermediate_size: 24,
        vocab_size: 120,
      }
      return BertForPreTraining.from_config(new BertConfig({ ...sizes, max_position_embeddings: 20 }), {
        backend,
        seed: 3,
      })
    },
  },
}
