// Loading for the commands: the pipeline of a task, and on stderr how long that took.
import { performance } from 'node:perf_hooks'
import { type PipelineOptions, type Pipelines, pipeline, type Task } from '../pipelines/pipeline.ts'
import type { SharedOptions } from './options.ts'
import { downloadProgress } from './progress.ts'
import { aside } from './terminal.ts'

/** `name` is a folder or a name on the hub. Throws what pipeline() throws. `seed` is that of a head that the folder does not have. */
export async function load<T extends Task>(
  task: T,
  name: string,
  { backend, dtype, seed }: Pick<SharedOptions, 'backend' | 'dtype'> & { seed?: number },
): Promise<Pipelines[T]> {
  const start = performance.now()
  const options = {
    backend,
    progress_callback: downloadProgress(),
    ...(dtype !== undefined && { dtype }),
    ...(seed !== undefined && { seed }),
  }
  // Without options of the task its pipeline is the usual one, which the compiler does not see.
  const loaded = (await pipeline<Task, PipelineOptions<Task>>(task, name, options)) as Pipelines[T]
  aside(`loaded ${name} in ${Math.round(performance.now() - start)} ms`)
  return loaded
}
