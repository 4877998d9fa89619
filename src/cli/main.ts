#!/usr/bin/env node
// The command line: its commands, and what happens when they end.
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { VitrineError } from '../errors.ts'
import { addAsk } from './ask.ts'
import { addCache } from './cache.ts'
import { addClassify } from './classify.ts'
import { addConvert } from './convert.ts'
import { addDemo } from './demo.ts'
import { addDoctor } from './doctor.ts'
import { addDownload } from './download.ts'
import { addEmbed } from './embed.ts'
import { addFill } from './fill.ts'
import { addGenerate } from './generate.ts'
import { addInspect } from './inspect.ts'
import { addNer } from './ner.ts'
import { addPrint } from './print.ts'
import { addProfile } from './profile.ts'
import { addServe } from './serve.ts'
import { complain } from './terminal.ts'

/** Exit codes. */
const failure = 1
const usage = 2
const interrupted = 130

const interrupt = new AbortController()
/** A command that ends by itself when it is asked to; the others are ended. */
let stop: ((signal: NodeJS.Signals) => void) | undefined

function buildProgram(): Command {
  const program = new Command('vitrine')
    .description('GPT-2 and BERT behind glass: run Hugging Face models and see inside')
    .version(packageVersion())
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for the options)')
  addGenerate(program, interrupt.signal)
  addClassify(program)
  addFill(program)
  addEmbed(program)
  addNer(program)
  addAsk(program)
  addPrint(program)
  addInspect(program)
  addConvert(program)
  addProfile(program)
  addDemo(program, interrupt.signal)
  addServe(program, {
    onStop: whenStopped => {
      stop = whenStopped
    },
  })
  addDownload(program)
  addCache(program, interrupt.signal)
  addDoctor(program)
  return program
}

function packageVersion(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const parsed: unknown = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'))
      if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return String(parsed.version)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }
  return 'unknown'
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usage
  if (interrupt.signal.aborted) return interrupted
  const isKnown = error instanceof VitrineError || (error instanceof Error && 'code' in error)
  complain('error', isKnown ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error))
  return failure
}

// This process is ours alone, so V8's flags may make the kernels faster; VITRINE_V8_FLAGS=0 says no.
process.env.VITRINE_V8_FLAGS ??= '1'
// The library's warnings as lines of ours, without Node's prefix.
process.removeAllListeners('warning')
process.on('warning', warning => {
  if (warning.name === 'VitrineWarning') complain('warning', warning.message)
})
// A reader such as `head` may close its end early: that is no failure.
process.stdout.on('error', (error: Error & { code?: string }) => {
  process.exit(error.code === 'EPIPE' ? 0 : failure)
})
process.once('SIGINT', () => {
  interrupt.abort()
  if (stop) {
    // Whoever asks twice does not wait.
    process.once('SIGINT', () => process.exit(interrupted))
    stop('SIGINT')
    process.exitCode = interrupted
    return
  }
  // What does not look at the signal, such as loading, ends with the process.
  setTimeout(() => process.exit(interrupted), 200).unref()
})
process.once('SIGTERM', () => {
  if (stop) stop('SIGTERM')
  else process.kill(process.pid, 'SIGTERM')
})

try {
  await buildProgram().parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
}
