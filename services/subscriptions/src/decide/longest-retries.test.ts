import { EncryptedSecret, Profile, RetryPolicy } from '@jethook/contracts'
import { shippedProfiles } from '@jethook/profiles'
import { expect, test } from 'vitest'
import {
  command,
  given,
  profile,
  profileCreated,
  settings,
  subscriptionCreated,
  tenantCreated,
} from '../../test/given.ts'
import { createSubscription } from './create-subscription.ts'
import { problemWithRetries } from './longest-retries.ts'
import { updateSubscription } from './update-subscription.ts'
import { createProfile, updateProfile } from './write-profile.ts'

const day = 86_400_000
const retentionMs = 7 * day

test.each<[number[], number, boolean]>([
  [[], 0, true],
  [[6 * day], 0.1, true],
  [[6 * day], 0.2, false],
  [[7 * day], 0, false],
  [Array.from({ length: 50 }, () => 7 * day), 0, false],
])('delays of %j with jitter %d fit into 7 days: %j', (delaysMs, jitter, fits) => {
  expect(problemWithRetries(RetryPolicy.parse({ delaysMs, jitter }), retentionMs) === undefined).toBe(fits)
})

test('shipped profiles fit into the retention that there is unless another one is set', () => {
  for (const { retry } of shippedProfiles.values()) expect(problemWithRetries(retry, retentionMs)).toBeUndefined()
})

const tooLong = [7 * day, 7 * day]
const isRefused = {
  code: 'invalid_request',
  errors: [{ field: 'retryScheduleMs', message: expect.any(String) as string }],
} as const

test('a subscription that would be retried for longer than its events are kept is refused', () => {
  const create = { ...command, subscriptionId: 'sub_2', secret: EncryptedSecret.parse('k1.secret'), retentionMs }
  given(tenantCreated)
    .when(createSubscription, { ...create, settings: { ...settings, retryScheduleMs: tooLong } })
    .fails(isRefused)
  given(tenantCreated, subscriptionCreated)
    .when(updateSubscription, {
      ...command,
      subscriptionId: 'sub_1',
      changes: { retryScheduleMs: tooLong },
      retentionMs,
    })
    .fails(isRefused)
})

test('so is a profile', () => {
  const document = Profile.parse({ ...profile, retry: { delaysMs: tooLong } })
  const write = { ...command, name: 'mine', document, retentionMs }
  const refused = {
    code: 'invalid_request',
    message:
      'retry.delaysMs: the delays add up to 15.4 days with jitter, but events are kept for 7 days (RETENTION_DAYS): shorten them',
  } as const
  given(tenantCreated).when(createProfile, write).fails(refused)
  given(tenantCreated, profileCreated).when(updateProfile, write).fails(refused)
})
