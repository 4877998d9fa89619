// What the local build needs of the machine.
import { statfsSync } from 'node:fs'
import { answers } from './command.mjs'
import { folder } from './folder.mjs'

export const python = process.env.PYTHON || 'python3'
export const compiler = process.env.CXX || 'g++'

/** Bytes that must be free while the wheel is unpacked; 0.7 GB stay in use. */
const room = 1.2e9

/** Why the local build cannot be done on any machine of this kind; undefined when it can. */
export function unsupported() {
  const kind = `${process.platform}-${process.arch}`
  if (kind !== 'linux-x64') return `the local build is for Linux on x86-64; this is ${kind}`
  const { header } = process.report.getReport()
  return header.glibcVersionRuntime
    ? undefined
    : 'the local build is for Linux with glibc; this one has another C library'
}

/** What is missing here, each with the way to get it. */
export function missing() {
  const faults = []
  if (!answers(python, ['--version'])) {
    faults.push(`${python}: install Python 3 with pip (Debian, Ubuntu: apt install python3-pip), or name one in PYTHON`)
  } else if (!answers(python, ['-m', 'pip', '--version'])) {
    faults.push(`pip of ${python}: Debian, Ubuntu: apt install python3-pip; elsewhere: ${python} -m ensurepip`)
  }
  if (!answers(compiler, ['--version'])) {
    faults.push(`${compiler}: Debian, Ubuntu: apt install g++; Fedora: dnf install gcc-c++; or name a compiler in CXX`)
  }
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < room) {
    const free = (bavail * bsize) / 1e9
    faults.push(
      `room: ${free.toFixed(1)} GB are free in ${folder}, ${room / 1e9} are needed; VITRINE_TFJS names another folder`,
    )
  }
  return faults
}
