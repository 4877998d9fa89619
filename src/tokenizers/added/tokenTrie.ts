// Finds the longest of many tokens that begins at a place of a text.
interface Node<T> {
  readonly next: Map<number, Node<T>>
  token?: T
}

export interface Found<T> {
  readonly token: T
  /** Where it ends. */
  readonly to: number
}

/** `T` is what stands for a token. */
export class TokenTrie<T> {
  readonly #root: Node<T> = { next: new Map() }

  get isEmpty(): boolean {
    return this.#root.next.size === 0
  }

  /** `codes` are the code points that stand for the token in a text. */
  add(codes: Iterable<number>, token: T): void {
    let node = this.#root
    for (const code of codes) {
      let next = node.next.get(code)
      if (!next) {
        next = { next: new Map() }
        node.next.set(code, next)
      }
      node = next
    }
    node.token = token
  }

  longestAt(codes: readonly number[], from: number): Found<T> | undefined {
    let found: Found<T> | undefined
    let node = this.#root.next.get(codes[from]!)
    for (let to = from + 1; node; node = node.next.get(codes[to++]!)) {
      if (node.token) found = { token: node.token, to }
    }
    return found
  }
}
