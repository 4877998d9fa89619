// What is shown of downloads on stderr: a bar with bytes, rate and time left on a terminal, plain lines elsewhere.
import { performance } from 'node:perf_hooks'
import { sizeText } from '../hub/sizeText.ts'
import type { ProgressCallback } from '../progress.ts'
import { withoutControls } from './terminal.ts'

export interface ProgressScreen {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** Milliseconds between two pictures of the bar, and between two lines. */
const barPause = 100
const linePause = 10_000

/** A file that is coming. */
interface Coming {
  readonly file: string
  readonly start: number
  /** Bytes that had come before. */
  readonly first: number
  shown: number
  loaded: number
  total: number
}

/**
 * A progress_callback that shows the files that are fetched, and only those. `screen` and `now` (milliseconds) are for tests.
 */
export function downloadProgress(
  screen: ProgressScreen = process.stderr,
  now: () => number = () => performance.now(),
): ProgressCallback {
  const fetched = new Set<string>()
  let coming: Coming | undefined
  const isBar = screen.isTTY === true
  const clear = (): void => void (isBar && screen.write('\r\u001b[K'))
  const show = (each: Coming): void => {
    const line = progressLine(each, now() - each.start)
    if (isBar) screen.write(`\r${barLine(each, line, screen.columns ?? 80)}\u001b[K`)
    else screen.write(`${line}\n`)
    each.shown = now()
  }
  return info => {
    if (info.status === 'ready') return
    const key = `${info.name}/${info.file}`
    const file = withoutControls(info.file)
    if (info.status === 'download') {
      fetched.add(key)
      coming = undefined
    } else if (info.status === 'progress' && fetched.has(key)) {
      const { loaded, total } = info
      const isFirst = coming?.file !== file
      if (isFirst || !coming) coming = { file, start: now(), first: loaded, shown: now(), loaded, total }
      Object.assign(coming, { loaded, total })
      if ((isFirst && total > 2 ** 20) || now() - coming.shown >= (isBar ? barPause : linePause)) show(coming)
    } else if (info.status === 'done' && fetched.delete(key)) {
      clear()
      const seconds = coming ? (now() - coming.start) / 1000 : 0
      screen.write(`${file}  ${sizeText(coming?.total ?? 0)} in ${seconds.toFixed(1)} s\n`)
      coming = undefined
    }
  }
}

/** model.safetensors  45 %  184 of 409 MB  12.3 MB/s  0:18 left */
function progressLine({ file, first, loaded, total }: Coming, milliseconds: number): string {
  const share = total > 0 ? Math.floor((100 * loaded) / total) : 100
  const parts = [file, `${share} %`, `${sizeText(loaded)} of ${sizeText(total)}`]
  const rate = milliseconds > 0 ? (loaded - first) / (milliseconds / 1000) : 0
  if (rate > 0) parts.push(`${sizeText(rate)}/s`, `${clockText((total - loaded) / rate)} left`)
  return parts.join('  ')
}

/** The line behind a bar, as far as the terminal is wide. */
function barLine({ loaded, total }: Coming, line: string, columns: number): string {
  const width = Math.min(30, columns - line.length - 4)
  if (width < 5) return line.slice(0, columns - 1)
  const filled = total > 0 ? Math.floor((width * loaded) / total) : width
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${line}`
}

/** 0:18, 12:05, 1:02:03 */
function clockText(seconds: number): string {
  const whole = Math.ceil(Math.min(seconds, 359_999))
  const two = (value: number): string => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}
