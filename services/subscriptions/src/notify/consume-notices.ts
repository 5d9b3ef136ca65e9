import { OperationalEvent, type ConsumerDefinition } from '@jethook/contracts'
import { consumeShared, placeOf, type Broker, type Consumption, type JsMsg, type Logger } from '@jethook/runtime'

/** What became of a notice on one of its ways. */
export type NoticeResult = 'done' | { readonly againInMs: number }

/** Never rejects. `attempt` counts from 1. */
export type HandleNotice = (notice: OperationalEvent, attempt: number) => Promise<NoticeResult>

export interface ConsumeNoticesOptions {
  readonly broker: Broker
  readonly logger: Logger
  readonly handle: HandleNotice
}

/** How many notices are remembered as done, for those whose acknowledgement was lost and that come again. */
const remembered = 1_000

/** Takes notices from OPERATIONS on one of their ways, shared with the other replicas: the only place that acknowledges them. */
export function consumeNotices(
  definition: ConsumerDefinition,
  { broker, logger, handle }: ConsumeNoticesOptions,
): Consumption {
  const inHand = new Map<string, Promise<void>>()
  const done = new Set<string>()

  const dealWith = async (message: JsMsg, name: string): Promise<void> => {
    const result = await resultOf(message, handle, logger)
    if (result === 'done') {
      remember(done, name)
      message.ack()
    } else {
      message.nak(result.againInMs)
    }
    inHand.delete(name)
  }

  const consumption = consumeShared(
    broker,
    definition,
    (message) => {
      const name = nameOf(message)
      if (inHand.has(name)) return
      if (done.has(name)) message.ack()
      else inHand.set(name, dealWith(message, name))
    },
    logger,
  )
  return {
    working: () => consumption.working(),
    async stop() {
      await consumption.stop()
      await Promise.all(inHand.values())
    },
  }
}

/** Sequences start again when the stream is made anew, time does not. */
function nameOf(message: JsMsg): string {
  const { sequence, timestampNanos } = placeOf(message)
  return `${timestampNanos}/${sequence}`
}

function remember(done: Set<string>, name: string): void {
  done.add(name)
  const [oldest] = done
  if (done.size > remembered && oldest !== undefined) done.delete(oldest)
}

async function resultOf(message: JsMsg, handle: HandleNotice, logger: Logger): Promise<NoticeResult> {
  const notice = OperationalEvent.safeParse(parseJson(message))
  if (notice.success) return handle(notice.data, message.info.deliveryCount)
  // From a newer version, in the middle of an upgrade: one of those takes care of what it knows.
  logger.error({ subject: message.subject, err: notice.error }, 'notice.unknown')
  return 'done'
}

function parseJson(message: JsMsg): unknown {
  try {
    return message.json()
  } catch {
    return undefined
  }
}
