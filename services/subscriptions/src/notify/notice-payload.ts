import type { OperationalEvent } from '@jethook/contracts'

/** What receivers of a notice get. The type stands in it twice, under the names that providers' receivers look for. */
export function noticePayload(notice: OperationalEvent): string {
  const { type, subscriptionId, url, at } = notice
  return JSON.stringify({ type, event: type, subscriptionId, url, at: isoTime(at), ...detailsOf(notice) })
}

function detailsOf(notice: OperationalEvent): Record<string, unknown> {
  switch (notice.type) {
    case 'webhook.disabled':
      return { reason: notice.reason, ...streakOf(notice.streak) }
    case 'webhook.enabled':
      return { by: notice.by }
    case 'webhook.failing':
      return { percent: notice.percent, ...streakOf(notice.streak) }
  }
}

function streakOf(streak: Extract<OperationalEvent, { type: 'webhook.failing' }>['streak'] | undefined) {
  if (!streak) return {}
  const { consecutiveFailures, threshold, failingSince } = streak
  return { consecutiveFailures, threshold, failingSince: failingSince === null ? null : isoTime(failingSince) }
}

const isoTime = (timeMs: number): string => new Date(timeMs).toISOString()
