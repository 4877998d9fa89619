// The part of the npm package `benchmark` that is used here; it brings no types of its own.
declare module 'benchmark' {
  export default class Benchmark {
    constructor(name: string, body: () => void, options?: { maxTime?: number; minTime?: number; minSamples?: number })
    /** Runs to the end before it returns. */
    run(options: { async: false }): this
    /** What `body` threw. */
    readonly error?: Error
    /** Seconds of one call, for each sample. */
    readonly stats: { readonly sample: readonly number[] }
  }
}
