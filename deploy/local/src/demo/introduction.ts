import { join } from 'node:path'
import { DEMO_TENANT } from './set-up-demo.ts'

export interface Introduction {
  readonly api: string
  readonly ingest: string
  readonly natsUrl: string
  readonly databaseUrl: string
  readonly receiverUrl: string
  readonly apiKey: string
  readonly subscriptionId: string
  readonly dataFolder: string
  /** The folder is not where `run.mjs` looks by itself. */
  readonly dataFolderIsElsewhere: boolean
  readonly root: string
}

/** The last thing that `npm start` prints: where everything is, and three lines to paste. */
export function introduction(about: Introduction): string {
  const key = `-H 'X-API-Key: ${about.apiKey}'`
  const publish = `{"type":"deposit.settled","payload":{"amount":"10.00","currency":"EUR"}}`
  const where = about.dataFolderIsElsewhere ? `JETHOOK_DATA_DIR=${quoted(about.dataFolder)} ` : ''
  return `
Jethook is running.

  Admin API        ${about.api}
  API reference    ${about.api}/docs
  Publish by HTTP  ${about.ingest}/v1/events
  Publish by NATS  ${withoutPassword(about.natsUrl)}   subject intake.${DEMO_TENANT}.<event type>
  Postgres         ${withoutPassword(about.databaseUrl)}
  Demo receiver    ${about.receiverUrl}

Publish an event, see how it was delivered, publish another one through NATS:

  curl -X POST ${about.ingest}/v1/events ${key} -H 'Content-Type: application/json' -d '${publish}'

  curl ${about.api}/v1/webhooks/${about.subscriptionId}/deliveries ${key}

  ${where}node ${quoted(join(about.root, 'run.mjs'))} publish ${DEMO_TENANT} deposit.settled '{"amount":"10.00","currency":"EUR"}'

Ctrl-C stops everything; the data stays in ${about.dataFolder}.
`
}

function withoutPassword(url: string): string {
  return url.replace(/:[^:@/]*@/, ':…@')
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}
