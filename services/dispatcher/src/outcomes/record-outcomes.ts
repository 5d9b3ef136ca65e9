import {
  attemptsSubject,
  MessageHeader,
  outcomeLines,
  outcomeMessage,
  type DeliveryOutcome,
  type OutcomeLines,
} from '@jethook/contracts'
import { messageHeaders, TransientSet } from '@jethook/runtime'
import type { StoreMessage } from './store-message.ts'
import { ResultsSummary } from './summarize-results.ts'

/** Appends outcomes to ATTEMPTS, many in one message. */
export interface OutcomeRecorder {
  /** Resolves when the outcome is stored. */
  record(outcome: DeliveryOutcome): Promise<void>
  /** Resolves when all that was recorded is stored. */
  flush(): Promise<void>
}

const batchSize = 100
/** Half of what a message may hold where nothing else is configured; one outcome is at most about 250 KB. */
const maxBatchBytes = 524_288
/** A batch waits so long for more. Nothing else waits for it but the acknowledgement and the log. */
const batchAgeMs = 10

/** `maxMessageBytes`: what the broker takes in one message. */
export function createOutcomeRecorder(store: StoreMessage, writer: string, maxMessageBytes: number): OutcomeRecorder {
  const batchBytes = Math.min(maxBatchBytes, maxMessageBytes / 2)
  const subject = attemptsSubject(writer)
  let lines: OutcomeLines[] = []
  let results = new ResultsSummary()
  let bytes = 0
  let stored = Promise.withResolvers<void>()
  let timer: NodeJS.Timeout | undefined
  const underway = new TransientSet<Promise<void>>()
  let batches = 0

  // What results tell is counted: should their message be stored twice, because its acknowledgement was lost, it is one.
  const resultsHeader = () =>
    messageHeaders({
      [MessageHeader.messageId]: `${writer}/${batches++}`,
      [MessageHeader.results]: results.toString(),
    })

  const send = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (lines.length === 0) return
    const batch = stored
    const header = results.isEmpty ? undefined : resultsHeader()
    const sending = store(subject, outcomeMessage(lines), header).then(batch.resolve, batch.reject)
    underway.add(sending)
    void sending.finally(() => underway.delete(sending))
    lines = []
    results = new ResultsSummary()
    bytes = 0
    stored = Promise.withResolvers()
  }

  return {
    record(outcome) {
      const line = outcomeLines(outcome)
      if (bytes + line.bytes > batchBytes) send()
      lines.push(line)
      results.add(outcome)
      bytes += line.bytes
      const { promise } = stored
      if (lines.length >= batchSize) send()
      else timer ??= setTimeout(send, batchAgeMs)
      return promise
    },
    async flush() {
      send()
      await Promise.all(underway)
    },
  }
}
