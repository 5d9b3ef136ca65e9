import { eventSubject, MessageHeader, type OperationalEvent } from '@jethook/contracts'
import { messageHeaders, type Publisher } from '@jethook/runtime'
import type { Signals } from '../signals.ts'
import type { HandleNotice } from './consume-notices.ts'
import { noticePayload } from './notice-payload.ts'

const againInMs = 10_000

/**
 * A notice becomes an event like any other, for the subscriptions that named its type. Its id is the notice's, so
 * that one stored twice is recognised.
 */
export function createDeliverNotice(publisher: Publisher, signals: Signals): HandleNotice {
  return async (notice: OperationalEvent) => {
    const { tenant, id, type } = notice
    const header = messageHeaders({
      [MessageHeader.messageId]: `${tenant}/${id}`,
      [MessageHeader.eventId]: id,
      [MessageHeader.acceptedAt]: String(Date.now()),
    })
    try {
      await publisher.publish(eventSubject(tenant, type), noticePayload(notice), header)
      signals.noticeDelivered(notice)
      return 'done'
    } catch (error) {
      signals.noticeNotDelivered(notice, error)
      return { againInMs }
    }
  }
}
