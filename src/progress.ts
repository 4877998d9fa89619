// What loading tells while it goes on, in transformers.js's names (utils/core.js), so that a bar made for the one works with the
// other.

/** A file by what it belongs to: the name or folder that was asked for. */
interface FileProgress {
  readonly name: string
  readonly file: string
}

export type ProgressInfo =
  /** A file is asked for, is being fetched, or is all there. */
  | (FileProgress & { readonly status: 'initiate' | 'download' | 'done' })
  /** Bytes so far, of how many, and the same in percent. */
  | (FileProgress & {
      readonly status: 'progress'
      readonly progress: number
      readonly loaded: number
      readonly total: number
    })
  /** A pipeline can be called. */
  | { readonly status: 'ready'; readonly task: string; readonly model: string }

export type ProgressCallback = (info: ProgressInfo) => void
