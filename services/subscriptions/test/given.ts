import { Configuration } from '@jethook/configuration'
import {
  defaultDeliveryRules,
  EncryptedSecret,
  ProblemError,
  Profile,
  type DomainEvent,
  type ProfileCreated,
} from '@jethook/contracts'
import { expect } from 'vitest'
import { stateOf, type TenantState } from '../src/decide/tenant-state.ts'

/** For tests of deciders: given these events, when this command is decided, then … */
export function given(...events: DomainEvent[]) {
  const configuration = new Configuration()
  for (const [index, event] of events.entries()) configuration.apply(event, index + 1)
  const state = stateOf(configuration, 'acme')
  return {
    when: <C, E>(decide: (command: C, state: TenantState) => E, command: C) => ({
      happens(expected: E): void {
        expect(decide(command, state)).toEqual(expected)
      },
      nothingHappens(): void {
        expect(decide(command, state)).toBeUndefined()
      },
      fails(expected: Partial<Pick<ProblemError, 'code' | 'errors' | 'message'>>): void {
        try {
          decide(command, state)
        } catch (error) {
          expect(error).toBeInstanceOf(ProblemError)
          expect(error).toMatchObject(expected)
          return
        }
        expect.fail('it did not fail')
      },
    }),
  }
}

export const command = { tenant: 'acme', at: 2_000, by: 'key_admin' }

export const tenantCreated: DomainEvent = {
  type: 'TenantCreated',
  tenant: 'acme',
  at: 1_000,
  by: 'operator',
  name: 'Acme',
  profile: 'lumirecrm',
}

export const profile = Profile.parse({
  name: 'mine',
  eventTypes: [{ name: 'order.paid' }],
  signatures: [{ header: 'X-Signature', algorithm: 'hmac-sha256', encoding: 'hex' }],
})

export const profileCreated: ProfileCreated = {
  type: 'ProfileCreated',
  tenant: 'acme',
  at: 1_100,
  by: 'key_admin',
  name: 'mine',
  document: profile,
}

export const settings = {
  url: 'https://example.com/webhooks',
  events: ['deposit.settled', 'withdrawal.requested'],
  description: null,
  active: true,
  retryScheduleMs: null,
  timeoutMs: null,
  ...defaultDeliveryRules,
}

export const secret = EncryptedSecret.parse('k1.sealed')

export const subscriptionCreated: DomainEvent = {
  type: 'SubscriptionCreated',
  tenant: 'acme',
  at: 1_500,
  by: 'key_admin',
  subscriptionId: 'sub_1',
  settings,
  secret,
}

export const subscriptionDeleted: DomainEvent = {
  type: 'SubscriptionDeleted',
  tenant: 'acme',
  at: 1_600,
  by: 'key_admin',
  subscriptionId: 'sub_1',
}

export const keyCreated: DomainEvent = {
  type: 'ApiKeyCreated',
  tenant: 'acme',
  at: 1_200,
  by: 'operator',
  keyId: 'key_1',
  name: 'back end',
  role: 'publisher',
  hash: 'a hash',
  hint: 'lum_live_abcdef',
}
