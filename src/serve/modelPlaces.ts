// The models to serve and what requests call them.
import { existsSync } from 'node:fs'
import { basename, isAbsolute, resolve } from 'node:path'
import { ConfigError } from '../errors.ts'
import type { ModelPlace } from './engine/messages.ts'

/**
 * Folders, as they are or as NAME=FOLDER; without a name a folder is called by the last part of its path. Throws ConfigError
 * NO_MODEL, MODEL_NAME or DUPLICATE_MODEL.
 */
export function modelPlaces(models: readonly (string | ModelPlace)[]): ModelPlace[] {
  const places = models.map(model => (typeof model === 'string' ? placeOf(model) : model))
  if (places.length === 0) throw new ConfigError('NO_MODEL', 'serve: there is no model to serve')
  for (const [i, { name }] of places.entries()) {
    if (!/^[^\p{Cc}\s"\\?#%]{1,200}$/u.test(name) || name.split('/').some(part => /^\.*$/.test(part))) {
      throw new ConfigError('MODEL_NAME', `serve: '${name}' cannot be the name of a model`, {
        hint: 'NAME=FOLDER gives another one',
      })
    }
    if (places.findIndex(place => place.name === name) === i) continue
    const message = `serve: two models are called ${name}`
    throw new ConfigError('DUPLICATE_MODEL', message, { hint: 'NAME=FOLDER gives one of them another name' })
  }
  return places
}

function placeOf(model: string): ModelPlace {
  const [, name, rest] = /^([^=]+)=(.+)$/.exec(model) ?? []
  if (name !== undefined && rest !== undefined && !existsSync(model)) return { name, folder: rest }
  const isPath = existsSync(model) || isAbsolute(model) || /^\.{1,2}[\\/]/.test(model)
  return { name: isPath ? basename(resolve(model)) : model, folder: model }
}
