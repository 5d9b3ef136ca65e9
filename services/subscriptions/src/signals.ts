import type { DeliveryReference, DomainEvent, OperationalEvent } from '@jethook/contracts'
import { Counter, Gauge, type Logger, type Registry } from '@jethook/runtime'

/** Every business event of this service, as a metric and a log line. */
export interface Signals {
  configChanged(event: DomainEvent, sequence: number, tries: number): void
  testSent(tenant: string, subscriptionId: string, eventId: string, by: string): void
  replayed(delivery: DeliveryReference, by: string): void
  noticeDelivered(notice: OperationalEvent): void
  noticeNotDelivered(notice: OperationalEvent, error: unknown): void
  noticeMailed(notice: OperationalEvent): void
  noticeNotMailed(notice: OperationalEvent, result: 'refused' | 'failed', error: unknown): void
  calendarNotPurged(tenant: string, subscriptionId: string, error: unknown): void
}

export interface SignalsOptions {
  readonly logger: Logger
  readonly metrics: Registry
  readonly isDatabaseUp: () => Promise<boolean>
}

export function createSignals({ logger, metrics, isDatabaseUp }: SignalsOptions): Signals {
  const registers = [metrics]
  const changes = new Counter({
    name: 'jethook_config_changes_total',
    help: 'Domain events stored in CONFIG.',
    labelNames: ['type'],
    registers,
  })
  const conflicts = new Counter({
    name: 'jethook_config_conflicts_total',
    help: 'Decisions made again because another replica had decided something about the tenant.',
    registers,
  })
  const tests = new Counter({ name: 'jethook_test_events_total', help: 'Test events sent.', registers })
  const replays = new Counter({ name: 'jethook_replays_total', help: 'Deliveries started anew by hand.', registers })
  const notices = new Counter({
    name: 'jethook_notices_total',
    help: 'Operational events on their ways: by webhook and by mail, done or not.',
    labelNames: ['way', 'type', 'result'],
    registers,
  })
  const databaseUp = new Gauge({
    name: 'jethook_database_up',
    help: '1 when Postgres answers. Without it only the logs of events and deliveries cannot be read.',
    registers,
    async collect() {
      databaseUp.set((await isDatabaseUp()) ? 1 : 0)
    },
  })

  return {
    configChanged({ type, tenant, by }, sequence, tries) {
      changes.inc({ type })
      conflicts.inc(tries - 1)
      logger.info({ type, tenant, by, sequence, tries }, 'config.changed')
    },
    testSent(tenant, subscriptionId, eventId, by) {
      tests.inc()
      logger.info({ tenant, subscriptionId, eventId, by }, 'subscription.tested')
    },
    replayed({ tenant, subscriptionId, eventId, deliveryId }, by) {
      replays.inc()
      logger.info({ tenant, subscriptionId, eventId, deliveryId, by }, 'delivery.replayed')
    },
    noticeDelivered(notice) {
      notices.inc({ way: 'webhook', type: notice.type, result: 'done' })
      logger.info(linesOf(notice), 'notice.delivered')
    },
    noticeNotDelivered(notice, err) {
      notices.inc({ way: 'webhook', type: notice.type, result: 'failed' })
      logger.warn({ ...linesOf(notice), err }, 'notice.not_delivered')
    },
    noticeMailed(notice) {
      notices.inc({ way: 'mail', type: notice.type, result: 'done' })
      logger.info(linesOf(notice), 'notice.mailed')
    },
    noticeNotMailed(notice, result, err) {
      notices.inc({ way: 'mail', type: notice.type, result })
      logger.warn({ ...linesOf(notice), result, err }, 'notice.not_mailed')
    },
    calendarNotPurged(tenant, subscriptionId, err) {
      logger.warn({ tenant, subscriptionId, err }, 'calendar.not_purged')
    },
  }
}

const linesOf = ({ id, type, tenant, subscriptionId }: OperationalEvent) => ({ id, type, tenant, subscriptionId })
