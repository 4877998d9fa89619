// A pickle as plain values: the opcodes that torch's own weights need (torch/_weights_only_unpickler.py), and no others.
import { warnOnce } from '../../warnings.ts'
import type { Fault } from '../headerFault.ts'
import { called, globalNamed, storageOf } from './globals.ts'
import { PickleBytes } from './pickleBytes.ts'
import { PickleMachine } from './pickleMachine.ts'
import { PickleDict, PickleList, PickleSet, PickleTuple, type PickleValue } from './pickleValue.ts'
import { pytorchFaultIn } from './pytorchFault.ts'

/** The longest pickle and the most opcodes: about a hundred times what large models have. */
export const mostPickleBytes = 64 * 2 ** 20
const mostSteps = 10_000_000
const mostIntegerBytes = 8
/** What torch writes, and Python's newest one. */
const [usualProtocol, newestProtocol] = [2, 5]

/**
 * The one value of a pickle. Throws FileError with a `position`: FORBIDDEN_OPCODE, FORBIDDEN_GLOBAL, TRUNCATED, TRAILING_BYTES,
 * STACK_UNDERFLOW, BAD_MEMO, DUPLICATE_KEY, TOO_LARGE, BAD_ARGS, BAD_SHAPE, OUT_OF_BOUNDS, MISSING_STORAGE, OVERFLOW, or
 * BAD_PICKLE for what else no writer makes.
 */
export function unpickle(bytes: Uint8Array, file: string): PickleValue {
  const { fault, machine, input, step } = start(bytes, file)
  for (let steps = 0; steps < mostSteps; steps++) {
    const opcode = step()
    if (opcode === stop) {
      const value = machine.pop()
      const rest = input.length - input.at
      if (rest > 0) throw fault('TRAILING_BYTES', `has ${rest} bytes behind the end`, { got: rest })
      return value
    }
    const run = opcodes.get(opcode)
    if (!run) throw forbidden(opcode, fault)
    run(machine, input)
  }
  throw fault('TOO_LARGE', `has more than ${mostSteps} opcodes`)
}

/** Errors name the byte of the opcode that `step` read last. */
function start(bytes: Uint8Array, file: string) {
  const about = pytorchFaultIn(file)
  if (bytes.length > mostPickleBytes) {
    throw about('TOO_LARGE', `has a pickle of ${bytes.length} bytes; the most is ${mostPickleBytes}`)
  }
  let position = 0
  const fault: Fault = (code, message, facts) =>
    about(code, `${message} (byte ${position} of its pickle)`, { position, ...facts })
  const input = new PickleBytes(bytes, fault)
  const step = (): number => {
    position = input.at
    return input.uint8()
  }
  return { fault, machine: new PickleMachine(file, fault), input, step }
}

function forbidden(opcode: number, fault: Fault): Error {
  const shown = `0x${opcode.toString(16).padStart(2, '0')}`
  return fault('FORBIDDEN_OPCODE', `has the opcode ${shown}, which no plain weights need; nothing was run`, {
    hint: 'save it again with torch.save(model.state_dict()), with the pickle_protocol left alone',
    got: opcode,
  })
}

const stop = 0x2e

/** What each opcode does, by the byte that stands for it; the names are those of Python's pickletools. */
const opcodes: ReadonlyMap<number, (machine: PickleMachine, input: PickleBytes) => void> = new Map([
  [0x80, protocol], // PROTO
  [0x28, machine => machine.mark()], // MARK
  [0x63, global], // GLOBAL
  [0x52, call], // REDUCE
  [0x81, call], // NEWOBJ
  [0x62, machine => machine.build()], // BUILD
  [0x51, machine => machine.push(storageOf(machine.pop(), machine.fault))], // BINPERSID
  [0x4e, machine => machine.push(null)], // NONE
  [0x88, machine => machine.push(true)], // NEWTRUE
  [0x89, machine => machine.push(false)], // NEWFALSE
  [0x4a, (machine, input) => machine.push(input.int32())], // BININT
  [0x4b, (machine, input) => machine.push(input.uint8())], // BININT1
  [0x4d, (machine, input) => machine.push(input.uint16())], // BININT2
  [0x8a, long], // LONG1
  [0x47, (machine, input) => machine.push(input.float64())], // BINFLOAT
  [0x58, (machine, input) => machine.push(input.text(input.uint32()))], // BINUNICODE
  [0x55, (machine, input) => machine.push(input.text(input.uint8()))], // SHORT_BINSTRING
  [0x29, machine => machine.push(new PickleTuple([]))], // EMPTY_TUPLE
  [0x74, machine => machine.push(new PickleTuple(machine.popMark()))], // TUPLE
  [0x85, machine => machine.tuple(1)], // TUPLE1
  [0x86, machine => machine.tuple(2)], // TUPLE2
  [0x87, machine => machine.tuple(3)], // TUPLE3
  [0x5d, machine => machine.push(new PickleList())], // EMPTY_LIST
  [0x61, machine => machine.append([machine.pop()])], // APPEND
  [0x65, machine => machine.append(machine.popMark())], // APPENDS
  [0x7d, machine => machine.push(new PickleDict())], // EMPTY_DICT
  [0x73, setItem], // SETITEM
  [0x75, machine => machine.setItems(machine.popMark())], // SETITEMS
  [0x8f, machine => machine.push(new PickleSet())], // EMPTY_SET
  [0x71, (machine, input) => machine.remember(input.uint8())], // BINPUT
  [0x72, (machine, input) => machine.remember(input.uint32())], // LONG_BINPUT
  [0x68, (machine, input) => machine.recall(input.uint8())], // BINGET
  [0x6a, (machine, input) => machine.recall(input.uint32())], // LONG_BINGET
])

function protocol({ file, fault }: PickleMachine, input: PickleBytes): void {
  const version = input.uint8()
  if (version > newestProtocol) {
    throw fault('BAD_PICKLE', `has the protocol ${version}; the newest is ${newestProtocol}`, { got: version })
  }
  if (version === usualProtocol) return
  warnOnce('PICKLE_PROTOCOL', `${file}: its pickle has the protocol ${version}, where torch writes ${usualProtocol}.`)
}

function global(machine: PickleMachine, input: PickleBytes): void {
  const module = input.line()
  machine.push(globalNamed(module, input.line(), machine.fault))
}

function call(machine: PickleMachine): void {
  const args = machine.pop()
  machine.push(called(machine.pop(), args, machine.fault))
}

function long(machine: PickleMachine, input: PickleBytes): void {
  const length = input.uint8()
  if (length > mostIntegerBytes) {
    const message = `has a number of ${length} bytes; the most is ${mostIntegerBytes}`
    throw machine.fault('TOO_LARGE', message, { got: length })
  }
  machine.push(input.integer(length))
}

function setItem(machine: PickleMachine): void {
  const value = machine.pop()
  machine.setItems([machine.pop(), value])
}
