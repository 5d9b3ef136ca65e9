// Runs every vector against the built package (`pnpm run build`) with nothing but the language and the Web APIs, so that it works
// in any runtime: `node vectors/run-vectors.js`, `bun vectors/run-vectors.js`, `deno run --allow-read vectors/run-vectors.js`.
import { createVerifier } from '../dist/index.js'
import ed25519 from './ed25519.json' with { type: 'json' }
import githubStyle from './github-style.json' with { type: 'json' }
import lucra from './lucra.json' with { type: 'json' }
import luminSign from './lumin-sign.json' with { type: 'json' }
import lumirecrm from './lumirecrm.json' with { type: 'json' }
import lumoauth from './lumoauth.json' with { type: 'json' }
import sha512Style from './sha512-style.json' with { type: 'json' }
import standard from './standard.json' with { type: 'json' }
import stripeStyle from './stripe-style.json' with { type: 'json' }
import svix from './svix.json' with { type: 'json' }

const files = [ed25519, githubStyle, lucra, luminSign, lumirecrm, lumoauth, sha512Style, standard, stripeStyle, svix]
const wrong = []
let right = 0
for (const { profile, vectors } of files) {
  for (const vector of vectors) {
    const found = await outcomeOf(profile, vector)
    const expected = vector.expect.error ?? describe(vector.expect.event)
    if (found === expected) right += 1
    else wrong.push(`${profile.name ?? profile}, ${vector.name}: ${found} instead of ${expected}`)
  }
}
if (wrong.length > 0) throw new Error(wrong.join('\n'))
console.log(`${right} vectors are right`)

async function outcomeOf(profile, { secrets, toleranceSeconds, now, headers, body, bodyBase64 }) {
  try {
    const tolerance = toleranceSeconds === undefined ? {} : { toleranceSeconds: toleranceSeconds ?? Infinity }
    const verifier = createVerifier({ profile, secret: secrets, ...tolerance, now: () => now * 1_000 })
    const raw = body ?? Uint8Array.from(atob(bodyBase64), (character) => character.charCodeAt(0))
    return describe(await verifier.verify({ headers, body: raw }))
  } catch (error) {
    return error.code ?? String(error)
  }
}

function describe({ type, id, deliveryId, attempt, tenant, timestamp, unsigned = [] }) {
  return JSON.stringify({ type, id, deliveryId, attempt, tenant, timestamp, unsigned })
}
