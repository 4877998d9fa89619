// The activation functions that a config may name (transformers/activations.py), as modules that print like Hugging Face's.
import { ConfigError, nearestName } from '../errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Module } from './module.ts'
import { Parameter } from './parameter.ts'

/** Element by element: (...) -> (...). */
export abstract class Activation extends Module {
  abstract override forward(x: Tensor): Tensor
}

export class Tanh extends Activation {
  override forward(x: Tensor): Tensor {
    return x.tanh()
  }
}

export class ReLU extends Activation {
  override forward(x: Tensor): Tensor {
    return x.relu()
  }
}

export class Sigmoid extends Activation {
  override forward(x: Tensor): Tensor {
    return x.sigmoid()
  }
}

/** x/2 (1 + erf(x / sqrt 2)): BERT's. */
export class GELUActivation extends Activation {
  override forward(x: Tensor): Tensor {
    return x.gelu()
  }
}

/** x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))): GPT-2's. */
export class NewGELUActivation extends Activation {
  override forward(x: Tensor): Tensor {
    return x.gelu({ approximate: 'tanh' })
  }
}

/** The same function under the names by which others call it. */
export class GELUTanh extends NewGELUActivation {}
export class FastGELUActivation extends NewGELUActivation {}
export class AccurateGELUActivation extends NewGELUActivation {}

/** gelu cut off at -10 and 10, for quantised models. */
export class ClippedGELUActivation extends Activation {
  override forward(x: Tensor): Tensor {
    return x.gelu().maximum(-10).minimum(10)
  }
}

/** x sigmoid(1.702 x) */
export class QuickGELUActivation extends Activation {
  override forward(x: Tensor): Tensor {
    return x.mul(x.mul(1.702).sigmoid())
  }
}

/** x sigmoid(x); SiLUActivation is the name that the config's 'silu' prints. */
export class SiLU extends Activation {
  override forward(x: Tensor): Tensor {
    return x.silu()
  }
}
export class SiLUActivation extends SiLU {}

/** x tanh(log(1 + e^x)) */
export class MishActivation extends Activation {
  override forward(x: Tensor): Tensor {
    const softplus = x.relu().add(x.abs().neg().exp().add(1).log())
    return x.mul(softplus.tanh())
  }
}

/** (1 + erf((x - mu) / (sigma sqrt 2))) / 2 with mu and sigma rounded to six digits, as Hugging Face has them. */
export class LaplaceActivation extends Activation {
  override forward(x: Tensor): Tensor {
    const [mu, sigma] = [707107e-6, 282095e-6]
    return x
      .sub(mu)
      .div(sigma * Math.SQRT2)
      .erf()
      .add(1)
      .mul(0.5)
  }
}

/** max(x, 0) squared. */
export class ReLUSquaredActivation extends Activation {
  override forward(x: Tensor): Tensor {
    const positive = x.relu()
    return positive.mul(positive)
  }
}

export class ReLU6 extends Activation {
  override forward(x: Tensor): Tensor {
    return x.relu().minimum(6)
  }
}

/** x, or x/100 below zero. */
export class LeakyReLU extends Activation {
  override forward(x: Tensor): Tensor {
    return x.maximum(x.mul(0.01))
  }

  override extraRepr(): string {
    return 'negative_slope=0.01'
  }
}

/** x, or a learned multiple of it below zero. */
export class PReLU extends Activation {
  weight = new Parameter([1], { initial: { kind: 'constant', value: 0.25 } })

  override forward(x: Tensor): Tensor {
    return x.relu().sub(x.neg().relu().mul(this.weight.value))
  }

  override extraRepr(): string {
    return 'num_parameters=1'
  }
}

/** The identity. */
export class LinearActivation extends Activation {
  override forward(x: Tensor): Tensor {
    return x
  }
}

/** Activations by the names that hidden_act and activation_function use. */
const activations: Readonly<Record<string, () => Activation>> = {
  gelu: () => new GELUActivation(),
  gelu_10: () => new ClippedGELUActivation(),
  gelu_accurate: () => new AccurateGELUActivation(),
  gelu_fast: () => new FastGELUActivation(),
  gelu_new: () => new NewGELUActivation(),
  gelu_python: () => new GELUActivation(),
  gelu_python_tanh: () => new GELUTanh(),
  gelu_pytorch_tanh: () => new GELUTanh(),
  laplace: () => new LaplaceActivation(),
  leaky_relu: () => new LeakyReLU(),
  linear: () => new LinearActivation(),
  mish: () => new MishActivation(),
  prelu: () => new PReLU(),
  quick_gelu: () => new QuickGELUActivation(),
  relu: () => new ReLU(),
  relu2: () => new ReLUSquaredActivation(),
  relu6: () => new ReLU6(),
  sigmoid: () => new Sigmoid(),
  silu: () => new SiLUActivation(),
  swish: () => new SiLU(),
  tanh: () => new Tanh(),
}

export const activationNames: readonly string[] = Object.keys(activations)

/** A new activation by its name in a config. Throws ConfigError CONFIG_VALUE and lists the known ones. */
export function activation(name: string): Activation {
  const make = Object.hasOwn(activations, name) ? activations[name] : undefined
  if (make) return make()
  const near = nearestName(name, activationNames)
  throw new ConfigError('CONFIG_VALUE', `there is no activation function '${name}'`, {
    hint: near ? `did you mean '${near}'?` : `known: ${activationNames.join(', ')}`,
  })
}
