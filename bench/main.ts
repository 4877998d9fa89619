import { modelFolder } from './subjects/weights.ts'
import { sizes } from './subjects/sizes.ts'
console.log(modelFolder('gpt2', sizes.tiny), modelFolder('bert', sizes.tiny))
console.time('w'); console.log(modelFolder('gpt2', sizes.base), modelFolder('bert', sizes.base)); console.timeEnd('w')
