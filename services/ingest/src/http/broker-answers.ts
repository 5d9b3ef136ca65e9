import { ProblemError } from '@jethook/contracts'
import { brokerProblem, PublishError } from '@jethook/runtime'

/** So long a caller waits for NATS at most, before it hears that it should try again. */
const patienceMs = 4_000

/** What `work` resolves to, or the problem that NATS is not there for it. */
export async function withBroker<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(unavailable(undefined)), patienceMs)
  })
  try {
    return await Promise.race([work, tooLong])
  } catch (error) {
    if (error instanceof ProblemError) throw error
    throw error instanceof PublishError ? brokerProblem(error) : unavailable(error)
  } finally {
    clearTimeout(timer)
  }
}

export const unavailable = (cause: unknown): ProblemError =>
  new ProblemError('broker_unavailable', 'Nothing was confirmed as stored. Try again.', { cause })
