import { Pool } from 'undici'
import { monotonicMs } from '../measure/monotonic.ts'
import { eventTypes } from '../product/event-types.ts'
import type { Tenant } from '../product/admin-api.ts'
import { dueOf } from './payload.ts'
import type { Publish } from './publish-burst.ts'

export interface HttpProducer {
  readonly publish: Publish
  /** From when each event was due until its answer was read, ms. */
  readonly acknowledgements: readonly number[]
  close(): Promise<void>
}

/** A back end that publishes over HTTP, one event per request, over connections that are kept. */
export function createHttpProducer(ingestUrl: string, tenants: readonly Tenant[]): HttpProducer {
  const client = new Pool(ingestUrl, { connections: 50, pipelining: 1 })
  const acknowledgements: number[] = []
  const publishOne = async (payload: Buffer, number: number): Promise<void> => {
    const type = eventTypes[Math.floor(number / tenants.length) % eventTypes.length] ?? ''
    const { statusCode, body } = await client.request({
      path: '/v1/events',
      method: 'POST',
      headers: { 'x-api-key': tenants[number % tenants.length]?.key ?? '', 'content-type': 'application/json' },
      body: `{"type":"${type}","payload":${payload.toString('latin1')}}`,
    })
    const answer = await body.text()
    acknowledgements.push(monotonicMs() - dueOf(payload))
    if (statusCode !== 202) throw new Error(`POST /v1/events: ${statusCode} ${answer}`)
  }
  return {
    publish: async (payloads, first) => {
      await Promise.all(payloads.map((payload, index) => publishOne(payload, first + index)))
    },
    acknowledgements,
    close: () => client.close(),
  }
}
