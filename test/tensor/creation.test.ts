// Making tensors: from values of every form, filled, counted up. What a user hands over is copied.
import { expect, test } from 'vitest'
import { type DType, Generator, type RandomOptions, set_seed, type TensorValues } from '../../src/index.ts'
import { onEachBackend } from '../backends.ts'

onEachBackend('creation', backend => {
  const forms: [TensorValues, unknown, DType][] = [
    [5, 5, 'float32'],
    [[[true, false]], [[1, 0]], 'float32'],
    [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 2],
        [3, 4],
      ],
      'float32',
    ],
    [[1n, 2n], [1, 2], 'float32'],
    [[], [], 'float32'],
    [[[], []], [[], []], 'float32'],
    [Float32Array.of(0.5), [0.5], 'float32'],
    [Float64Array.of(0.5), [0.5], 'float32'],
    [Int8Array.of(-7), [-7], 'int32'],
    [Int16Array.of(-7), [-7], 'int32'],
    [Int32Array.of(7), [7], 'int32'],
    [Uint8Array.of(255), [255], 'int32'],
    [Uint8ClampedArray.of(300), [255], 'int32'],
    [Uint16Array.of(65535), [65535], 'int32'],
    [Uint32Array.of(7), [7], 'int32'],
    [BigInt64Array.of(-7n), [-7], 'int32'],
    [BigUint64Array.of(7n), [7], 'int32'],
    [
      [Uint16Array.of(1, 2), Uint16Array.of(3, 4)],
      [
        [1, 2],
        [3, 4],
      ],
      'float32',
    ],
  ]

  test.each(forms)('%o', (values, wanted, dtype) => {
    backend.scope(() => {
      const x = backend.tensor(values)
      expect(x.tolist()).toEqual(wanted)
      expect(x.dtype).toBe(dtype)
    })
  })

  test('another tensor gives a copy with the same values, shape and type', () => {
    backend.scope(() => {
      const x = backend.tensor(Int32Array.of(1, 2), { shape: [2, 1] })
      const copy = backend.tensor(x)
      x.dispose()
      expect([copy.tolist(), copy.dtype]).toEqual([[[1], [2]], 'int32'])
      expect(
        backend
          .tensor(copy, { dtype: 'float32', shape: [2] })
          .div(2)
          .tolist(),
      ).toEqual([0.5, 1])
    })
  })

  test('fractions are dropped on the way to int32, as in torch', () => {
    backend.scope(() => {
      expect(backend.tensor([1.5, -1.5], { dtype: 'int32' }).tolist()).toEqual([1, -1])
      expect(backend.full([2], -2.9, 'int32').tolist()).toEqual([-2, -2])
    })
  })

  test('rand and randn draw from a seed, a generator, or the one that set_seed seeds', () => {
    backend.scope(() => {
      const wanted = backend.rand([2, 3], { seed: 5 }).tolist()
      const generator = new Generator(5)
      expect(backend.rand([2, 3], { generator }).tolist()).toEqual(wanted)
      expect(backend.rand([2, 3], { generator }).tolist()).not.toEqual(wanted)
      set_seed(5)
      expect(backend.rand([2, 3]).tolist()).toEqual(wanted)
      expect(backend.randn([1000], { seed: 5 }).std().item()).toBeCloseTo(1, 1)
    })
    const refusals = [
      [{ sede: 1 }, 'UNKNOWN_OPTION'],
      [{ seed: 1.5 }, 'GENERATOR_VALUE'],
      [{ generator: 5 }, 'BAD_TYPE'],
      [{ generator: new Generator(1), seed: 1 }, 'BAD_TYPE'],
    ] as const
    for (const [options, code] of refusals) {
      expect(() => backend.rand([2], options as RandomOptions)).toThrow(expect.objectContaining({ code }))
    }
  })

  test('zeros, ones, full, arange', () => {
    backend.scope(() => {
      expect(backend.zeros([2, 2]).tolist()).toEqual([
        [0, 0],
        [0, 0],
      ])
      expect(backend.ones([2], 'int32').dtype).toBe('int32')
      expect(backend.ones([]).item()).toBe(1)
      expect(backend.full([2], 0.5).tolist()).toEqual([0.5, 0.5])
      expect(backend.zeros([-0, 3]).shape).toStrictEqual([0, 3])
      expect(backend.arange(4).tolist()).toEqual([0, 1, 2, 3])
      expect(backend.arange(4).dtype).toBe('int32')
      expect(backend.arange(-0).shape).toStrictEqual([0])
      expect(backend.arange(0, 3, 1, 'float32').dtype).toBe('float32')
      expect(backend.arange(0, 2.5, 1, 'int32').tolist()).toEqual([0, 1, 2])
    })
  })

  test('a typed array, a list, a shape that change after the call have no effect', () => {
    backend.scope(() => {
      const [values, list, shape] = [Float32Array.of(1, 2), [[3], [4]], [2, 1]]
      const tensors = [
        backend.tensor(values),
        backend.tensor(list),
        backend.tensor(values, { shape }),
        backend.zeros(shape),
      ]
      const reshaped = backend.zeros([2]).reshape(shape)
      const data = tensors[0]!.data
      values.fill(9)
      list[0]![0] = 9
      shape.fill(9)
      data.fill(9)
      expect(tensors.map(x => x.tolist())).toEqual([
        [1, 2],
        [[3], [4]],
        [[1], [2]],
        [[0], [0]],
      ])
      expect(reshaped.shape).toEqual([2, 1])
    })
  })
})
