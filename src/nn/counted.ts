// Sources of weights that tell how many of their bytes were read.
import { bytesOf, type TensorSource } from '../dtype.ts'
import { sizeOf } from '../shape.ts'

/** The same sources; `tell` is called whenever another hundredth of all their bytes was read, and at the end. */
export function counted(
  sources: readonly TensorSource[],
  tell: (loaded: number, total: number) => void,
): readonly TensorSource[] {
  const total = sources.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesOf[dtype], 0)
  let [loaded, told] = [0, 0]
  return sources.map(source => ({
    ...source,
    read(target, offset) {
      source.read(target, offset)
      loaded += target.length
      const percent = Math.floor((100 * loaded) / total)
      if (percent > told) tell(loaded, total)
      told = percent
    },
  }))
}
