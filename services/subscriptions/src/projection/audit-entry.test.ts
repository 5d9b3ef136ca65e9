import { DomainEvent } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { auditEntry } from './audit-entry.ts'

const envelope = { tenant: 'acme', at: 1, by: 'operator' }
const settings = {
  url: 'https://receiver.example/',
  events: ['deposit.settled'],
  description: null,
  active: true,
  retryScheduleMs: null,
  timeoutMs: null,
}

test.each([
  { ...envelope, type: 'SubscriptionCreated', subscriptionId: 'sub_1', settings, secret: 'k1.SECRET' },
  { ...envelope, type: 'SubscriptionSecretRotated', subscriptionId: 'sub_1', secret: 'k1.SECRET' },
  { ...envelope, type: 'ApiKeyCreated', keyId: 'key_1', name: 'n', role: 'admin', hash: 'SECRET', hint: 'lum_live_ab' },
])('the audit log of $type holds no secret and no hash', (event) => {
  expect(JSON.stringify(auditEntry(DomainEvent.parse(event)))).not.toContain('SECRET')
})

test('an update is logged with what it changed', () => {
  const event = DomainEvent.parse({
    ...envelope,
    type: 'SubscriptionUpdated',
    subscriptionId: 'sub_1',
    changes: { active: false },
  })
  expect(auditEntry(event)).toEqual({
    kind: 'subscription',
    subjectId: 'sub_1',
    details: { changes: { active: false } },
  })
})

test('credentials are in it without anything secret', () => {
  const authentication = { type: 'basic', username: 'crm', password: 'k1.SECRET' }
  const clientCertificate = { certificate: 'pem', key: 'k1.SECRET', subject: 'CN=a', fingerprint: 'AB', expiresAt: 0 }
  const shown = {
    authentication: { type: 'basic', username: 'crm' },
    clientCertificate: { subject: 'CN=a', fingerprint: 'AB', expiresAt: '1970-01-01T00:00:00.000Z' },
  }
  const detailsOf = (event: object) =>
    auditEntry(DomainEvent.parse({ ...envelope, subscriptionId: 'sub_1', ...event })).details
  const created = { settings: { ...settings, authentication, clientCertificate }, secret: 'k1.SECRET' }
  expect(detailsOf({ type: 'SubscriptionCreated', ...created })).toMatchObject({ settings: { ...settings, ...shown } })
  expect(JSON.stringify(detailsOf({ type: 'SubscriptionCreated', ...created }))).not.toContain('SECRET')
  const changes = { authentication, clientCertificate: null }
  expect(detailsOf({ type: 'SubscriptionUpdated', changes })).toEqual({
    changes: { authentication: shown.authentication, clientCertificate: null },
  })
})
