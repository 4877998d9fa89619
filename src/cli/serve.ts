// vitrine serve: models behind HTTP until somebody ends it.
import { type Command, Option } from 'commander'
import type { BackendName } from '../backend.ts'
import { backendNames } from '../backends/index.ts'
import { ConfigError } from '../errors.ts'
import type { Task } from '../pipelines/pipeline.ts'
import type { ModelPlace } from '../serve/engine/messages.ts'
import { modelPlaces } from '../serve/modelPlaces.ts'
import { type RunningServer, serve } from '../serve/server.ts'
import { wholeNumber } from './options.ts'
import { critic, guesser, poet, shippedFolder } from './shipped.ts'
import { aside, complain, note } from './terminal.ts'

interface ServeCommandOptions {
  port: number
  host: string
  token?: string
  backend: BackendName
  parallel: number
  queue: number
  bodyLimit: number
  allowHost: string[]
  task?: string[]
  drain: number
  log: boolean
}

/** Who ends the program, and how: `stopped` is told of each signal. */
export interface Stopping {
  onStop(stop: (signal: NodeJS.Signals) => void): void
}

export function addServe(program: Command, stopping: Stopping): void {
  program
    .command('serve')
    .description("answer Hugging Face's inference API and OpenAI's completions and embeddings on this machine")
    .argument(
      '[folders...]',
      'model folders or names on the hub, or NAME=FOLDER (default: the three models that ship with vitrine)',
    )
    .option('-p, --port <n>', 'where to listen; 0 takes any that is free', wholeNumber(0), 8080)
    .option('--host <address>', 'who may call: 127.0.0.1 is this machine alone, 0.0.0.0 everybody', '127.0.0.1')
    .addOption(new Option('--token <text>', 'requests must carry it as a Bearer token').env('VITRINE_TOKEN'))
    .addOption(new Option('--backend <name>', 'where to compute').choices(backendNames).default('wasm'))
    .option('--task <name=task...>', 'what a model does, where its config does not say')
    .option('--parallel <n>', 'requests that take turns', wholeNumber(1), 4)
    .option('--queue <n>', 'requests that may wait; the next one gets 503', wholeNumber(0), 64)
    .option('--body-limit <bytes>', 'the most bytes of a request', wholeNumber(1), 2 ** 20)
    .option('--allow-host <names...>', 'names that requests may call this server beside localhost', [])
    .option('--drain <seconds>', 'how long running requests may take at the end', wholeNumber(0), 10)
    .option('--log', 'a line for each request on stderr', false)
    .addHelpText('after', examples)
    .action((folders: string[], options: ServeCommandOptions) => run(folders, options, stopping))
}

const examples = `
Examples:
  vitrine serve
  vitrine serve ./bert-base-chinese chat=./gpt2-chinese --port 8000
  VITRINE_TOKEN=secret vitrine serve --host 0.0.0.0 --allow-host models.example.org
  curl http://127.0.0.1:8080/models/${critic} -H 'Content-Type: application/json' -d '{"inputs": "很好"}'`

async function run(folders: string[], options: ServeCommandOptions, stopping: Stopping): Promise<void> {
  const { drain, log, task = [], allowHost: allowedHosts, ...settings } = options
  const models = folders.length > 0 ? folders : [poet, critic, guesser].map(name => shippedFolder(name))
  const server = await serve(withTasks(modelPlaces(models), task), {
    ...settings,
    allowedHosts,
    onFault: error => complain('error', error instanceof Error ? (error.stack ?? error.message) : String(error)),
    ...(log && {
      onRequest: ({ method, url, status, seconds }) =>
        aside(`${method} ${url} ${status || 'cancelled'} ${Math.round(1000 * seconds)} ms`),
    }),
  })
  note(`vitrine serves at ${server.url}`)
  const stopped = new Promise<void>(resolve => {
    stopping.onStop(signal => {
      aside(`${signal}: finishing what is running`)
      resolve()
    })
  })
  try {
    await Promise.race([announced(server), server.failure, stopped])
    await Promise.race([server.failure, stopped])
  } finally {
    await server.close({ seconds: drain })
  }
}

async function announced(server: RunningServer): Promise<void> {
  for (const { name, tasks, seconds } of await server.ready()) {
    aside(`loaded ${name} in ${Math.round(1000 * seconds)} ms: ${tasks.join(', ')}`)
  }
}

/** Throws ConfigError NO_MODEL for a name that is not served. */
function withTasks(places: readonly ModelPlace[], given: readonly string[]): ModelPlace[] {
  const tasks = new Map(given.map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
  const strange = [...tasks.keys()].find(name => places.every(place => place.name !== name))
  if (strange !== undefined) throw new ConfigError('NO_MODEL', `--task: no model is called '${strange}'`)
  // The thread that loads it refuses what is no task.
  return places.map(place => (tasks.has(place.name) ? { ...place, task: tasks.get(place.name) as Task } : place))
}
