import { freePort } from '../ports/free-port.ts'
import type { DataFolder } from '../stack/data-folder.ts'
import type { Life } from '../stack/life.ts'
import type { ServiceUrls } from '../stack/services.ts'
import { startDemoReceiver } from './demo-receiver.ts'
import { publishDemoEvents } from './publish-demo-events.ts'
import { setUpDemo, type Demo } from './set-up-demo.ts'

const DELIVERED_WITHIN_MS = 15_000

export interface DemoStack {
  readonly urls: ServiceUrls
  readonly natsUrl: string
  readonly natsCredentialsFile: string | undefined
  readonly operatorKey: string
  readonly receiverPort: number | undefined
  readonly folder: DataFolder
  readonly life: Life
}

/** A customer, its server, and a few events on their way to it. Returns when they have arrived. */
export async function runDemo(stack: DemoStack): Promise<Demo & { receiverUrl: string; receiverPort: number }> {
  const { urls, folder, life, natsUrl, natsCredentialsFile } = stack
  const known = folder.read('demo.json') as Demo | undefined
  const receiverPort = await freePort(stack.receiverPort)
  const receiver = await startDemoReceiver(receiverPort, life.say)
  life.onStop('demo', () => receiver.close())
  // Retries of the last start may come before anything else.
  if (known !== undefined) receiver.useSecret(known.secret)

  const { operatorKey } = stack
  const demo = await setUpDemo({ api: urls.subscriptions, operatorKey, receiverUrl: receiver.url, known })
  receiver.useSecret(demo.secret)
  folder.write('demo.json', demo)

  const { apiKey } = demo
  const count = await publishDemoEvents({ ingest: urls.ingest, apiKey, natsUrl, natsCredentialsFile })
  if (!(await receiver.verified(count, DELIVERED_WITHIN_MS))) {
    life.say(`Not all of the ${count} published events have arrived yet; what the services say above may tell why.`)
  }
  return { ...demo, receiverUrl: receiver.url, receiverPort }
}
