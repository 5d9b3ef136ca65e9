import type { OperationalEvent } from '@jethook/contracts'

export interface Mail {
  readonly subject: string
  readonly text: string
}

/** What the contact of a tenant reads. */
export function writeMail(notice: OperationalEvent): Mail {
  const { url, subscriptionId, tenant } = notice
  const host = hostOf(url)
  const footer = `Webhook:  ${url}\nId:       ${subscriptionId}\nAccount:  ${tenant}\nWhen:     ${utc(notice.at)}\n`
  const { subject, sentences } = contentOf(notice, host)
  return { subject, text: `${sentences.join('\n')}\n\n${footer}` }
}

function contentOf(notice: OperationalEvent, host: string): { subject: string; sentences: string[] } {
  switch (notice.type) {
    case 'webhook.disabled':
      return {
        subject: `Webhook to ${host} was disabled`,
        sentences: [
          `The webhook to ${host} was disabled: ${reasonOf(notice)}.`,
          'It gets no events until it is enabled again. Events of that time are not delivered later.',
        ],
      }
    case 'webhook.enabled':
      return {
        subject: `Webhook to ${host} is enabled again`,
        sentences: [`The webhook to ${host} is enabled again, and gets events from now on.`],
      }
    case 'webhook.failing': {
      const { consecutiveFailures, threshold, failingSince } = notice.streak
      return {
        subject: `Webhook to ${host} keeps failing (${notice.percent} %)`,
        sentences: [
          `The last ${consecutiveFailures} attempts to deliver to ${host} failed, since ${utc(failingSince)}.`,
          `After ${threshold} failures in a row it is disabled.`,
        ],
      }
    }
  }
}

type DisabledNotice = Extract<OperationalEvent, { type: 'webhook.disabled' }>

function reasonOf({ reason, streak }: DisabledNotice): string {
  switch (reason) {
    case 'failing':
      return streak
        ? `${streak.consecutiveFailures} attempts in a row failed, since ${utc(streak.failingSince)}`
        : 'it kept failing'
    case 'gone':
      return 'it answered 410, Gone'
    case 'receiver':
      return 'its receiver asked for it'
    case 'manual':
      return 'somebody asked for it'
  }
}

/** A subject is a header: nothing of the URL but its host goes there. */
const hostOf = (url: string): string => URL.parse(url)?.host ?? 'an endpoint'

const utc = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
