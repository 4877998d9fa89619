// A worker that fails in the middle of a part.
import { takeOne } from './takesOne.js'

takeOne()
throw new Error('in the middle of a part')
