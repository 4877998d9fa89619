// vitrine convert: pytorch_model.bin of a folder as model.safetensors beside it. Nothing in the file is run.
import type { Command } from 'commander'
import { convertWeights } from '../checkpoint/convertWeights.ts'
import { byteCount } from '../checkpoint/shardPlan.ts'
import { byteProgress } from './byteProgress.ts'
import { answer } from './terminal.ts'

interface ConvertCommandOptions {
  maxShardSize?: string
  variant?: string
  force: boolean
  json: boolean
}

export function addConvert(program: Command): void {
  program
    .command('convert')
    .description(
      'write model.safetensors beside the pytorch_model.bin of a folder, without Python and without running it',
    )
    .argument('<folder>', 'folder with pytorch_model.bin, or several of them and their index')
    .option('--max-shard-size <size>', 'write several files of at most this size, such as 500MB, and their index')
    .option('--variant <name>', 'weights of another kind: fp16 reads pytorch_model.fp16.bin')
    .option('--force', 'replace safetensors that are there', false)
    .option('--json', 'print the paths of the files as JSON', false)
    .addHelpText('after', examples)
    .action((folder: string, { maxShardSize, variant, force, json }: ConvertCommandOptions) => {
      const written = convertWeights(folder, {
        overwrite: force,
        onProgress: byteProgress('writing'),
        ...(variant !== undefined && { variant }),
        ...(maxShardSize !== undefined && { max_shard_size: sizeOf(maxShardSize) }),
      })
      answer(json ? `${JSON.stringify(written)}\n` : written.map(path => `${path}\n`).join(''))
    })
}

function sizeOf(text: string): number {
  return byteCount(/^\d+$/.test(text) ? Number(text) : text, '--max-shard-size')
}

const examples = `
Examples:
  vitrine convert ./gpt2-chinese-cluecorpussmall
  vitrine convert ./large-model --max-shard-size 2GB`
