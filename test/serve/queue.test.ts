// The queue: so many at once, so many waiting, in order, and nobody who went away is worked for.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JobQueue } from '../../src/serve/queue.ts'

const never = new AbortController().signal

/** A job that ends when it is told to. */
function held() {
  let end = (_: string) => {}
  let isRunning = false
  const job = (): Promise<string> =>
    new Promise(resolve => {
      isRunning = true
      end = resolve
    })
  return { job, end: (value = 'done') => end(value), isRunning: () => isRunning }
}

const turns = () => new Promise(resolve => setTimeout(resolve, 0))

test('jobs run in the order they came, no more at once than is allowed', async () => {
  const queue = new JobQueue({ parallel: 2, capacity: 9 })
  const jobs = [held(), held(), held(), held()]
  const results = jobs.map(({ job }) => queue.run(job, never))
  await turns()
  expect(jobs.map(({ isRunning }) => isRunning())).toEqual([true, true, false, false])
  expect([queue.running, queue.waiting]).toEqual([2, 2])
  jobs[1]!.end('second')
  expect(await results[1]).toBe('second')
  await turns()
  expect(jobs.map(({ isRunning }) => isRunning())).toEqual([true, true, true, false])
  for (const { end } of jobs) end()
  await turns()
  jobs[3]!.end()
  await Promise.all(results)
  expect([queue.running, queue.waiting, queue.refused]).toEqual([0, 0, 0])
})

test('a full queue refuses with 503 and says when to come again', async () => {
  const queue = new JobQueue({ parallel: 1, capacity: 1 })
  const [first, second] = [held(), held()]
  const results = [queue.run(first.job, never), queue.run(second.job, never)]
  const refused = queue.run(async () => 'third', never)
  await expect(refused).rejects.toMatchObject({ code: 'QUEUE_FULL', status: 503, headers: { 'Retry-After': '1' } })
  expect(queue.refused).toBe(1)
  first.end()
  await results[0]
  await turns()
  second.end()
  await results[1]
  expect(await queue.run(async () => 'later', never)).toBe('later')
})

test('who goes away while waiting leaves the queue; the reason is the signal’s', async () => {
  const queue = new JobQueue({ parallel: 1, capacity: 2 })
  const [first, second] = [held(), held()]
  const running = queue.run(first.job, never)
  const gone = new AbortController()
  const waiting = queue.run(second.job, gone.signal)
  const after = queue.run(async () => 'after', never)
  gone.abort(new Error('gone'))
  await expect(waiting).rejects.toThrow('gone')
  expect(queue.waiting).toBe(1)
  first.end()
  expect([await running, await after, second.isRunning()]).toEqual(['done', 'after', false])
  await expect(queue.run(async () => 'x', AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
})

test('a job that fails frees its place', async () => {
  const queue = new JobQueue({ parallel: 1, capacity: 0 })
  const fail = () => Promise.reject(new Error('no'))
  await expect(queue.run(fail, never)).rejects.toThrow('no')
  expect(await queue.run(async () => 'yes', never)).toBe('yes')
})

test('drain waits for what is there, and refuses what comes', async () => {
  const queue = new JobQueue({ parallel: 1, capacity: 2 })
  const [first, second] = [held(), held()]
  const gone = new AbortController()
  const running = queue.run(first.job, never)
  const waiting = queue.run(second.job, gone.signal)
  let isDrained = false
  const drained = queue.drain().then(() => {
    isDrained = true
  })
  await expect(queue.run(async () => 'x', never)).rejects.toMatchObject({ code: 'SHUTTING_DOWN', status: 503 })
  first.end()
  await running
  await turns()
  expect(isDrained).toBe(false)
  second.end()
  await waiting
  await drained
  await queue.drain()
})

test('whatever comes and goes, every job is done, refused or left, and nothing remains', async () => {
  const arrivals = fc.array(fc.record({ leaves: fc.boolean(), steps: fc.nat(3), fails: fc.boolean() }), {
    maxLength: 40,
  })
  await fc.assert(
    fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 4 }), fc.nat(6), async (list, parallel, capacity) => {
      const queue = new JobQueue({ parallel, capacity })
      let most = 0
      const results = list.map(({ leaves, steps, fails }) => {
        const controller = new AbortController()
        const job = async (): Promise<string> => {
          most = Math.max(most, queue.running)
          for (let i = 0; i < steps; i++) await turns()
          if (fails) throw new Error('failed')
          return 'done'
        }
        const result = queue.run(job, controller.signal)
        if (leaves) controller.abort(new Error('left'))
        return result.catch((error: Error & { code?: string }) => error.code ?? error.message)
      })
      const outcomes = await Promise.all(results)
      expect(outcomes.every(outcome => ['done', 'failed', 'left', 'QUEUE_FULL'].includes(outcome))).toBe(true)
      expect(most).toBeLessThanOrEqual(parallel)
      expect([queue.running, queue.waiting]).toEqual([0, 0])
    }),
    { numRuns: 60, seed: 20261125 },
  )
})
