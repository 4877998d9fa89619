// vitrine doctor: what was found on this machine, for people with a question and for reports of faults.
import { availableParallelism, cpus, totalmem } from 'node:os'
import type { Command } from 'commander'
import { tfjsFacts } from '../backends/tfjs/facts.ts'
import { WasmBackend } from '../backends/wasm/wasm.ts'
import { VitrineError } from '../errors.ts'
import { answer } from './terminal.ts'

type Fact = string | number | boolean

/** One subject: a title, and its facts by name. Add a function to the list and it is in the answer. */
interface Section {
  readonly title: string
  readonly facts: Readonly<Record<string, Fact>>
}

const sections: readonly (() => Section | Promise<Section>)[] = [machine, engine, tfjs]

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'say what was found on this machine: Node, processor, the kernels and threads in use, the back end tfjs',
    )
    .option('--json', 'print the answer as JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      const found: Section[] = []
      for (const section of sections) found.push(await section())
      answer(
        json
          ? `${JSON.stringify(Object.fromEntries(found.map(({ title, facts }) => [title, facts])))}\n`
          : tableOf(found),
      )
    })
}

function tableOf(found: readonly Section[]): string {
  const width = Math.max(...found.flatMap(({ facts }) => Object.keys(facts).map(name => name.length)))
  const rows = found.map(({ title, facts }) => {
    const lines = Object.entries(facts).map(([name, fact]) => `  ${name.padEnd(width)}  ${wordFor(fact)}\n`)
    return `${title}\n${lines.join('')}`
  })
  return rows.join('\n')
}

function wordFor(fact: Fact): string {
  return typeof fact === 'boolean' ? (fact ? 'yes' : 'no') : String(fact)
}

function machine(): Section {
  const { versions, platform, arch } = process
  return {
    title: 'machine',
    facts: {
      node: versions.node,
      v8: versions.v8,
      platform: `${platform} ${arch}`,
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    },
  }
}

/** What the back end wasm has chosen here, as the other commands run it. */
async function engine(): Promise<Section> {
  try {
    using backend = WasmBackend.open()
    await backend.startThreads()
    return { title: 'wasm', facts: { ...backend.facts, 'threads started': backend.runningThreads } }
  } catch (error) {
    if (!(error instanceof VitrineError)) throw error
    return { title: 'wasm', facts: { missing: error.message } }
  }
}

function tfjs(): Section {
  const found = tfjsFacts()
  if (!found.isThere) return { title: 'tfjs', facts: { missing: found.message } }
  const { tfjsNode, libtensorflow, oneDnn, folder } = found
  return { title: 'tfjs', facts: { 'tfjs-node': tfjsNode, libtensorflow, oneDNN: oneDnn ? 'on' : 'off', folder } }
}
