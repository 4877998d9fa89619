// Errors about PyTorch's files: like those about safetensors, with another next step.
import { type Fault, faultIn } from '../headerFault.ts'

const usualHint = 'the file is damaged: fetch it again, or save it again with torch.save'

/** Faults of the file `file`, or of one tensor in it. */
export function pytorchFaultIn(file: string, tensor?: string): Fault {
  const fault = faultIn(file, tensor)
  return (code, message, facts) => fault(code, message, { hint: usualHint, ...facts })
}
