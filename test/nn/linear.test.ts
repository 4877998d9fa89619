// Dense layers: what follows a product may become part of it, and nobody can tell but by the time it takes.
import { expect, test } from 'vitest'
import { activation, Conv1D, Dropout, GELUActivation, Linear, ShapeError, Tensor } from '../../src/index.ts'
import { arraySource } from '../../src/nn/initialize.ts'
import { onEachBackend } from '../backends.ts'

onEachBackend('dense layers', backend => {
  const numbers = (rows: number, cols: number): Tensor =>
    backend.tensor(
      Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(i * 1.3)),
      { shape: [rows, cols] },
    )
  const filled = <L extends Linear | Conv1D>(layer: L): L => {
    for (const parameter of layer.parameters()) {
      const values = Float32Array.from({ length: parameter.size }, (_, i) => 0.4 * Math.cos(i * 0.7))
      const storage = backend.weight(arraySource(values, parameter.shape), parameter.form)
      parameter.value = new Tensor(storage, parameter.shape)
    }
    return layer
  }
  const layers = () => [filled(new Linear(40, 37)), filled(new Conv1D(37, 40))] as const

  test.each(['relu', 'gelu', 'gelu_new', 'tanh', 'sigmoid', 'silu', 'quick_gelu', 'linear'])(
    'activated by %s gives the bits of the two steps',
    name => {
      const act = activation(name)
      for (const layer of layers()) {
        for (const rows of [1, 2, 9]) {
          const x = numbers(rows, 40)
          expect(layer.activated(act, x).data).toEqual(act.forward(layer.forward(x)).data)
        }
      }
    },
  )

  test('added to a residual gives the bits of the steps', () => {
    for (const layer of layers()) {
      for (const rows of [1, 2, 9]) {
        const [x, residual] = [numbers(rows, 40), numbers(rows, 37)]
        expect(layer.added(residual, new Dropout(), x).data).toEqual(layer.forward(x).add(residual).data)
      }
    }
  })

  test('who watches a layer, an activation or a dropout sees its own values, and changes no bit', () => {
    const [x, residual] = [numbers(9, 40), numbers(9, 37)]
    for (const layer of layers()) {
      const [act, dropout] = [new GELUActivation(), new Dropout()]
      const plain = [layer.activated(act, x).data, layer.added(residual, dropout, x).data]
      for (const module of [layer, act, dropout]) {
        const seen: unknown[] = []
        const handle = module.register_forward_hook((_, __, output) => void seen.push(output))
        expect([layer.activated(act, x).data, layer.added(residual, dropout, x).data]).toEqual(plain)
        expect(seen.length).toBeGreaterThan(0)
        const own = module === act ? plain[0] : layer.forward(x).data
        expect((seen[0] as Tensor).data).toEqual(own)
        handle.remove()
      }
    }
  })

  test('an activation that overrides another is not taken for it', () => {
    class Doubled extends GELUActivation {
      override forward(x: Tensor): Tensor {
        return super.forward(x).mul(2)
      }
    }
    const [layer] = layers()
    const x = numbers(3, 40)
    expect(layer.activated(new Doubled(), x).data).toEqual(layer.forward(x).gelu().mul(2).data)
  })

  test('a residual of another shape is refused', () => {
    const [layer] = layers()
    expect(() => layer.added(numbers(2, 37), new Dropout(), numbers(3, 40))).toThrow(ShapeError)
    expect(() => layer.added(numbers(2, 37), new Dropout(), numbers(3, 40))).toThrow('residual (2, 37)')
  })
})
