import { secretOwner, type Configuration, type SecretBox, type Subscription } from '@jethook/configuration'
import { ProblemError } from '@jethook/contracts'
import type { AppendDecision } from '../append/append-decision.ts'
import { requireOpenLink, useSecretLink } from '../decide/use-secret-link.ts'
import { hashToken } from './draw-secret-link.ts'

export interface SecretLinks {
  /** Until when the link works, milliseconds since the epoch. Looking does not use it up. Throws `secret_link_…`. */
  look(token: string): number
  /** The secret, for the only time: of several at once, one gets it. Throws `secret_link_…`. */
  use(token: string): Promise<string>
}

export interface SecretLinksOptions {
  readonly configuration: Configuration
  readonly append: AppendDecision
  readonly secretBox: SecretBox
}

/** As who a link is used: whoever has it. */
const by = 'secret link'

export function createSecretLinks({ configuration, append, secretBox }: SecretLinksOptions): SecretLinks {
  const find = (tokenHash: string): Subscription => {
    const subscription = configuration.subscriptionOfSecretLink(tokenHash)
    if (subscription) return subscription
    throw new ProblemError('secret_link_not_found', 'There is no such link, or not any more.')
  }

  return {
    look(token) {
      const tokenHash = hashToken(token)
      return requireOpenLink(find(tokenHash).secretLink, tokenHash, Date.now()).expiresAt
    },
    async use(token) {
      const tokenHash = hashToken(token)
      const { tenant, id: subscriptionId } = find(tokenHash)
      const command = { tenant, at: Date.now(), by, subscriptionId, tokenHash }
      // The secret of the very state on which it was decided: a rotation may follow at once, and has its own link.
      let sealed: Subscription['secret'] | undefined
      await append(tenant, (state) => {
        sealed = state.subscriptions.get(subscriptionId)?.secret
        return useSecretLink(command, state)
      })
      if (sealed === undefined) throw new Error(`The subscription ${subscriptionId} has a link, but no secret.`)
      return secretBox.decrypt(sealed, secretOwner.subscription(tenant, subscriptionId))
    },
  }
}
