// Finds the tokens of a text: byte-pair encoding from counted words, step by step as the Rust library's trainer, so that equal
// counts are settled alike (tokenizers/src/models/bpe/trainer.rs).
import { Heap } from './heap.ts'
import type { Pair } from './merges.ts'
import { mostIds } from './vocabulary.ts'

export interface TrainerOptions {
  /** Ends when there are so many tokens. */
  readonly vocab_size: number
  /** Tokens that come first, whatever the words are. */
  readonly special_tokens?: readonly string[]
  /** Pairs that come less often are not joined; 0 unless given. */
  readonly min_frequency?: number
  /** The most single characters; the rarest go. */
  readonly limit_alphabet?: number
  /** Characters that are tokens although no word has them. */
  readonly initial_alphabet?: readonly string[]
  /** What begins tokens that stand inside of words. */
  readonly continuing_subword_prefix?: string
  /** The most characters of a token. */
  readonly max_token_length?: number
}

export interface Trained {
  readonly ids: ReadonlyMap<string, number>
  readonly pairs: readonly Pair[]
}

/** The tokens of words with their numbers, and the pairs they came from, most frequent first. */
export function trainPieces(words: ReadonlyMap<string, number>, options: TrainerOptions): Trained {
  return new Trainer(words, options).run()
}

/** Pairs of one place in the queue: how often they come, and in which words. */
interface Entry {
  readonly key: number
  count: number
  readonly words: ReadonlySet<number>
}

class Trainer {
  readonly #options: TrainerOptions
  readonly #tokens: string[] = []
  readonly #ids = new Map<string, number>()
  readonly #words: TrainedWord[] = []
  readonly #counts = new Map<number, number>()
  readonly #queue = new Heap<Entry>((a, b) => (a.count === b.count ? a.key < b.key : a.count > b.count))

  constructor(words: ReadonlyMap<string, number>, options: TrainerOptions) {
    this.#options = options
    for (const token of options.special_tokens ?? []) this.#idOf(token)
    for (const character of this.#alphabet(words)) this.#idOf(character)
    for (const [word, count] of words) this.#words.push(this.#wordOf(word, count))
  }

  /** The id of a token, a new one if it has none. */
  #idOf(token: string): number {
    const known = this.#ids.get(token)
    if (known !== undefined) return known
    this.#ids.set(token, this.#tokens.length)
    return this.#tokens.push(token) - 1
  }

  #alphabet(words: ReadonlyMap<string, number>): string[] {
    const counts = new Map<string, number>()
    for (const [word, count] of words) {
      for (const character of word) counts.set(character, (counts.get(character) ?? 0) + count)
    }
    for (const character of this.#options.initial_alphabet ?? []) counts.set(character, Infinity)
    const { limit_alphabet = counts.size } = this.#options
    const byCode = [...counts].sort(([a], [b]) => a.codePointAt(0)! - b.codePointAt(0)!)
    const frequent = byCode.toSorted(([, a], [, b]) => (a === b ? 0 : b - a)).slice(0, limit_alphabet)
    const kept = new Set(frequent.map(([character]) => character))
    return byCode.flatMap(([character]) => (kept.has(character) ? [character] : []))
  }

  #wordOf(word: string, count: number): TrainedWord {
    const { continuing_subword_prefix = '' } = this.#options
    const ids: number[] = []
    for (const [i, character] of [...word].entries()) {
      if (this.#ids.has(character)) ids.push(this.#idOf(i > 0 ? continuing_subword_prefix + character : character))
    }
    return { ids, sizes: ids.map(() => 1), count }
  }

  run(): Trained {
    const { vocab_size, min_frequency = 0 } = this.#options
    const merged = new Map<number, number>()
    let rank = 0
    this.#countAll()
    while (this.#tokens.length < vocab_size) {
      const top = this.#queue.pop()
      if (!top) break
      const count = this.#counts.get(top.key)!
      if (top.count !== count) {
        this.#queue.push({ ...top, count })
        continue
      }
      if (count < Math.max(1, min_frequency)) break
      // A pair that comes up a second time counts from there.
      merged.delete(top.key)
      merged.set(top.key, rank++)
      this.#join(top)
    }
    return { ids: this.#ids, pairs: [...merged.keys()].map(key => this.#pairOf(key)) }
  }

  #pairOf(key: number): Pair {
    return [this.#tokens[Math.floor(key / mostIds)]!, this.#tokens[key % mostIds]!]
  }

  #countAll(): void {
    const places = new Map<number, Set<number>>()
    for (const [place, { ids, count }] of this.#words.entries()) {
      for (let i = 0; i + 1 < ids.length; i++) this.#change(keyOf(ids[i]!, ids[i + 1]!), count, place, places)
    }
    this.#enqueue(places)
  }

  #change(key: number, change: number, word: number, places: Map<number, Set<number>>): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + change)
    if (change <= 0) return
    const words = places.get(key)
    if (words) words.add(word)
    else places.set(key, new Set([word]))
  }

  #enqueue(places: ReadonlyMap<number, ReadonlySet<number>>): void {
    for (const [key, words] of places) {
      const count = this.#counts.get(key)!
      if (count > 0) this.#queue.push({ key, count, words })
    }
  }

  /** Joins a pair in the words of an entry; pairs with the new token are queued. */
  #join({ key, words }: Entry): void {
    const [left, right] = this.#pairOf(key)
    const { continuing_subword_prefix: prefix = '' } = this.#options
    const made = this.#idOf(left + (right.startsWith(prefix) ? right.slice(prefix.length) : right))
    const places = new Map<number, Set<number>>()
    for (const word of words) {
      const { count } = this.#words[word]!
      joinPair(this.#words[word]!, key, made, this.#options.max_token_length ?? Infinity, (pair, change) =>
        this.#change(pair, change * count, word, places),
      )
    }
    this.#enqueue(places)
  }
}

/** A word as ids of tokens, each with its number of characters; and how often it comes. */
interface TrainedWord {
  readonly ids: number[]
  readonly sizes: number[]
  readonly count: number
}

/** Puts `made` in the place of every pair `key`; `changed` hears of each pair that went or came. */
function joinPair(
  { ids, sizes }: TrainedWord,
  key: number,
  made: number,
  mostSize: number,
  changed: (key: number, change: 1 | -1) => void,
): void {
  for (let i = 0; i + 1 < ids.length; i++) {
    const [first, second] = [ids[i]!, ids[i + 1]!]
    if (keyOf(first, second) !== key) continue
    const size = sizes[i]! + sizes[i + 1]!
    const [before, after] = [ids[i - 1], ids[i + 2]]
    if (before !== undefined) changed(keyOf(before, first), -1)
    if (before !== undefined && sizes[i - 1]! + size < mostSize) changed(keyOf(before, made), 1)
    if (after !== undefined) changed(keyOf(second, after), -1)
    if (after !== undefined && sizes[i + 2]! + size < mostSize) changed(keyOf(made, after), 1)
    ids.splice(i, 2, made)
    sizes.splice(i, 2, size)
  }
}

function keyOf(left: number, right: number): number {
  return left * mostIds + right
}
