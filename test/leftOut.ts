// Says at the end of a test run what was left out because it is not installed here. With VITRINE_TEST_TFJS=1 nothing may be.
import { tfjsMissing } from './backends.ts'

const missing = tfjsMissing()

export function setup(): void {
  if (missing !== undefined && process.env.VITRINE_TEST_TFJS === '1') throw new Error(missing)
}

export function teardown(): void {
  if (missing !== undefined) process.stderr.write(`\nThe tests on the back end 'tfjs' were LEFT OUT: ${missing}\n`)
}
