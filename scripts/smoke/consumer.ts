// A program that uses the package, for its types: it is compiled and not run.
import { AutoModelForCausalLM, AutoTokenizer, openBackend, pipeline, print, type Tensor } from 'vitrine'

const backend = await openBackend('wasm')
const x: Tensor = backend.rand([2, 3], { seed: 1 })
export const numbers: number[] = Array.from(x.sum([0, 1], { keepdim: true }).data)
export const norms: Tensor = backend.scope(() => x.mul(x).sum(-1).sqrt())

const model = await AutoModelForCausalLM.from_pretrained('folder', { backend })
const tokenizer = await AutoTokenizer.from_pretrained('folder')
export const text: string = print(model)
export const ids: Tensor = await model.generate([[1, 2]], { max_new_tokens: 3 })
const generator = await pipeline('text-generation', model, tokenizer)
for await (const piece of generator.stream('text')) piece.toUpperCase()
export const disposable: Disposable = x
backend.dispose()

// @ts-expect-error: a misspelt name must not be `any`
x.summ()
