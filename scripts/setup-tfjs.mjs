#!/usr/bin/env node
// Makes @tensorflow/tfjs-node work for the back end 'tfjs': `npm run setup:tfjs`, or in a project that uses vitrine
// `node node_modules/vitrine/scripts/setup-tfjs.mjs`. It goes into a folder of its own in the user's cache. First tfjs-node's own
// install step is tried, then a local build. Run again it goes on where it stopped, and changes nothing when all is there.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, SetupError, say } from './tfjs/command.mjs'
import { folder, packageFolder, withFolder } from './tfjs/folder.mjs'
import { isUnderWay, localBuild } from './tfjs/localBuild.mjs'
import { missing, unsupported } from './tfjs/machine.mjs'
import { ownInstall, removeNative } from './tfjs/ownInstall.mjs'

const here = dirname(fileURLToPath(import.meta.url))

const usage = `usage: node scripts/setup-tfjs.mjs [--build | --check | --where]
  --build  do not try tfjs-node's own install step, build the native part here
  --check  say whether it is there and works, and change nothing
  --where  print the folder; VITRINE_TFJS names another one`

/** What the proof found, or why it failed. */
function proof() {
  if (!existsSync(packageFolder)) return { failure: 'it is not installed' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(here, 'tfjs', 'proof.mjs'), folder], {
    encoding: 'utf8',
  })
  if (status === 0) return { found: JSON.parse(stdout) }
  const lines = stderr.split('\n')
  return {
    failure: lines.find(line => /^\w*Error/.test(line)) ?? `it ended with ${status}: ${lines.slice(-5).join(' ')}`,
  }
}

/** The JavaScript of tfjs-node and the sources of its binding, as the lock file has them. */
function installPackage() {
  const wanted = JSON.parse(readFileSync(join(here, 'tfjs', 'package.json'), 'utf8')).dependencies
  const isThere = Object.entries(wanted).every(([name, version]) => {
    const path = join(folder, 'node_modules', name, 'package.json')
    return existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).version === version
  })
  if (isThere) {
    say('1. its JavaScript is there already')
    return
  }
  say('1. its JavaScript and the sources of its binding, from the npm registry (30 MB)')
  for (const name of ['package.json', 'npm-shrinkwrap.json']) copyFileSync(join(here, 'tfjs', name), join(folder, name))
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], folder)
}

/** Throws SetupError with everything that is missing. */
function buildHere() {
  say('3. the native part, built here')
  const reason = unsupported()
  if (reason) {
    throw new SetupError(`${reason}. The back ends 'wasm' and 'reference' need nothing of this; or install tfjs-node by hand and
name the folder that has it in its node_modules in VITRINE_TFJS.`)
  }
  const faults = missing()
  if (faults.length > 0)
    throw new SetupError(`missing:\n  ${faults.join('\n  ')}\nThen run this again: it goes on from here.`)
  localBuild()
}

async function setUp(tryOwn) {
  const before = proof()
  if (before.found) return before.found
  say(`Setting up tfjs-node in ${folder}`)
  installPackage()
  if (tryOwn && !isUnderWay()) {
    say("2. the native part, by tfjs-node's own install step (about 120 MB from its makers)")
    const failure = (await ownInstall()) ?? proof().failure
    if (failure === undefined) return proof().found
    removeNative()
    say(`  it does not work here: ${failure}`)
  }
  buildHere()
  const { found, failure } = proof()
  if (found) return found
  throw new SetupError(`all is installed, but it does not work: ${failure}`)
}

const args = process.argv.slice(2)
const [option] = args
if (args.length > 1 || (option !== undefined && !['--build', '--check', '--where'].includes(option))) {
  console.error(usage)
  process.exitCode = 2
} else if (option === '--where') {
  console.log(folder)
} else {
  const start = performance.now()
  try {
    const { found, failure } =
      option === '--check' ? proof() : { found: await withFolder(() => setUp(option !== '--build')) }
    if (!found) throw new SetupError(`tfjs-node in ${folder}: ${failure}`)
    const { tfjsNode, libtensorflow } = found
    const seconds = ((performance.now() - start) / 1000).toFixed(0)
    say(`tfjs-node ${tfjsNode} with libtensorflow ${libtensorflow} works, in ${folder} (${seconds} s)`)
  } catch (error) {
    console.error(error instanceof SetupError ? `setup:tfjs: ${error.message}` : error)
    process.exitCode = 1
  }
}
