import type { RequestFacts } from '../src/request-facts.ts'

/** For tests: one attempt at one event. */
export const facts: RequestFacts = {
  tenant: 'lumire',
  eventId: 'evt_1',
  eventType: 'deposit.settled',
  eventTimeMs: 1_738_420_200_123,
  deliveryId: 'dlv_1',
  attempt: 2,
  nowMs: 1_738_420_300_999,
  payload: Buffer.from('{ "amount": 10.00 }'),
}
