import { secretOwner, type PreviousSecret, type SecretBox, type Subscription } from '@jethook/configuration'
import type { EncryptedSecret } from '@jethook/contracts'
import type { Secret, SigningSecrets } from '@jethook/profiles'
import type { Ingredients } from './prepare-subscription.ts'

/** What a subscription signs with, as far as its profiles sign with it. Throws when an encryption key is missing. */
export function openSecrets(
  subscription: Subscription,
  { profile, alsoSignAs, primaryKey, app }: Ingredients,
  secretBox: SecretBox,
): SigningSecrets {
  const { tenant, id, appId } = subscription
  const signsWith = new Set([profile, ...alsoSignAs].flatMap(({ signatures }) => signatures.map(({ key }) => key)))
  const open = (owner: string, secret: EncryptedSecret, previous?: PreviousSecret): Secret[] => [
    { text: secretBox.decrypt(secret, owner) },
    ...(previous ? [{ text: secretBox.decrypt(previous.secret, owner), untilMs: previous.until }] : []),
  ]
  return {
    ...(signsWith.has('subscription') && {
      subscription: open(secretOwner.subscription(tenant, id), subscription.secret, subscription.previousSecret),
    }),
    ...(signsWith.has('account') &&
      !appId &&
      primaryKey?.primary && { account: open(secretOwner.apiKey(tenant, primaryKey.id), primaryKey.primary) }),
    ...(signsWith.has('app') && app && { app: open(secretOwner.app(tenant, app.id), app.secret, app.previousSecret) }),
  }
}
