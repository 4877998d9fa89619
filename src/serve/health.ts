// What load balancers and Prometheus ask.
import type { ServeContext } from './context.ts'
import type { Exchange } from './exchange.ts'
import type { Gauge } from './metrics.ts'

/** GET /healthz: 200 when requests will be answered; 503 while models load, when one cannot, and before the end. */
export function answerHealth({ engine, isDraining }: ServeContext, exchange: Exchange): void {
  const models = Object.fromEntries(
    engine.models.map(({ place, facts, error }) => [place.name, facts ? 'loaded' : error ? 'failed' : 'loading']),
  )
  const isLoaded = engine.models.every(({ facts }) => facts)
  const status = isDraining ? 'draining' : isLoaded ? 'ok' : 'loading'
  exchange.json(status === 'ok' ? 200 : 503, { status, models })
}

/** GET /livez: 200 as long as the process is there. */
export function answerLife(_: ServeContext, exchange: Exchange): void {
  exchange.json(200, { status: 'alive' })
}

/** GET /metrics. */
export function answerMetrics({ engine, queue, metrics, created }: ServeContext, exchange: Exchange): void {
  const { tensors, bytes } = engine.memory
  const loaded = engine.models.filter(({ facts }) => facts).length
  const gauges: Gauge[] = [
    { name: 'queue_running', help: 'Requests that are worked on.', value: queue.running },
    { name: 'queue_waiting', help: 'Requests that wait.', value: queue.waiting },
    { name: 'queue_refused_total', help: 'Refused: the queue was full.', value: queue.refused, isCounter: true },
    { name: 'models_loaded', help: 'Models that can be asked.', value: loaded },
    { name: 'engine_tensors', help: 'Tensors of the computing thread.', value: tensors },
    { name: 'engine_memory_bytes', help: 'Memory of these tensors.', value: bytes },
    { name: 'process_resident_memory_bytes', help: 'Memory of the process.', value: process.memoryUsage.rss() },
    { name: 'start_time_seconds', help: 'When the server was started.', value: created },
  ]
  exchange.text(200, metrics.text(gauges), 'text/plain; version=0.0.4; charset=utf-8')
}
