// The stack, the marks and the memory of an unpickler: values are put together here, and nothing else can happen.
import type { Fault } from '../headerFault.ts'
import { setItem } from './globals.ts'
import { PickleDict, PickleList, PickleTuple, type PickleValue } from './pickleValue.ts'

/** The most values that are remembered: about a hundred times what large models have. */
const mostRemembered = 1_000_000

/** `fault` makes the errors STACK_UNDERFLOW, BAD_MEMO, BAD_PICKLE, DUPLICATE_KEY and TOO_LARGE. */
export class PickleMachine {
  readonly file: string
  readonly fault: Fault
  #stack: PickleValue[] = []
  /** The stacks below each mark. */
  readonly #below: PickleValue[][] = []
  readonly #memo = new Map<number, PickleValue>()

  constructor(file: string, fault: Fault) {
    this.file = file
    this.fault = fault
  }

  push(value: PickleValue): void {
    this.#stack.push(value)
  }

  pop(): PickleValue {
    const value = this.#stack.pop()
    if (value === undefined) throw this.fault('STACK_UNDERFLOW', 'takes a value where there is none')
    return value
  }

  mark(): void {
    this.#below.push(this.#stack)
    this.#stack = []
  }

  /** The values since the last mark. */
  popMark(): PickleValue[] {
    const below = this.#below.pop()
    if (!below) throw this.fault('STACK_UNDERFLOW', 'ends a group that was not begun')
    const values = this.#stack
    this.#stack = below
    return values
  }

  /** Makes a tuple of the last `length` values. */
  tuple(length: number): void {
    const items = Array.from({ length }, () => this.pop())
    this.push(new PickleTuple(items.reverse()))
  }

  append(items: readonly PickleValue[]): void {
    const list = this.#top()
    if (!(list instanceof PickleList)) throw this.fault('BAD_PICKLE', 'appends to what is no list')
    for (const item of items) list.items.push(item)
  }

  /** Keys and values by turns. */
  setItems(items: readonly PickleValue[]): void {
    const dict = this.#top()
    if (!(dict instanceof PickleDict)) throw this.fault('BAD_PICKLE', 'sets a key of what is no dict')
    if (items.length % 2 !== 0) throw this.fault('BAD_PICKLE', 'has a key without a value')
    for (let i = 0; i < items.length; i += 2) setItem(dict, items[i]!, items[i + 1]!, this.fault)
  }

  /** The attributes of an OrderedDict, which state dicts have for versions, are left out; nothing else may have some. */
  build(): void {
    this.pop()
    const target = this.#top()
    if (target instanceof PickleDict && target.isOrdered) return
    throw this.fault('BAD_PICKLE', 'gives attributes to what is no OrderedDict')
  }

  remember(key: number): void {
    if (this.#memo.size >= mostRemembered && !this.#memo.has(key)) {
      throw this.fault('TOO_LARGE', `remembers more than ${mostRemembered} values`)
    }
    this.#memo.set(key, this.#top())
  }

  recall(key: number): void {
    const value = this.#memo.get(key)
    if (value === undefined)
      throw this.fault('BAD_MEMO', `recalls value ${key}, which it did not remember`, { got: key })
    this.push(value)
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1)
    if (value === undefined) throw this.fault('STACK_UNDERFLOW', 'takes a value where there is none')
    return value
  }
}
