// A model on its way into the computing thread.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { VitrineError } from '../../errors.ts'
import type { LoadedFacts, ModelPlace } from './messages.ts'

/** A first guess where nothing is known, the inference API's. */
const usualSeconds = 20
/** Bytes of weights in a second, on a slow disk. */
const usualRate = 2e8

export class LoadingModel {
  readonly place: ModelPlace
  #ready!: Promise<LoadedFacts>
  #resolve!: (facts: LoadedFacts) => void
  #reject!: (error: VitrineError) => void
  #facts: LoadedFacts | undefined
  #error: VitrineError | undefined
  #since = 0
  /** How long it took the last time. */
  #seconds: number

  constructor(place: ModelPlace) {
    this.place = place
    this.#seconds = guessedSeconds(place.folder)
    this.#begin()
  }

  /** Its facts, once it is loaded. Rejects with what loading threw. */
  get ready(): Promise<LoadedFacts> {
    return this.#ready
  }

  /** Undefined while it is loading. */
  get facts(): LoadedFacts | undefined {
    return this.#facts
  }

  /** What loading threw. */
  get error(): VitrineError | undefined {
    return this.#error
  }

  /** A guess of the seconds until it is loaded. */
  get estimated_time(): number {
    return Math.max(1, this.#seconds - (Date.now() - this.#since) / 1000)
  }

  loaded(facts: LoadedFacts): void {
    this.#facts = facts
    this.#seconds = facts.seconds
    this.#resolve(facts)
  }

  failed(error: VitrineError): void {
    this.#error = error
    this.#reject(error)
  }

  /** Loading begins once more; those who wait go on waiting. */
  again(): void {
    if (this.#facts) this.#begin()
    else this.#since = Date.now()
    this.#facts = undefined
  }

  #begin(): void {
    this.#since = Date.now()
    this.#ready = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Nobody may be waiting.
    this.#ready.catch(() => {})
  }
}

/** From the size of the weights, where the folder is on this disk. */
function guessedSeconds(folder: string): number {
  try {
    const weights = readdirSync(folder).filter(name => /\.(safetensors|bin)$/.test(name))
    const bytes = weights.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
    return 1 + bytes / usualRate
  } catch {
    return usualSeconds
  }
}
