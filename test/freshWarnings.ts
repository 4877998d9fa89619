// Test files share the modules of a process; what one of them was warned of is said again in the next.
import { forgetWarnings } from '../src/warnings.ts'

forgetWarnings()
