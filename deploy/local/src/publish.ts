import { intakeSubject } from '@jethook/contracts'
import { jetstream } from '@nats-io/jetstream'
import { readCommandLine } from './command-line.ts'
import { connectTo } from './nats/connect.ts'
import { DataFolder, type Running } from './stack/data-folder.ts'

/** `node run.mjs publish <tenant> <event type> <json> [event id]`: what any producer does, without a NATS client at hand. */
const [tenant = '', eventType = '', payload = '', eventId] = readCommandLine({
  usage: `node run.mjs publish <tenant> <event type> '<json>' [event id]`,
  arguments: [3, 4],
})
const running = DataFolder.fromEnvironment(process.env).read('running.json') as Running | undefined
const url = process.env['NATS_URL'] || running?.natsUrl
if (url === undefined) quit('Nothing runs here: start it with "npm start", or set NATS_URL.')

try {
  JSON.parse(payload)
} catch (error) {
  quit(`Not stored: the payload is not JSON: ${(error as Error).message}`)
}
try {
  const connection = await connectTo(url, process.env['NATS_CREDENTIALS_FILE'])
  const subject = intakeSubject(tenant, eventType)
  const stored = await jetstream(connection).publish(subject, payload, eventId === undefined ? {} : { msgID: eventId })
  console.log(
    `${subject} is stored in ${stored.stream} as message ${stored.seq}${stored.duplicate ? ', again' : ''}.\n` +
      'If it cannot be accepted, for example as there is no such tenant, GET /v1/events/rejected of the admin API says so.',
  )
  await connection.close()
} catch (error) {
  quit(`Not stored: ${error instanceof Error ? error.message : String(error)}`)
}

function quit(message: string): never {
  console.error(message)
  process.exit(1)
}
