// vitrine cache: what lies in the cache of models that this program and Python share, and taking it out.
import type { Command } from 'commander'
import { cachedModel, removalOf } from '../hub/cacheRemoval.ts'
import { type CachedModel, scanCache } from '../hub/cacheScan.ts'
import { type Finding, type Verification, verifyModel } from '../hub/cacheVerification.ts'
import { hubSettings } from '../hub/settings.ts'
import { sizeText } from '../hub/sizeText.ts'
import { answer, note } from './terminal.ts'

interface CacheOptions {
  cacheDir?: string
  json?: boolean
}

interface RemoveOptions extends CacheOptions {
  revision?: string
  dryRun?: boolean
}

export function addCache(program: Command, signal: AbortSignal): void {
  const cache = program.command('cache').description('look at the cache of models, check it, and take models out')
  const command = (name: string): Command =>
    cache
      .command(name)
      .option('--cache-dir <folder>', 'the cache (default: HF_HUB_CACHE, HF_HOME/hub or ~/.cache/huggingface/hub)')
      .option('--json', 'print the answer as JSON')
  command('ls').description('list the models: name, size, files, revisions').action(list)
  command('rm')
    .description('remove models, or one revision of a model')
    .argument('<names...>', 'names of models')
    .option('--revision <name>', 'only this commit, branch or tag')
    .option('--dry-run', 'say what would be removed, and remove nothing')
    .action(remove)
  command('verify')
    .description('read every file and compare its hash; exit code 1 when one is damaged')
    .argument('[names...]', 'names of models (default: all)')
    .action((names: string[], options: CacheOptions) => verify(names, options, signal))
  command('where')
    .description('print the folder of the cache, or of a model in it')
    .argument('[name]', 'name of a model')
    .action(where)
  cache.addHelpText('after', examples)
}

const examples = `
Examples:
  vitrine cache ls
  vitrine cache rm uer/gpt2-chinese-cluecorpussmall --dry-run
  vitrine cache verify
  vitrine cache where google-bert/bert-base-chinese`

const folderOf = ({ cacheDir }: CacheOptions): string => hubSettings(cacheDir ? { cache_dir: cacheDir } : {}).cacheDir

const asJson = (value: unknown): string => `${JSON.stringify(value)}\n`

function list(options: CacheOptions): void {
  const folder = folderOf(options)
  const models = scanCache(folder)
  if (options.json) {
    answer(asJson({ cache: folder, models }))
    return
  }
  for (const { name, bytes, revisions } of models) {
    const files = revisions.reduce((sum, revision) => sum + revision.files.length, 0)
    answer(`${[name, sizeText(bytes), `${files} files`, revisions.map(revisionText).join(', ')].join('\t')}\n`)
  }
  const total = models.reduce((sum, { bytes }) => sum + bytes, 0)
  note(`${models.length} models, ${sizeText(total)} in ${folder}`)
}

function revisionText({ commit, refs }: CachedModel['revisions'][number]): string {
  return [...refs, commit.slice(0, 8)].join(' = ')
}

async function remove(names: string[], { revision, dryRun = false, ...options }: RemoveOptions): Promise<void> {
  const folder = folderOf(options)
  // All are looked up before the first is removed.
  const removals = names.map(name => removalOf(folder, name, revision))
  if (!dryRun) for (const removal of removals) await removal.run()
  if (options.json) {
    const removed = removals.map(({ name, commit, bytes }) => ({ name, ...(commit && { commit }), bytes }))
    answer(asJson({ cache: folder, isDryRun: dryRun, removed }))
    return
  }
  for (const { name, commit, bytes } of removals) {
    answer(`${[name, ...(commit ? [commit] : []), sizeText(bytes)].join('\t')}\n`)
  }
  note(dryRun ? 'nothing was removed' : `removed from ${folder}`)
}

async function verify(names: string[], options: CacheOptions, signal: AbortSignal): Promise<void> {
  const folder = folderOf(options)
  const models = names.length > 0 ? names.map(name => cachedModel(folder, name)) : scanCache(folder)
  const results: Verification[] = []
  for (const model of models) {
    const result = await verifyModel(model, signal)
    results.push(result)
    if (options.json) continue
    const { name, good, findings, unknown, unfinished } = result
    const notes = [
      `${good} good`,
      ...(unknown > 0 ? [`${unknown} without a hash`] : []),
      ...(unfinished > 0 ? [`${sizeText(unfinished)} unfinished`] : []),
      ...(findings.length > 0 ? [`${findings.length} WRONG`] : []),
    ]
    answer(`${name}\t${notes.join(', ')}\n`)
    for (const { path, fault } of findings) answer(`  ${path}\t${faultTexts[fault]}\n`)
  }
  if (options.json) answer(asJson({ cache: folder, models: results }))
  const wrong = results.filter(({ findings }) => findings.length > 0)
  if (wrong.length === 0) return
  process.exitCode = 1
  for (const { name } of wrong) note(`"vitrine download ${name} --force" fetches ${name} again`)
}

const faultTexts: Readonly<Record<Finding['fault'], string>> = {
  damaged: 'is not what the hub announced',
  lost: 'leads to a file that is not there',
  outside: 'leads out of the cache',
}

function where(name: string | undefined, options: CacheOptions): void {
  const folder = folderOf(options)
  if (name === undefined) {
    answer(options.json ? asJson({ cache: folder }) : `${folder}\n`)
    return
  }
  const { revisions, path } = cachedModel(folder, name)
  const latest = revisions.find(({ refs }) => refs.includes('main')) ?? revisions.at(-1)
  const found = latest?.path ?? null
  answer(options.json ? asJson({ cache: folder, name, folder: found }) : `${found ?? path}\n`)
}
