import type { Subscription } from '@jethook/configuration'
import type { WebhookResource } from '@jethook/contracts'
import { isoTime } from './show-resources.ts'

/** A subscription as the one webhook of its owner: there is nothing to choose but the URL. */
export function showSingleWebhook({ id, url, active, createdAt, updatedAt }: Subscription): WebhookResource {
  return { id, url, active, createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) }
}
