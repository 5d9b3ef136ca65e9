import type { DomainEvent } from '@jethook/contracts'
import { test } from 'vitest'
import { command, given, subscriptionCreated, tenantCreated } from '../../test/given.ts'
import { createSecretLink } from './create-secret-link.ts'
import { useSecretLink } from './use-secret-link.ts'

const ofSubscription = { ...command, subscriptionId: 'sub_1' }
const linked = { ...subscriptionCreated, secretLink: { tokenHash: 'first', expiresAt: 10_000 } } as DomainEvent
const used: DomainEvent = { type: 'SecretLinkUsed', ...ofSubscription, tokenHash: 'first' }
const renewed: DomainEvent = {
  type: 'SecretLinkCreated',
  ...ofSubscription,
  secretLink: { tokenHash: 'second', expiresAt: 10_000 },
}
const rotated = {
  type: 'SubscriptionSecretRotated',
  ...ofSubscription,
  secret: 'k1.new',
  secretLink: { tokenHash: 'third', expiresAt: 10_000 },
} as DomainEvent
const use = (tokenHash: string, at = command.at) => ({ ...ofSubscription, at, tokenHash })

test('an open link is used', () => {
  given(tenantCreated, linked)
    .when(useSecretLink, use('first'))
    .happens({ type: 'SecretLinkUsed', ...use('first') })
})

test.each<[string, DomainEvent[], number, string, string]>([
  [
    'one that was used',
    [linked, used],
    3_000,
    'secret_link_used',
    'This link was used on 1970-01-01T00:00:02.000Z, and works only once. If that was not you, have the secret rotated at once.',
  ],
  ['one whose time is over', [linked], 10_000, 'secret_link_expired', 'This link has expired. Ask for a new one.'],
  [
    'one with a newer one',
    [linked, renewed],
    3_000,
    'secret_link_expired',
    'This link was replaced by a newer one. Use that one.',
  ],
  [
    'one to a secret that was rotated',
    [linked, rotated],
    3_000,
    'secret_link_expired',
    'This link was replaced by a newer one. Use that one.',
  ],
  ['one of a deleted subscription', [], 3_000, 'secret_link_not_found', 'There is no such link, or not any more.'],
  [
    'one of a subscription without links',
    [subscriptionCreated],
    3_000,
    'secret_link_not_found',
    'There is no such link, or not any more.',
  ],
])('%s shows nothing', (_name, events, at, code, message) => {
  given(tenantCreated, ...events)
    .when(useSecretLink, use('first', at))
    .fails({ code: code as never, message })
})

test('a new link is made as long as the secret was not shown', () => {
  const wanted = { ...ofSubscription, secretLink: { tokenHash: 'fourth', expiresAt: 20_000 } }
  given(tenantCreated, linked)
    .when(createSecretLink, wanted)
    .happens({ type: 'SecretLinkCreated', ...wanted })
  given(tenantCreated, linked, used).when(createSecretLink, wanted).fails({ code: 'secret_link_used' })
  given(tenantCreated, subscriptionCreated).when(createSecretLink, wanted).fails({ code: 'secret_link_not_found' })
  given(tenantCreated, linked, used, rotated)
    .when(createSecretLink, wanted)
    .happens({ type: 'SecretLinkCreated', ...wanted })
})
