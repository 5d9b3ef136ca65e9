import type { OperationalEvent } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { writeMail } from './write-mail.ts'

const about = {
  id: 'evt_1',
  tenant: 'acme',
  at: Date.parse('2026-03-01T12:00:00Z'),
  subscriptionId: 'sub_1',
  url: 'https://example.com:8443/hooks?token=secret',
}
const streak = { consecutiveFailures: 10, threshold: 20, failingSince: Date.parse('2026-03-01T10:30:00Z') }

test.each<[OperationalEvent, string, RegExp]>([
  [
    { type: 'webhook.failing', ...about, percent: 50, streak },
    'Webhook to example.com:8443 keeps failing (50 %)',
    /last 10 attempts .* since 2026-03-01 10:30:00 UTC\.\nAfter 20 failures in a row it is disabled/,
  ],
  [
    { type: 'webhook.disabled', ...about, reason: 'failing', streak: { ...streak, consecutiveFailures: 20 } },
    'Webhook to example.com:8443 was disabled',
    /20 attempts in a row failed/,
  ],
  [
    { type: 'webhook.disabled', ...about, reason: 'gone' },
    'Webhook to example.com:8443 was disabled',
    /it answered 410, Gone/,
  ],
  [
    { type: 'webhook.enabled', ...about, by: 'key_1' },
    'Webhook to example.com:8443 is enabled again',
    /gets events from now on/,
  ],
])('%o', (notice, subject, text) => {
  const mail = writeMail(notice)
  expect(mail.subject).toBe(subject)
  expect(mail.text).toMatch(text)
  expect(mail.text).toContain('Webhook:  https://example.com:8443/hooks?token=secret\nId:       sub_1\nAccount:  acme')
})
