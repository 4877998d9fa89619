// Numbers about the server in Prometheus's text format (version 0.0.4).

/** Upper bounds of seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

interface Durations {
  /** How many took at most each of the bounds, and how many there were. */
  readonly counts: number[]
  sum: number
}

/** A number as it is now. */
export interface Gauge {
  readonly name: string
  readonly help: string
  readonly value: number
  /** A number that only grows. */
  readonly isCounter?: boolean
}

export class Metrics {
  readonly #requests = new Map<string, number>()
  readonly #durations = new Map<string, Durations>()
  #cancelled = 0
  #tokens = 0
  #restarts = 0

  /** An answered request. `status` 0 is a client that went away. */
  answered(route: string, status: number, seconds: number): void {
    if (status === 0) this.#cancelled++
    const key = `route="${route}",status="${status === 0 ? 'cancelled' : status}"`
    this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1)
    const durations = this.#durations.get(route) ?? { counts: bounds.map(() => 0).concat(0), sum: 0 }
    this.#durations.set(route, durations)
    for (const [i, bound] of [...bounds, Infinity].entries()) if (seconds <= bound) durations.counts[i]!++
    durations.sum += seconds
  }

  generated(tokens: number): void {
    this.#tokens += tokens
  }

  restarted(): void {
    this.#restarts++
  }

  /** Everything as text, with gauges of the moment. */
  text(gauges: readonly Gauge[]): string {
    const counters: Gauge[] = [
      { name: 'cancelled_total', help: 'Requests whose client went away.', value: this.#cancelled, isCounter: true },
      { name: 'generated_tokens_total', help: 'Tokens that streams generated.', value: this.#tokens, isCounter: true },
      {
        name: 'engine_restarts_total',
        help: 'Deaths of the computing thread.',
        value: this.#restarts,
        isCounter: true,
      },
    ]
    const lines = [
      ...head('requests_total', 'Answered requests.', 'counter'),
      ...Array.from(this.#requests, ([labels, count]) => `vitrine_requests_total{${labels}} ${count}`),
      ...head('request_duration_seconds', 'From the request to the end of its answer.', 'histogram'),
      ...Array.from(this.#durations, ([route, durations]) => histogram(route, durations)).flat(),
      ...[...counters, ...gauges].flatMap(({ name, help, value, isCounter }) => [
        ...head(name, help, isCounter ? 'counter' : 'gauge'),
        `vitrine_${name} ${value}`,
      ]),
    ]
    return `${lines.join('\n')}\n`
  }
}

function head(name: string, help: string, type: string): string[] {
  return [`# HELP vitrine_${name} ${help}`, `# TYPE vitrine_${name} ${type}`]
}

function histogram(route: string, { counts, sum }: Durations): string[] {
  const name = 'vitrine_request_duration_seconds'
  const buckets = [...bounds, '+Inf'].map((bound, i) => `${name}_bucket{route="${route}",le="${bound}"} ${counts[i]}`)
  return [...buckets, `${name}_sum{route="${route}"} ${sum}`, `${name}_count{route="${route}"} ${counts.at(-1)}`]
}
