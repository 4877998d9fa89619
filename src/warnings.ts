// Warnings: what a user should know although nothing failed. The library itself never prints; Node shows them on stderr.

const said = new Set<string>()

/** Emits a process warning of type VitrineWarning; the same text comes only once. */
export function warnOnce(code: string, message: string): void {
  if (said.has(message)) return
  said.add(message)
  globalThis.process?.emitWarning?.(message, { type: 'VitrineWarning', code })
}

/** Lets every text come once more. */
export function forgetWarnings(): void {
  said.clear()
}
