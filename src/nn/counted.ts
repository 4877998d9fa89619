// Sources of weights that tell how many of their bytes were read.
import { bytesOf, type TensorSource } from '../dtype.ts'
import { sizeOf } from '../shape.ts'

/**
 * The same sources; `tell` is called whenever another hundredth of all their bytes was read, and at the end. Of a small weight
 * the bytes of its codes count, in whichever of its two ways it is read.
 */
export function counted(
  sources: readonly TensorSource[],
  tell: (loaded: number, total: number) => void,
): readonly TensorSource[] {
  const total = sources.reduce((sum, { packed, ...source }) => sum + bytesIn(packed?.codes ?? source), 0)
  let [read, told] = [0, 0]
  const counting = (source: TensorSource, share = 1): TensorSource => ({
    ...source,
    read(target, offset) {
      source.read(target, offset)
      read += target.length * share
      const loaded = Math.round(read)
      const percent = Math.floor((100 * loaded) / total)
      if (percent > told) tell(loaded, total)
      told = percent
    },
  })
  return sources.map(source => {
    const { packed } = source
    if (!packed) return counting(source)
    const { codes } = packed
    return { ...counting(source, bytesIn(codes) / bytesIn(source)), packed: { ...packed, codes: counting(codes) } }
  })
}

function bytesIn({ shape, dtype }: Omit<TensorSource, 'read'>): number {
  return sizeOf(shape) * bytesOf[dtype]
}
