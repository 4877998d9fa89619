// Wrong shapes, dims and types: every refusal names the operation and the shapes.
import { expect, test } from 'vitest'
import { openBackend, ShapeError, type TensorValues } from '../../src/index.ts'
import { onEachBackend } from '../backends.ts'

onEachBackend('misuse', backend => {
  const x = backend.zeros([2, 3])
  const refusals: [code: string, text: string, run: () => unknown][] = [
    ['SHAPE', 'matmul: shapes (2, 3) and (4, 5)', () => x.matmul(backend.zeros([4, 5]))],
    ['SHAPE', 'add: shapes (2,) and (3,)', () => backend.zeros([2]).add(backend.zeros([3]))],
    ['SHAPE', 'cannot become (4,)', () => x.reshape([4])],
    ['SHAPE', 'cannot become (-1, -1)', () => x.reshape([-1, -1])],
    ['DIM_RANGE', 'sum: dim 5 is outside', () => x.sum(5)],
    ['DIM_RANGE', 'softmax: dim -3 is outside', () => x.softmax(-3)],
    ['RANK', 'expected 3 dims', () => x.dims3()],
    ['PERMUTE', 'does not name each dim', () => x.permute([0, 0])],
    ['INDEX', 'select: 2 is outside', () => x.select(0, 2)],
    ['SPLIT', 'split3', () => backend.zeros([4]).split3()],
    ['TOPK', 'cannot take 4 of the 3', () => x.topk(4)],
    ['EMPTY', 'max: dim 0', () => backend.zeros([0]).max(0)],
    ['SHAPE', 'linear: input (2, 3)', () => x.linear(backend.zeros([4, 5]))],
    ['SHAPE', 'layerNorm', () => x.layerNorm(backend.zeros([2]), backend.zeros([3]), 1e-5)],
    [
      'SHAPE',
      'attend',
      () => backend.zeros([1, 1, 2, 4]).attend(backend.zeros([1, 1, 2, 5]), backend.zeros([1, 1, 2, 5])),
    ],
    ['BAD_SHAPE', 'NaN', () => backend.zeros([Number.NaN])],
    ['BAD_SHAPE', '-1', () => backend.zeros([2, -1])],
    ['BAD_SHAPE', '1.5', () => backend.zeros([1.5])],
    ['TOO_LARGE', 'more than', () => backend.zeros([2 ** 31])],
    ['TOO_LARGE', 'more than', () => backend.zeros([2 ** 30, 2 ** 30, 2 ** 30])],
    ['TOO_LARGE', 'more than', () => backend.zeros([0, 2 ** 40])],
    ['RAGGED', 'different shapes', () => backend.tensor([[1, 2], [3]])],
    ['SHAPE', '3 values do not fill', () => backend.tensor([1, 2, 3], { shape: [2, 2] })],
    ['SHAPE', 'item: a tensor of shape (2, 3)', () => x.item()],
  ]

  test.each(refusals)('%s: %s', (code, text, run) => {
    expect(run).toThrow(ShapeError)
    expect(run).toThrow(expect.objectContaining({ code }))
    expect(run).toThrow(text)
  })

  test('tensors of two back ends do not mix, and the error says how to bring one over', async () => {
    const other = await openBackend('reference')
    const run = () => x.add(other.zeros([2, 3]))
    expect(run).toThrow(expect.objectContaining({ code: 'BACKEND_MISMATCH' }))
    expect(run).toThrow('backend.tensor(x.data, { shape: x.shape })')
    const near = backend.tensor(other.full([2, 3], 2).data, { shape: [2, 3] })
    expect(x.add(near).sum().item()).toBe(12)
  })

  test('ids outside of a table are refused before anything is read', () => {
    const table = backend.zeros([4, 2])
    for (const id of [-1, 4]) {
      expect(() => table.embedding(backend.tensor([0, id], { dtype: 'int32' }))).toThrow(
        expect.objectContaining({ code: 'ID_RANGE' }),
      )
    }
  })

  test('nested arrays, typed arrays, numbers and truth values become tensors', () => {
    const forms: [TensorValues, unknown][] = [
      [5, 5],
      [
        [true, false],
        [1, 0],
      ],
      [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [1, 2],
          [3, 4],
        ],
      ],
      [Float32Array.from([0.5]), [0.5]],
      [Int32Array.from([7]), [7]],
      [
        [1n, 2n],
        [1, 2],
      ],
      [[], []],
    ]
    for (const [values, wanted] of forms) expect(backend.tensor(values).tolist()).toEqual(wanted)
    expect(backend.tensor(Int32Array.from([7])).dtype).toBe('int32')
    expect(backend.arange(4).tolist()).toEqual([0, 1, 2, 3])
    expect(backend.full([2], 3, 'int32').dtype).toBe('int32')
  })
})
