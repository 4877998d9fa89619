// Module: a tree of modules and parameters whose field names are its addresses, with hooks on what flows through.
import { Callable } from '../callable.ts'
import { nearestName, VitrineError, valueText } from '../errors.ts'
import { Tensor } from '../tensor/tensor.ts'
import { Parameter } from './parameter.ts'
import { type PrintOptions, type PrintProfile, treeText } from './print.ts'

/** Undoes a registration; calling it twice is no error. */
export interface HookHandle {
  remove(): void
}

/**
 * Sees a module's arguments and output; what it returns, if anything, takes the place of the output, and must be of its
 * kind.
 */
export type ForwardHook = (module: Module, args: readonly unknown[], output: unknown) => unknown
/** Sees a module's arguments; the array that it returns, if any, takes their place. */
export type ForwardPreHook = (module: Module, args: readonly unknown[]) => unknown
/** Sees a value inside a module; the Tensor that it returns, if any, takes its place. */
export type TapHook = (value: Tensor, module: Module) => unknown

/**
 * Is told of each call of a module and changes nothing about it: products still go on to what follows them, which hooks
 * prevent.
 */
export interface CallWatch {
  /** A call begins. It also does the work of the modules in `absorbed`, which are not called for it. */
  enter(module: Module, absorbed: readonly Module[]): void
  /** The call that began last ends, by returning or by throwing. */
  leave(module: Module): void
}

/** One registration: the same function may be registered several times. */
interface Registered<H> {
  readonly hook: H
}

export interface Module {
  /** `module(x)` is `module.forward(x)`, hooks included. */
  // biome-ignore lint/style/useShorthandFunctionType: merged with the class below
  (...args: Parameters<this['forward']>): ReturnType<this['forward']>
}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a class cannot say that its instances are functions (callable.ts)
export abstract class Module extends Callable {
  /** Values inside `forward` that register_tap can name. */
  static readonly taps: readonly string[] = []

  #hooks = new Set<Registered<ForwardHook>>()
  #preHooks = new Set<Registered<ForwardPreHook>>()
  #taps: Map<string, Set<Registered<TapHook>>> | undefined
  #watch: CallWatch | undefined
  /** What `forward` was before hooks or a watch were put in front of it, and whether it was this object's alone. */
  #shadowed: { readonly forward: (...args: never[]) => unknown; readonly isOwn: boolean } | undefined

  abstract forward(...args: never[]): unknown

  protected call(...args: never[]): unknown {
    return this.forward(...args)
  }

  /** False, because models run here and are not trained: dropout is off, as after Hugging Face's from_pretrained. */
  get training(): boolean {
    return false
  }

  /** Does nothing: models are always in evaluation mode. */
  eval(): this {
    return this
  }

  /** Throws VitrineError NO_TRAINING: there are no gradients and no dropout here; `train(false)` does nothing. */
  train(mode = true): this {
    if (!mode) return this
    throw new VitrineError('NO_TRAINING', `${this.constructor.name}: models run here, they are not trained`, {
      hint: 'train it in Python and load the folder that save_pretrained writes',
    })
  }

  /** The fields that hold modules, in the order they were declared. */
  *named_children(): Generator<[name: string, child: Module]> {
    for (const [name, field] of Object.entries(this)) if (field instanceof Module) yield [name, field]
  }

  /** This module and all below, by path; the path of this one is ''. */
  *named_modules(path = ''): Generator<[path: string, module: Module]> {
    yield [path, this]
    for (const [name, child] of this.named_children()) yield* child.named_modules(path ? `${path}.${name}` : name)
  }

  /** This module and all below. */
  *modules(): Generator<Module> {
    for (const [, module] of this.named_modules()) yield module
  }

  /** Calls `visit` with every module below and then with this one. */
  apply(visit: (module: Module) => void): this {
    for (const [, child] of this.named_children()) child.apply(visit)
    visit(this)
    return this
  }

  /** The module at a path such as `transformer.h.3.attn`. Throws VitrineError NO_MODULE with the nearest path. */
  get_submodule(path: string): Module {
    const paths = new Map(this.named_modules())
    const found = paths.get(path)
    if (found) return found
    const near = nearestName(path, paths.keys())
    throw new VitrineError('NO_MODULE', `${this.constructor.name} has no module '${path}'`, {
      hint: near ? `did you mean '${near}'?` : 'named_modules() lists them',
    })
  }

  /** Every parameter under every name it has, as torch's state_dict names them: a tied one comes twice. */
  *named_weights(): Generator<[name: string, parameter: Parameter]> {
    for (const [path, module] of this.named_modules()) {
      for (const [name, field] of Object.entries(module)) {
        if (field instanceof Parameter) yield [path ? `${path}.${name}` : name, field]
      }
    }
  }

  /** Every parameter once, under its first name. */
  *named_parameters(): Generator<[name: string, parameter: Parameter]> {
    const seen = new Set<Parameter>()
    for (const [name, parameter] of this.named_weights()) {
      if (!seen.has(parameter)) yield [name, parameter]
      seen.add(parameter)
    }
  }

  *parameters(): Generator<Parameter> {
    for (const [, parameter] of this.named_parameters()) yield parameter
  }

  /** Number of trainable numbers, tied ones counted once. */
  num_parameters(): number {
    let total = 0
    for (const { size } of this.parameters()) total += size
    return total
  }

  /** The values of all weights by their Hugging Face names. Throws VitrineError NOT_LOADED. */
  state_dict(): Map<string, Tensor> {
    return new Map(Array.from(this.named_weights(), ([name, parameter]) => [name, parameter.value]))
  }

  /**
   * Calls `hook` after each forward of this module; what it returns, unless undefined or null, takes the place of the
   * output. Without hooks the module runs its own `forward` and nothing else. A hook that returns something that cannot
   * be there makes the call throw VitrineError HOOK_RESULT; the same holds for the other two kinds.
   */
  register_forward_hook(hook: ForwardHook): HookHandle {
    return this.#register(this.#hooks, hook)
  }

  /** Calls `hook` before each forward; an array that it returns takes the place of the arguments. */
  register_forward_pre_hook(hook: ForwardPreHook): HookHandle {
    return this.#register(this.#preHooks, hook)
  }

  #register<H>(hooks: Set<Registered<H>>, hook: H): HookHandle {
    const registered = { hook: this.#checkHook(hook) }
    hooks.add(registered)
    this.#shadow()
    return {
      remove: () => {
        hooks.delete(registered)
        this.#unshadow()
      },
    }
  }

  /** Tells `watch` of each call of this module. Throws VitrineError WATCHED while another one is told. */
  watchCalls(watch: CallWatch): HookHandle {
    if (this.#watch && this.#watch !== watch) {
      const hint = 'profile one thing at a time'
      throw new VitrineError('WATCHED', `${this.constructor.name}: somebody watches its calls already`, { hint })
    }
    this.#watch = watch
    this.#shadow()
    return {
      remove: () => {
        if (this.#watch === watch) this.#watch = undefined
        this.#unshadow()
      },
    }
  }

  /** Puts a forward that tells hooks and watch in front of the class's own, on this object alone. */
  #shadow(): void {
    if (this.#shadowed) return
    this.#shadowed = { forward: this.forward, isOwn: Object.hasOwn(this, 'forward') }
    const value = (...given: unknown[]): unknown => this.watched([], () => this.#hooked(given))
    Object.defineProperty(this, 'forward', { value, configurable: true, enumerable: false, writable: true })
  }

  #unshadow(): void {
    if (!this.#shadowed || this.#hooks.size + this.#preHooks.size > 0 || this.#watch) return
    const { forward, isOwn } = this.#shadowed
    if (isOwn) this.forward = forward
    else Reflect.deleteProperty(this, 'forward')
    this.#shadowed = undefined
  }

  #hooked(given: readonly unknown[]): unknown {
    let args = given
    for (const { hook } of this.#preHooks) args = this.#replaced(args, hook(this, args), 'pre-hook')
    let output: unknown = Reflect.apply(this.#shadowed!.forward, this, args)
    for (const { hook } of this.#hooks) output = this.#replaced(output, hook(this, args, output), 'forward hook')
    return output
  }

  /** @internal The `forward` that computes: another one than the class's where somebody has put it, or hooks are called. */
  get computingForward(): unknown {
    return this.#hooks.size + this.#preHooks.size > 0 ? this.forward : (this.#shadowed?.forward ?? this.forward)
  }

  /** Runs `body` as a call of this module that also does the work of those in `absorbed`. */
  protected watched<R>(absorbed: readonly Module[], body: () => R): R {
    const watch = this.#watch
    if (!watch) return body()
    watch.enter(this, absorbed)
    try {
      return body()
    } finally {
      watch.leave(this)
    }
  }

  /**
   * Calls `hook` with a value inside `forward`, such as an attention's 'q', 'k', 'v', 'scores', 'probs' or 'z'; a
   * Tensor that it returns takes the place of the value. Throws VitrineError NO_TAP when the module has no such value.
   */
  register_tap(name: string, hook: TapHook): HookHandle {
    const { taps } = this.constructor as typeof Module
    if (!taps.includes(name)) {
      const hint = taps.length > 0 ? `it has ${taps.join(', ')}` : 'it has none'
      throw new VitrineError('NO_TAP', `${this.constructor.name} has no tap '${name}'`, { hint })
    }
    const registered = { hook: this.#checkHook(hook) }
    this.#taps ??= new Map()
    const hooks = this.#taps.get(name) ?? new Set()
    this.#taps.set(name, hooks.add(registered))
    return {
      remove: () => {
        hooks.delete(registered)
        if (hooks.size === 0) this.#taps?.delete(name)
        if (this.#taps?.size === 0) this.#taps = undefined
      },
    }
  }

  /** Whether somebody watches one of these values. */
  protected isTapped(...names: readonly string[]): boolean {
    return this.#taps !== undefined && names.some(name => this.#taps?.has(name))
  }

  /** Shows `value` to those who watch it, and gives it back, or what they put in its place. */
  protected tap(name: string, value: Tensor): Tensor {
    const hooks = this.#taps?.get(name)
    if (!hooks) return value
    for (const { hook } of hooks) value = this.#replaced(value, hook(value, this), `tap on '${name}'`)
    return value
  }

  #checkHook<H>(hook: H): H {
    if (typeof hook === 'function') return hook
    throw new VitrineError('BAD_TYPE', `${this.constructor.name}: a hook is a function, got ${valueText(hook)}`)
  }

  /** What a hook returned, when it returned something; it must be of the kind of what it takes the place of. */
  #replaced<T>(value: T, result: unknown, what: string): T {
    if (result === undefined || result === null) return value
    if (isLike(result, value)) return result
    const message = `a ${what} of ${this.constructor.name} returned ${valueText(result)} in place of ${valueText(value)}`
    throw new VitrineError('HOOK_RESULT', message, { hint: 'a hook that only looks returns nothing: value => { ... }' })
  }

  /** Whether neighbouring children that print alike share one line. */
  foldsAlike(): boolean {
    return false
  }

  /** The class name that a printed tree shows. */
  printName(_profile: PrintProfile): string {
    return this.constructor.name
  }

  /** What stands between the parentheses of a printed line, before the children. */
  extraRepr(_profile: PrintProfile): string {
    return ''
  }

  /** The module tree as PyTorch prints it, byte for byte. */
  override toString(options: PrintOptions = {}): string {
    return treeText(this, options)
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

/**
 * Whether one can stand where the other did: two tensors, two lists, two other objects, or two plain values of one
 * type.
 */
function isLike<T>(result: unknown, value: T): result is T {
  if (value instanceof Tensor || result instanceof Tensor) return value instanceof Tensor && result instanceof Tensor
  if (result instanceof Promise || Array.isArray(result) !== Array.isArray(value)) return false
  return typeof result === typeof value
}
