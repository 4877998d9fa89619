// The tensors of a state dict in what a pickle holds; what else stands there is named once and left alone.
import { warnOnce } from '../../warnings.ts'
import { type Fault, quoted } from '../headerFault.ts'
import { PickleDict, PickleList, PickleTuple, type PickleValue, TensorView } from './pickleValue.ts'
import { pytorchFaultIn } from './pytorchFault.ts'

/** How deep lists, tuples and dicts may lie in each other. */
const mostDepth = 1000

/**
 * The tensors by name, in their order. Throws FileError NOT_STATE_DICT, CYCLE or DEPTH. Values that are no tensors give a
 * warning.
 */
export function stateDictOf(value: PickleValue, file: string): Map<string, TensorView> {
  const fault = pytorchFaultIn(file)
  checkNesting(value, fault)
  if (!(value instanceof PickleDict)) throw notStateDict(fault, 'holds no dict of tensors')
  const tensors = new Map<string, TensorView>()
  const others: string[] = []
  for (const [name, entry] of value.entries) {
    if (typeof name !== 'string')
      throw notStateDict(fault, `holds a dict with the key ${String(name)}, which is no name`)
    if (entry instanceof TensorView) tensors.set(name, entry)
    else others.push(name)
  }
  if (tensors.size === 0) {
    const inner = [...value.entries].find(([, entry]) => entry instanceof PickleDict && holdsTensor(entry))?.[0]
    if (typeof inner === 'string') {
      throw notStateDict(fault, `holds its tensors one level deeper, in ${quoted(inner)}`)
    }
  }
  if (others.length > 0) {
    const shown =
      others.slice(0, 4).map(quoted).join(', ') + (others.length > 4 ? ` and ${others.length - 4} more` : '')
    warnOnce(
      'PICKLE_SKIPPED',
      `${file}: ${shown} ${others.length === 1 ? 'is no tensor' : 'are no tensors'} and left out.`,
    )
  }
  return tensors
}

function notStateDict(fault: Fault, what: string): Error {
  return fault('NOT_STATE_DICT', what, { hint: 'save the weights alone: torch.save(model.state_dict(), path)' })
}

function holdsTensor(dict: PickleDict): boolean {
  return [...dict.entries.values()].some(value => value instanceof TensorView)
}

/** Walks over each value once, without recursion; shared ones count where they lie deepest. */
function checkNesting(top: PickleValue, fault: Fault): void {
  const depths = new Map<PickleValue, number>()
  const open = new Set<PickleValue>()
  const path: { value: PickleValue; children: Iterator<PickleValue>; depth: number }[] = []
  const enter = (value: PickleValue): void => {
    open.add(value)
    path.push({ value, children: childrenOf(value), depth: 0 })
  }
  enter(top)
  while (path.length > 0) {
    const last = path.at(-1)!
    const next = last.children.next()
    if (next.done) {
      path.pop()
      open.delete(last.value)
      depths.set(last.value, last.depth + 1)
      const parent = path.at(-1)
      if (parent) parent.depth = Math.max(parent.depth, last.depth + 1)
      continue
    }
    if (!isContainer(next.value)) continue
    if (open.has(next.value)) throw fault('CYCLE', 'holds a list or dict that lies inside itself')
    const known = depths.get(next.value)
    if (known === undefined) enter(next.value)
    else last.depth = Math.max(last.depth, known)
    if (path.length + (known ?? 0) > mostDepth) {
      throw fault('DEPTH', `holds lists, tuples or dicts more than ${mostDepth} deep`)
    }
  }
}

function isContainer(value: PickleValue): boolean {
  return value instanceof PickleTuple || value instanceof PickleList || value instanceof PickleDict
}

function childrenOf(value: PickleValue): Iterator<PickleValue> {
  if (value instanceof PickleDict) return value.entries.values()
  const isList = value instanceof PickleTuple || value instanceof PickleList
  return (isList ? value.items : []).values()
}
