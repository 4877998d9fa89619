// What a file that should be PyTorch's zip turns out to be: older formats of PyTorch, and files that are no weights.
import type { ByteSource } from '../byteSource.ts'
import { foreignFormat, foreignHeadLength } from '../foreign.ts'
import type { Fault } from '../headerFault.ts'

const saveAgain =
  'save it again in Python with PyTorch from 1.6 on: torch.save(torch.load(path, map_location="cpu"), path), if you trust its maker'

/** Where a tar file says that it is one. */
const tarMark = { at: 257, text: 'ustar' }

/** What `fault` makes of LEGACY_FORMAT, LFS_POINTER or NOT_ZIP for a file that is no zip. */
export function otherFormat(source: ByteSource, fault: Fault): Error {
  const head = new Uint8Array(Math.min(source.size, Math.max(foreignHeadLength, tarMark.at + tarMark.text.length)))
  source.read(head, 0)
  if (head[0] === 0x80 && head[1]! <= 5) {
    const what = 'is in the format of PyTorch before 1.6, a pickle without a zip file around it'
    return fault('LEGACY_FORMAT', what, { hint: saveAgain })
  }
  if (String.fromCharCode(...head).startsWith(tarMark.text, tarMark.at)) {
    return fault('LEGACY_FORMAT', 'is in the format of PyTorch before 0.1.10, a tar file', { hint: saveAgain })
  }
  const foreign = foreignFormat(head)
  if (foreign?.code === 'LFS_POINTER') return fault(foreign.code, `is ${foreign.what}`, { hint: foreign.hint })
  const what = foreign ? `, but ${foreign.what}` : ''
  const hint =
    foreign?.hint ?? (source.size === 0 ? 'it is empty: fetch it again' : 'is it really the weights? Fetch it again')
  return fault('NOT_ZIP', `is not a zip file, which is how PyTorch saves weights${what}`, { hint })
}
