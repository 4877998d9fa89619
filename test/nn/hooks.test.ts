// Hooks and taps: they see what flows, may change it, and leave no trace when they are removed.
import { expect, test } from 'vitest'
import { ReferenceBackend } from '../../src/backends/reference.ts'
import {
  type Backend,
  BertForSequenceClassification,
  Dropout,
  GPT2LMHeadModel,
  type HookHandle,
  type Module,
  Tensor,
} from '../../src/index.ts'
import { onEachBackend } from '../backends.ts'
import { expectClose, type GoldenTensor, golden, goldenPath } from '../golden.ts'

const ids = [[5, 17, 42, 99, 120, 7]]

const loadGpt2 = (backend: Backend) => GPT2LMHeadModel.from_pretrained(goldenPath('weights/gpt2-lm'), { backend })
const loadBert = (backend: Backend) =>
  BertForSequenceClassification.from_pretrained(goldenPath('weights/bert-seqcls'), { backend })

function logitsOf(model: { forward(inputs: { input_ids: number[][] }): { logits: Tensor } }): number[] {
  return Array.from(model.forward({ input_ids: ids }).logits.data)
}

onEachBackend('hooks', backend => {
  test('watching every tap changes no bit of the result', async () => {
    for (const model of [await loadGpt2(backend), await loadBert(backend)]) {
      const before = logitsOf(model)
      const seen: string[] = []
      const handles = [...model.named_modules()].flatMap(([path, module]) => {
        const { taps } = module.constructor as typeof Module
        return taps.map(name =>
          module.register_tap(name, value => void seen.push(`${path} ${name} ${value.shape.join('x')}`)),
        )
      })
      expect(logitsOf(model)).toEqual(before)
      expect(seen).toHaveLength(12) // 2 layers, 6 taps each
      expect(new Set(seen.map(line => line.split(' ').slice(1).join(' ')))).toEqual(
        new Set(['q 1x4x6x8', 'k 1x4x6x8', 'v 1x4x6x8', 'scores 1x4x6x6', 'probs 1x4x6x6', 'z 1x4x6x8']),
      )
      for (const handle of handles) handle.remove()
      expect(logitsOf(model)).toEqual(before)
      expect(seen).toHaveLength(12)
    }
  })

  test('probs are the attentions of Hugging Face', async () => {
    const { cases } = golden<{
      cases: { inputs: { input_ids: GoldenTensor }; outputs: { attentions: GoldenTensor[] } }[]
    }>('models/gpt2-lm.json')
    const { inputs, outputs } = cases[0]!
    const model = await loadGpt2(backend)
    const wanted = outputs.attentions
    let layer = 0
    for (const block of model.transformer.h) {
      block.attn.register_tap('probs', probs => expectClose(probs, wanted[layer++]!, 5e-6, 'probs'))
    }
    model.forward({ input_ids: backend.tensor(inputs.input_ids.data as number[], { shape: inputs.input_ids.shape }) })
    expect(layer).toBe(2)
  })

  test('a tap may replace a value: uniform attention, and a head that is cut out', async () => {
    const model = await loadGpt2(backend)
    const before = logitsOf(model)
    const { attn } = model.transformer.h[0]!
    const uniform = attn.register_tap('probs', probs => probs.mul(0).add(1 / probs.shape.at(-1)!))
    let seen: number[] = []
    const watcher = attn.register_tap('probs', probs => {
      seen = Array.from(probs.data)
    })
    expect(logitsOf(model)).not.toEqual(before)
    expect(new Set(seen)).toEqual(new Set([Math.fround(1 / 6)]))
    uniform.remove()
    watcher.remove()
    const cut = attn.register_tap('z', z => z.mul(backend.tensor([[[[1]], [[0]], [[1]], [[1]]]])))
    expect(logitsOf(model)).not.toEqual(before)
    cut.remove()
    expect(logitsOf(model)).toEqual(before)
  })

  test('replacing a value by itself changes nothing', async () => {
    const model = await loadBert(backend)
    const before = logitsOf(model)
    const { self } = model.bert.encoder.layer[1]!.attention
    for (const name of ['q', 'k', 'v', 'scores', 'probs', 'z']) self.register_tap(name, value => value)
    expect(logitsOf(model)).toEqual(before)
  })

  test('forward hooks see arguments and output, in order, and may replace both', async () => {
    const model = await loadGpt2(backend)
    const before = logitsOf(model)
    const block = model.get_submodule('transformer.h.1')
    const events: string[] = []
    const shapeOf = (value: unknown) => (value instanceof Tensor ? value.shape.join() : 'no tensor')
    const handles = [
      block.register_forward_pre_hook(
        (module, args) => void events.push(`pre ${module.constructor.name} ${args.length}`),
      ),
      block.register_forward_hook(
        (_, args, output) => void events.push(`post ${shapeOf(args[0])} -> ${shapeOf(output)}`),
      ),
    ]
    expect(logitsOf(model)).toEqual(before)
    expect(events).toEqual(['pre GPT2Block 2', 'post 1,6,32 -> 1,6,32'])
    const skip = block.register_forward_hook((_, args) => args[0])
    const skipped = logitsOf(model)
    expect(skipped).not.toEqual(before)
    skip.remove()
    const zero = block.register_forward_pre_hook((_, [x, ...rest]) => [(x as Tensor).mul(0), ...rest])
    expect(logitsOf(model)).not.toEqual(before)
    zero.remove()
    for (const handle of handles) handle.remove()
    expect(logitsOf(model)).toEqual(before)
  })

  test('a removed hook leaves the object as the class made it', async () => {
    const model = await loadGpt2(backend)
    const { attn } = model.transformer.h[0]!
    const own = Reflect.ownKeys(attn)
    const handle = attn.register_forward_hook(() => undefined)
    const tap = attn.register_tap('q', () => undefined)
    expect(Object.hasOwn(attn, 'forward')).toBe(true)
    handle.remove()
    handle.remove()
    tap.remove()
    expect(Reflect.ownKeys(attn)).toEqual(own)
    expect(Object.hasOwn(attn, 'forward')).toBe(false)
  })

  test('a function that is registered twice is called twice, and each handle removes one call', async () => {
    const model = await loadGpt2(backend)
    const { attn } = model.transformer.h[0]!
    let calls = 0
    const count = () => void calls++
    const registrations: [kind: string, register: () => HookHandle][] = [
      ['forward hook', () => attn.register_forward_hook(count)],
      ['pre-hook', () => attn.register_forward_pre_hook(count)],
      ['tap', () => attn.register_tap('q', count)],
    ]
    for (const [kind, register] of registrations) {
      const handles = [register(), register()]
      const counts = [2, 1, 0].map(() => {
        calls = 0
        logitsOf(model)
        handles.pop()?.remove()
        return calls
      })
      expect(counts, kind).toEqual([2, 1, 0])
    }
    expect(Object.hasOwn(attn, 'forward')).toBe(false)
  })

  test('what a hook returns must be able to stand there', async () => {
    const model = await loadGpt2(backend)
    const { attn } = model.transformer.h[0]!
    const before = logitsOf(model)
    const refusals: [text: string, register: () => HookHandle][] = [
      ['a forward hook of GPT2Attention returned 7 in place of a Tensor', () => attn.register_forward_hook(() => 7)],
      ['returned an array of 1 in place of a Tensor', () => attn.register_forward_hook((_, __, out) => [out])],
      ['returned a Promise in place of', () => model.register_forward_hook(async () => undefined)],
      ['a pre-hook of GPT2Attention returned', () => attn.register_forward_pre_hook((_, [x]) => x)],
      ["a tap on 'q' of GPT2Attention returned 1 in place of a Tensor", () => attn.register_tap('q', () => 1)],
    ]
    for (const [text, register] of refusals) {
      const handle = register()
      expect(() => logitsOf(model)).toThrow(expect.objectContaining({ code: 'HOOK_RESULT' }))
      expect(() => logitsOf(model)).toThrow(text)
      handle.remove()
    }
    for (const register of [() => attn.register_forward_hook(() => null), () => attn.register_tap('q', () => null)]) {
      const handle = register()
      expect(logitsOf(model)).toEqual(before)
      handle.remove()
    }
    const nothing = () => Reflect.apply(attn.register_forward_hook, attn, [undefined])
    expect(nothing).toThrow(expect.objectContaining({ code: 'BAD_TYPE' }))
  })

  test('a tap that changes a shape is refused, with a cache and without', async () => {
    const model = await loadGpt2(backend)
    for (const name of ['k', 'v']) {
      const handle = model.transformer.h[0]!.attn.register_tap(name, t => t.slice(2, 0, 1))
      for (const use_cache of [false, true]) {
        const run = () => model.forward({ input_ids: ids, use_cache })
        expect(run).toThrow(expect.objectContaining({ code: 'SHAPE' }))
      }
      handle.remove()
    }
  })

  test('the attention matrix is not made when nobody watches', async () => {
    const model = await loadGpt2(backend)
    let calls = 0
    const scores = backend.attentionScores.bind(backend)
    backend.attentionScores = (...args) => {
      calls++
      return scores(...args)
    }
    try {
      logitsOf(model)
      expect(calls).toBe(0)
      const tap = model.transformer.h[1]!.attn.register_tap('scores', () => undefined)
      logitsOf(model)
      expect(calls).toBe(1)
      tap.remove()
      logitsOf(model)
      expect(calls).toBe(1)
    } finally {
      backend.attentionScores = scores
    }
  })

  test('a hook that throws leaves nothing behind', async () => {
    const model = await loadGpt2(backend)
    const before = logitsOf(model)
    const { live } = backend
    const handle = model.transformer.h[1]!.mlp.register_forward_hook(() => {
      throw new Error('stop')
    })
    expect(() => model.forward({ input_ids: ids, output_attentions: true })).toThrow('stop')
    expect(backend.live).toBe(live)
    handle.remove()
    expect(logitsOf(model)).toEqual(before)
  })

  test('an unknown tap or path is refused with what there is', async () => {
    const model = await loadGpt2(backend)
    const { attn } = model.transformer.h[0]!
    expect(() => attn.register_tap('pattern', () => undefined)).toThrow('it has q, k, v, scores, probs, z')
    expect(() => model.transformer.h[0]!.mlp.register_tap('q', () => undefined)).toThrow(
      expect.objectContaining({ code: 'NO_TAP' }),
    )
    expect(() => model.get_submodule('transformer.h.0.atn')).toThrow("did you mean 'transformer.h.0.attn'?")
  })
})

test("a forward that somebody has put in the place of the class's own is hooked like it, and is there again afterwards", () => {
  const backend = new ReferenceBackend()
  const layer = new Dropout(0.1)
  const own = (x: Tensor) => x.add(1)
  layer.forward = own
  let calls = 0
  const handle = layer.register_forward_hook(() => void calls++)
  expect(layer.forward(backend.ones([1])).item()).toBe(2)
  expect(calls).toBe(1)
  handle.remove()
  expect(layer.forward).toBe(own)
})
