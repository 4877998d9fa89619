// Loading for the commands: the pipeline of a task, and on stderr how long that took.
import { performance } from 'node:perf_hooks'
import { type PipelineOptions, type Pipelines, pipeline, type Task } from '../pipelines/pipeline.ts'
import type { SharedOptions } from './options.ts'
import { aside } from './terminal.ts'

/** Throws what pipeline() throws. `seed` is that of a head that the folder does not have. */
export async function load<T extends Task>(
  task: T,
  folder: string,
  { backend, seed }: Pick<SharedOptions, 'backend'> & { seed?: number },
): Promise<Pipelines[T]> {
  const start = performance.now()
  const options = { backend, ...(seed !== undefined && { seed }) } as PipelineOptions<T>
  const loaded = await pipeline(task, folder, options)
  aside(`loaded ${folder} in ${Math.round(performance.now() - start)} ms`)
  return loaded
}
