// PyTorch with Hugging Face's own models, in a Python process: torch_engine.py speaks the same protocol.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../subjects/cache.ts'
import type { Peer } from './engine.ts'
import { notInstalled, pythonIn } from './installed.ts'

export const torch: Peer = {
  name: 'torch',
  models: ['gpt2', 'bert'],
  dtypes: ['float32', 'bfloat16', 'int8'],
  missing() {
    const program = python()
    if (!existsSync(program)) return `${notInstalled('torch')}, or VITRINE_TORCH_PYTHON=PATH names a Python that has it`
    const { status, stderr } = spawnSync(program, ['-c', 'import torch, transformers'], { encoding: 'utf8' })
    return status === 0 ? undefined : `${program} cannot import it: ${stderr.trim().split('\n').at(-1)}`
  },
  command: () => [python(), join(root, 'bench', 'peers', 'torch_engine.py')],
  environment: ({ threads }) => ({ OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) }),
}

function python(): string {
  return process.env.VITRINE_TORCH_PYTHON ?? pythonIn('torch')
}
