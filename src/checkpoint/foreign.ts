// What a file that should be safetensors and is not turns out to be, told from its first bytes.

export interface ForeignFormat {
  readonly code: 'LFS_POINTER' | 'NOT_SAFETENSORS'
  readonly what: string
  /** The next step. */
  readonly hint: string
}

const findWeights = 'look for model.safetensors beside it, or save the model in Python with save_pretrained'

/** Each format by its first bytes, read as Latin-1. The first match counts. */
const formats: readonly (ForeignFormat & { readonly matches: (text: string) => boolean })[] = [
  {
    matches: text => text.startsWith('version https://git-lfs'),
    code: 'LFS_POINTER',
    what: 'a git-lfs pointer, the note that git keeps in the place of a large file',
    hint: 'run "git lfs pull" in its folder, or download the file itself',
  },
  {
    matches: text => /^(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body|\?xml|!--)/i.test(text),
    code: 'NOT_SAFETENSORS',
    what: 'an HTML page',
    hint: 'a login page or a captive portal answered the download? Open the link in a browser, then fetch the file again',
  },
  {
    matches: text => text.startsWith('PK\x03\x04') || text.startsWith('PK\x05\x06'),
    code: 'NOT_SAFETENSORS',
    what: 'a zip file, which is how PyTorch saves pytorch_model.bin',
    hint: 'was it renamed? Call it pytorch_model.bin, and "vitrine convert" makes safetensors of it',
  },
  {
    matches: text => !isLength(text) && ['\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05'].includes(text.slice(0, 2)),
    code: 'NOT_SAFETENSORS',
    what: 'a Python pickle, which is how PyTorch saved models before version 1.6',
    hint: findWeights,
  },
  {
    matches: text => text.startsWith('GGUF'),
    code: 'NOT_SAFETENSORS',
    what: 'a GGUF file, the format of llama.cpp',
    hint: findWeights,
  },
  {
    matches: text => text.startsWith('\x89HDF\r\n'),
    code: 'NOT_SAFETENSORS',
    what: 'an HDF5 file, which is how Keras saves tf_model.h5',
    hint: findWeights,
  },
  {
    matches: text => !isLength(text) && /^\s*[{[]/.test(text),
    code: 'NOT_SAFETENSORS',
    what: 'JSON text',
    hint: 'is it an error message of a server, or model.safetensors.index.json? Give the path of the weights',
  },
  {
    matches: text => /^[\s -~]{8}/.test(text),
    code: 'NOT_SAFETENSORS',
    what: 'text',
    hint: 'read it: it may be the error message of a server',
  },
]

/** Bytes that `foreignFormat` looks at. */
export const foreignHeadLength = 256

/** The format that begins with `head`, when it is one that people take for safetensors; ask only when the length of the header is wrong. */
export function foreignFormat(head: Uint8Array): ForeignFormat | undefined {
  const text = String.fromCharCode(...head.subarray(0, foreignHeadLength))
  return formats.find(({ matches }) => matches(text))
}

/** True when the first eight bytes are a number below 2^32, so a header length and not the beginning of another format. */
function isLength(text: string): boolean {
  return text.slice(4, 8) === '\0\0\0\0'
}
