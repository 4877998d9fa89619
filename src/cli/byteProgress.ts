// How far a long write is, on stderr: one line that is written over on a terminal, a line now and then elsewhere.
import { performance } from 'node:perf_hooks'
import { aside } from './terminal.ts'

/** Milliseconds between two pictures of the line, and between two lines elsewhere. */
const pauses = { terminal: 100, lines: 2000 }

/** What is told how many of how many bytes are done. `verb` begins the line: 'writing'. */
export function byteProgress(verb: string): (done: number, total: number) => void {
  const { isTTY } = process.stderr
  let start: number | undefined
  let shown = 0
  return (done, total) => {
    const now = performance.now()
    // The first call: what was done before it is no part of the rate.
    if (start === undefined) start = shown = now
    if (done < total && now - shown < (isTTY ? pauses.terminal : pauses.lines)) return
    shown = now
    const seconds = Math.max(now - start, 1) / 1000
    const left = Math.ceil((seconds * (total - done)) / Math.max(done, 1))
    const share = total === 0 ? 100 : Math.floor((done / total) * 100)
    const rest = done < total ? `, ${left} s left` : ''
    const text = `${verb} ${bytesText(done)} of ${bytesText(total)} (${share} %, ${bytesText(done / seconds)}/s${rest})`
    if (isTTY) process.stderr.write(`\r\x1b[K${text}${done < total ? '' : '\n'}`)
    else aside(text)
  }
}

/** 1234567 as '1.2 MB', in units of 1000. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB']
  const power = Math.min(Math.max(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 0), units.length - 1)
  return `${power === 0 ? Math.round(bytes) : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`
}
