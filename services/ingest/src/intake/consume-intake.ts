import { intakeConsumer } from '@jethook/contracts'
import { consumeShared, type Broker, type JsMsg, type Logger } from '@jethook/runtime'
import type { Signals } from '../signals.ts'
import { handleMessage, type IntakeContext, type IntakeOutcome } from './handle-message.ts'
import { LateAcknowledgements } from './late-acknowledgements.ts'

export interface IntakeConsumption {
  /** Takes no more messages; resolves when those in hand are settled. */
  stop(): Promise<void>
}

/** Takes from INTAKE what producers published. How many are in hand at once is the consumer's `maxInFlight`. */
export function consumeIntake(
  context: IntakeContext & { readonly broker: Broker },
  signals: Signals,
  logger: Logger,
): IntakeConsumption {
  const acknowledgements = new LateAcknowledgements((message) => message.ack())
  let inHand = 0
  let whenDone: (() => void) | undefined

  const handle = async (message: JsMsg): Promise<void> => {
    inHand++
    const outcome = await handleMessage(context, message)
    settle(message, outcome, acknowledgements)
    signals.intakeSettled(message, outcome)
    inHand--
    if (inHand === 0) whenDone?.()
  }
  const consumption = consumeShared(context.broker, intakeConsumer, (message) => void handle(message), logger)

  return {
    async stop() {
      await consumption.stop()
      if (inHand > 0) await new Promise<void>((resolve) => (whenDone = resolve))
      acknowledgements.flush()
    },
  }
}

/** The only place that decides that a message of INTAKE is acknowledged: after EVENTS or REJECTED said that they hold it. */
function settle(message: JsMsg, outcome: IntakeOutcome, acknowledgements: LateAcknowledgements): void {
  switch (outcome.type) {
    case 'accepted':
    case 'rejected':
      acknowledgements.add(message)
      return
    case 'postponed':
      message.nak(postponementMs(message.info.deliveryCount))
      return
  }
}

/** 1 s after the first try, then 2 s, …, at most 5 s: what is in the way is in the way of all, and soon gone. */
const postponementMs = (tries: number): number => Math.min(tries, 5) * 1_000
