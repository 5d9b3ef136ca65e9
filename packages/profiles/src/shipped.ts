import { Profile } from '@jethook/contracts'
import lucra from './shipped/lucra.json' with { type: 'json' }
import luminSign from './shipped/lumin-sign.json' with { type: 'json' }
import lumirecrm from './shipped/lumirecrm.json' with { type: 'json' }
import lumoauth from './shipped/lumoauth.json' with { type: 'json' }
import standard from './shipped/standard.json' with { type: 'json' }
import svix from './shipped/svix.json' with { type: 'json' }

const documents = [standard, svix, lumirecrm, lucra, luminSign, lumoauth]

/** The profiles that come with Jethook, by name. */
export const shippedProfiles: ReadonlyMap<string, Profile> = new Map(
  documents.map((document) => [document.name, Profile.parse(document)]),
)
