// vitrine download: a model from the hub into the cache, ahead of its use.
import type { Command } from 'commander'
import { type HubOptions, hubOptions } from '../hub/options.ts'
import { resolveFolder } from '../hub/resolveFolder.ts'
import { sizeText } from '../hub/sizeText.ts'
import { type PlannedFile, Snapshot } from '../hub/snapshot.ts'
import { modelFileNames, type Wanted } from '../hub/wanted.ts'
import { tokenizerFileNames } from '../tokenizers/files/tokenizerFiles.ts'
import { downloadProgress } from './progress.ts'
import { answer, note } from './terminal.ts'

interface DownloadOptions {
  revision?: string
  subfolder?: string
  cacheDir?: string
  token?: string
  force?: boolean
  dryRun?: boolean
  json?: boolean
}

/** Everything that model, tokenizer and generate() ask for. */
const wanted: Wanted = { files: [...modelFileNames, ...tokenizerFileNames], weights: {} }

export function addDownload(program: Command): void {
  program
    .command('download')
    .description('fetch a model from the hub into the cache that Python uses too; prints its folder')
    .argument('<name>', "the model's name on the hub: owner/model")
    .option('--revision <name>', 'a branch, a tag or a commit (default: main)')
    .option('--subfolder <folder>', "a folder inside the model's")
    .option('--cache-dir <folder>', 'the cache (default: HF_HUB_CACHE, HF_HOME/hub or ~/.cache/huggingface/hub)')
    .option('--token <text>', 'for models that are not open to all (default: HF_TOKEN, or the token that was saved)')
    .option('--force', 'fetch again what is there')
    .option('--dry-run', 'say what would be fetched, and fetch nothing')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', examples)
    .action(download)
}

const examples = `
Only the files that are used are fetched: safetensors before pytorch_model.bin. What a broken or interrupted download leaves is resumed.

Examples:
  vitrine download uer/gpt2-chinese-cluecorpussmall
  vitrine download google-bert/bert-base-chinese --dry-run
  HF_ENDPOINT=https://hf-mirror.com vitrine download google-bert/bert-base-chinese`

async function download(name: string, options: DownloadOptions): Promise<void> {
  const { revision, subfolder, cacheDir: cache_dir, token, force: force_download, dryRun, json } = options
  const given: HubOptions = { revision, subfolder, cache_dir, token, force_download } as HubOptions
  const [hub] = hubOptions({ ...given, progress_callback: downloadProgress() })
  if (dryRun) {
    const { commit, files } = await new Snapshot(name, hub).plan(wanted)
    answer(json ? `${JSON.stringify({ name, commit, files })}\n` : planText(files))
    return
  }
  const folder = await resolveFolder(name, hub, wanted)
  answer(json ? `${JSON.stringify({ name, folder })}\n` : `${folder}\n`)
}

function planText(files: readonly PlannedFile[]): string {
  const missing = files.filter(({ isCached }) => !isCached)
  const bytes = missing.reduce((sum, { size }) => sum + size, 0)
  note(`${sizeText(bytes)} in ${missing.length} files to fetch; nothing was fetched`)
  return files
    .map(({ file, size, isCached }) => `${file}\t${sizeText(size)}\t${isCached ? 'there' : 'to fetch'}\n`)
    .join('')
}
