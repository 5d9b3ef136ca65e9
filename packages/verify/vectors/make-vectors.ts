import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { githubStyle, sha512Style, stripeStyle } from './source/described.ts'
import { ed25519 } from './source/ed25519.ts'
import { lucra } from './source/lucra.ts'
import { luminSign } from './source/lumin-sign.ts'
import { lumirecrm } from './source/lumirecrm.ts'
import { lumoauth } from './source/lumoauth.ts'
import { standardVectors } from './source/standard.ts'

/** Writes the JSON files beside it: `node vectors/make-vectors.ts`, then oxfmt. */
const files = {
  lumirecrm,
  lucra,
  'lumin-sign': luminSign,
  lumoauth,
  standard: standardVectors('webhook', 'standard'),
  svix: standardVectors('svix', 'svix'),
  'github-style': githubStyle,
  'stripe-style': stripeStyle,
  'sha512-style': sha512Style,
  ed25519,
}
for (const [name, file] of Object.entries(files)) {
  writeFileSync(join(import.meta.dirname, `${name}.json`), `${JSON.stringify(file, null, 2)}\n`)
}
