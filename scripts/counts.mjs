#!/usr/bin/env node
// Prints `passed failed` of a vitest JSON report: `node scripts/counts.mjs .cache/test-results.json`. Fails without a report.
import { readFileSync } from 'node:fs'

const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
// A file that cannot even be loaded fails as a suite, without any failed test.
process.stdout.write(`${numPassedTests} ${Math.max(numFailedTests, Math.min(numFailedTestSuites, 1))}\n`)
process.exitCode = numPassedTests > 0 ? 0 : 1
