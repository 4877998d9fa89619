// The verdicts of a run where readers find them: in bench/results, and as the table of bench/README.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeMachine } from '../harness/machine.ts'
import { root } from '../subjects/cache.ts'
import { accuracyText, type NoVerdict, type Verdict } from './accuracy.ts'

/** What encloses the table in bench/README.md. */
const [begin, end] = ['<!-- accuracy: written by npm run bench -- accuracy --save -->\n\n', '\n<!-- end -->']

/** bench/results/accuracy.json, and the table between its two marks. Throws when they are not there. */
export function keepVerdicts(verdicts: readonly (Verdict | NoVerdict)[]): void {
  const results = join(root, 'bench', 'results')
  mkdirSync(results, { recursive: true })
  const run = { machine: describeMachine(), verdicts }
  writeFileSync(join(results, 'accuracy.json'), `${JSON.stringify(run, null, 2)}\n`)
  const path = join(root, 'bench', 'README.md')
  const text = readFileSync(path, 'utf8')
  const [start, stop] = [text.indexOf(begin) + begin.length, text.indexOf(end)]
  if (start < begin.length || stop < start) throw new Error(`${path} has no place for the table of accuracy`)
  writeFileSync(path, text.slice(0, start) + accuracyText(verdicts, 'markdown') + text.slice(stop))
}
