// A worker that never finishes a part.
import { takeOne } from './takesOne.js'

takeOne()
for (;;);
