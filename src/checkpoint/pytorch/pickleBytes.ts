// Reading the numbers and texts of a pickle one after the other; nothing is taken that is not there.
import { type Fault, quoted } from '../headerFault.ts'

/** The longest name of a module or class. */
const mostLine = 1000

export class PickleBytes {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #fault: Fault
  at = 0

  /** `fault` makes the errors TRUNCATED and BAD_PICKLE. */
  constructor(bytes: Uint8Array, fault: Fault) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#fault = fault
  }

  get length(): number {
    return this.#bytes.length
  }

  uint8(): number {
    return this.#view.getUint8(this.#step(1))
  }

  uint16(): number {
    return this.#view.getUint16(this.#step(2), true)
  }

  uint32(): number {
    return this.#view.getUint32(this.#step(4), true)
  }

  int32(): number {
    return this.#view.getInt32(this.#step(4), true)
  }

  /** The only number that pickles write with its most significant byte first. */
  float64(): number {
    return this.#view.getFloat64(this.#step(8), false)
  }

  /** A whole number of `length` bytes in two's complement. */
  integer(length: number): number | bigint {
    const start = this.#step(length)
    let value = 0n
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[start + i]!)
    const signed = BigInt.asIntN(8 * length, value)
    const near = Number(signed)
    return Number.isSafeInteger(near) ? near : signed
  }

  text(length: number): string {
    const start = this.#step(length)
    return this.#decoded(start, start + length)
  }

  /** A text up to the next line feed, which is stepped over. */
  line(): string {
    const start = this.at
    const end = this.#bytes.subarray(start, start + mostLine).indexOf(0x0a)
    if (end < 0 && this.length - start > mostLine) throw this.#fault('BAD_PICKLE', 'has a name that does not end')
    if (end < 0) throw this.#ended(this.length + 1)
    this.at = start + end + 1
    return this.#decoded(start, start + end)
  }

  #decoded(start: number, end: number): string {
    const bytes = this.#bytes.subarray(start, end)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch (cause) {
      const shown = quoted(new TextDecoder('latin1').decode(bytes.subarray(0, 20)))
      throw this.#fault('BAD_PICKLE', `has a text that is not UTF-8: ${shown}`, { position: start, cause })
    }
  }

  #step(length: number): number {
    const start = this.at
    if (start + length > this.length) throw this.#ended(start + length)
    this.at += length
    return start
  }

  #ended(wanted: number): Error {
    return this.#fault('TRUNCATED', `has a pickle of ${this.length} bytes that ends too early`, {
      hint: 'was a download cut short? Fetch it again',
      expected: wanted,
      got: this.length,
    })
  }
}
