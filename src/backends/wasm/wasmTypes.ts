// What declarations say of WebAssembly's objects: TypeScript has their types only together with a browser's page, and
// programs that use this library may have no page.

/** A WebAssembly.Module. */
export type WasmModule = object

/** A WebAssembly.Memory. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer
  grow(pages: number): number
}
