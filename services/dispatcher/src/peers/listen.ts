import type { Broker } from '@jethook/runtime'
import type { z } from 'zod'

/** Hears what is said on a subject of core NATS; what is not understood is passed over. Returns how to stop. */
export function listen<T>(
  { connection }: Pick<Broker, 'connection'>,
  subject: string,
  schema: z.ZodType<T>,
  handle: (message: T) => void,
): () => void {
  const subscription = connection.subscribe(subject, {
    callback: (error, message) => {
      const parsed = error ? undefined : schema.safeParse(readJson(message.string()))
      if (parsed?.success) handle(parsed.data)
    },
  })
  return () => subscription.unsubscribe()
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
