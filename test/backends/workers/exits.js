// A worker that ends in the middle of a part.
import { takeOne } from './takesOne.js'

takeOne()
process.exit(3)
