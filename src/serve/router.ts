// Which handler a request goes to.
import type { Handler } from './context.ts'
import { answerHealth, answerLife, answerMetrics } from './health.ts'
import { answerInference } from './inference.ts'
import { answerCompletion, answerEmbeddings, describeModel, listModels, refuseChat } from './openai/answers.ts'
import { ServeError } from './serveError.ts'

export interface Route {
  /** What metrics call it. */
  readonly name: string
  readonly method: 'GET' | 'POST'
  /** The path; its groups go to the handler. */
  readonly path: RegExp
  readonly handle: Handler
  /** Answered without a token. */
  readonly isOpen?: boolean
}

/** Paths of the inference API are also taken behind the prefix that Hugging Face's router has. */
const routes: readonly Route[] = [
  { name: 'healthz', method: 'GET', path: /^\/healthz$/, handle: answerHealth, isOpen: true },
  { name: 'livez', method: 'GET', path: /^\/livez$/, handle: answerLife, isOpen: true },
  { name: 'metrics', method: 'GET', path: /^\/metrics$/, handle: answerMetrics },
  {
    name: 'models',
    method: 'POST',
    path: /^(?:\/hf-inference)?\/models\/(.+?)(?:\/pipeline\/([\w-]+))?$/,
    handle: answerInference,
  },
  {
    name: 'models',
    method: 'POST',
    path: /^\/pipeline\/([\w-]+)\/(.+)$/,
    handle: (context, exchange, [task, model]) => answerInference(context, exchange, [model!, task!]),
  },
  { name: 'completions', method: 'POST', path: /^\/v1\/completions$/, handle: answerCompletion },
  { name: 'embeddings', method: 'POST', path: /^\/v1\/embeddings$/, handle: answerEmbeddings },
  { name: 'v1/models', method: 'GET', path: /^\/v1\/models$/, handle: listModels },
  { name: 'v1/models', method: 'GET', path: /^\/v1\/models\/(.+)$/, handle: describeModel },
  { name: 'chat', method: 'POST', path: /^\/v1\/chat\/completions$/, handle: refuseChat },
]

export interface Routed {
  readonly route: Route
  readonly names: readonly string[]
}

/** Throws ServeError 404 PATH, 405 METHOD. */
export function routed(method: string, url: string): Routed {
  const path = decoded(url.split('?', 1)[0]!)
  const matching = routes.filter(route => route.path.test(path))
  const route = matching.find(route => route.method === method)
  if (route) return { route, names: route.path.exec(path)!.slice(1) }
  if (matching.length === 0) throw new ServeError(404, 'PATH', `there is nothing at ${path.slice(0, 200)}`)
  const allowed = [...new Set(matching.map(route => route.method))].join(', ')
  throw new ServeError(405, 'METHOD', `${path.slice(0, 200)} takes ${allowed}`, { headers: { Allow: allowed } })
}

/** Throws ServeError 404 for a path that cannot be decoded. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new ServeError(404, 'PATH', `there is nothing at ${path.slice(0, 200)}`)
  }
}
