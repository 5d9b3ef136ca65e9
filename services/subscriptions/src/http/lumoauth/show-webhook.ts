import type { Subscription } from '@jethook/configuration'
import type { LumoAuthWebhook } from '@jethook/contracts'
import { isoTime } from '../show-resources.ts'

export function showWebhook({ id, url, events, description, active, ...times }: Subscription): LumoAuthWebhook {
  const { createdAt, updatedAt } = times
  return { id, url, events, description, active, createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) }
}
