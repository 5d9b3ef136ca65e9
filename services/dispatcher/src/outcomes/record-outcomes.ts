import { attemptsSubject, MessageHeader, type DeliveryOutcome } from '@jethook/contracts'
import { messageHeaders } from '@jethook/runtime'
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
/** Well below the broker's limit of 1 MiB per message; one outcome is at most about 120 KB. */
const batchBytes = 524_288
/** A batch waits so long for more. Nothing else waits for it but the acknowledgement and the log. */
const batchAgeMs = 5

export function createOutcomeRecorder(store: StoreMessage, writer: string): OutcomeRecorder {
  const subject = attemptsSubject(writer)
  let lines: string[] = []
  let results = new ResultsSummary()
  let bytes = 0
  let stored = Promise.withResolvers<void>()
  let timer: NodeJS.Timeout | undefined
  const underway = new Set<Promise<void>>()

  const send = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (lines.length === 0) return
    const batch = stored
    const header = results.isEmpty ? undefined : messageHeaders({ [MessageHeader.results]: results.toString() })
    const sending = store(subject, `[${lines.join(',')}]`, header).then(batch.resolve, batch.reject)
    underway.add(sending)
    void sending.finally(() => underway.delete(sending))
    lines = []
    results = new ResultsSummary()
    bytes = 0
    stored = Promise.withResolvers()
  }

  return {
    record(outcome) {
      const line = JSON.stringify(outcome)
      if (bytes + line.length > batchBytes) send()
      lines.push(line)
      results.add(outcome)
      bytes += line.length
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
