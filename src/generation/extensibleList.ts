// What lists of processors and of stopping criteria share: arrays that are made of any iterable and can be extended.

export class ExtensibleList<Item> extends Array<Item> {
  /** map, filter and slice give plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }

  constructor(items: Iterable<Item> = []) {
    super()
    this.extend(items)
  }

  /** Puts more behind them. */
  extend(items: Iterable<Item>): void {
    for (const item of items) this.push(item)
  }
}
