// What types know of options: names that are none do not compile, and results follow the options of a call, and behind them
// those that the pipeline was made with.

/** No option at all. */
export type NoOptions = Record<never, never>

type KeysOf<Union> = Union extends unknown ? keyof Union : never

/** Options `Own`, as long as all of them are among `Options`; what has any name is let through, and checked when it runs. */
export type Known<Own, Options> = string extends keyof Own
  ? Own
  : Own & { readonly [Name in Exclude<keyof Own, KeysOf<Options>>]: never }

/** The type of an option in a set of options; undefined when it is not there. */
export type Given<Options, Name extends string> = Name extends keyof Options ? Options[Name] : undefined

type Or<Value, Otherwise> = Exclude<Value, undefined> | (undefined extends Value ? Otherwise : never)

/** The type of an option in a call, for a pipeline that was made with options `Made`. */
export type Value<Made, Own, Name extends string, Otherwise> = Or<Given<Own, Name>, Or<Given<Made, Name>, Otherwise>>
