import { randomBytes } from 'node:crypto'
import { intakeSubject } from '@jethook/contracts'
import { jetstream } from '@nats-io/jetstream'
import { connectTo } from '../nats/connect.ts'
import { call } from './api.ts'
import { DEMO_TENANT } from './set-up-demo.ts'

export interface DemoEventsOptions {
  readonly ingest: string
  readonly apiKey: string
  readonly natsUrl: string
  readonly natsCredentialsFile: string | undefined
}

/** One event over HTTP and two over NATS, the two ways a producer has. Returns how many. */
export async function publishDemoEvents(options: DemoEventsOptions): Promise<number> {
  const { ingest, apiKey, natsUrl, natsCredentialsFile } = options
  const body = { type: 'deposit.settled', payload: deposit('250.00') }
  await call('POST', `${ingest}/v1/events`, { key: apiKey, body, expect: [200, 201, 202] })

  const connection = await connectTo(natsUrl, natsCredentialsFile)
  const subject = intakeSubject(DEMO_TENANT, 'deposit.settled')
  for (const amount of ['19.99', '1200.00']) {
    await jetstream(connection).publish(subject, JSON.stringify(deposit(amount)))
  }
  await connection.close()
  return 3
}

function deposit(amount: string): Record<string, string> {
  return {
    depositId: `dep_${randomBytes(4).toString('hex')}`,
    traderId: 'trd_4711',
    amount,
    currency: 'EUR',
    gateway: 'stripe',
  }
}
