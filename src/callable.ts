// Objects that can be called: `tokenizer(text)` beside `tokenizer.decode(ids)`, `model(inputs)` beside `model.config`,
// as in Python.

/** Instances of subclasses are functions; calling one calls its `call` method. */
export abstract class Callable {
  constructor() {
    const self = (...args: unknown[]): unknown => Reflect.apply(self.call, self, args)
    Reflect.deleteProperty(self, 'name')
    Reflect.deleteProperty(self, 'length')
    // A constructor may give back another object than `this`: fields of subclasses are then set on it.
    // biome-ignore lint/correctness/noConstructorReturn: see the line before
    return Object.setPrototypeOf(self, new.target.prototype)
  }
}
