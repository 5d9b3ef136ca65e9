import { afterAll, beforeAll, expect, test } from 'vitest'
import { startProjectionFixture, type ProjectionFixture } from './projection-fixture.ts'
import { delivered, publishEvent, publishOutcomes, publishRejected, reference, retried } from './projection-messages.ts'

let fixture: ProjectionFixture
beforeAll(async () => {
  fixture = await startProjectionFixture()
  fixture.project()
})
afterAll(() => fixture?.stop())

test('what the streams hold becomes rows', async () => {
  const { broker } = fixture
  await publishEvent(broker, 'evt_1', { payload: '{ "amount": 10.00 }' })
  await publishOutcomes(broker, retried(reference(1)), delivered(reference(2)))
  await publishRejected(broker, {})
  await fixture.caughtUp()
  expect(await fixture.rows('events')).toMatchObject([{ id: 'evt_1' }])
  expect(await fixture.rows('deliveries')).toHaveLength(2)
  expect(await fixture.rows('attempts')).toHaveLength(2)
  expect(await fixture.rows('rejected_events')).toHaveLength(1)
})
