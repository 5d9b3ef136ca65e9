import { Profile } from '@jethook/contracts'

const seconds = 1_000
const minutes = 60 * seconds
const hours = 60 * minutes

/** LumireCRM, as its public webhook page says; where the page is silent, what its users would expect. */
export const lumirecrm: Profile = Profile.parse({
  name: 'lumirecrm',
  description: 'A CRM for trading desks: traders, KYC, deposits, withdrawals, positions and support.',
  apiKey: { header: 'X-API-Key', prefix: 'lum_live_' },
  secret: { prefix: 'lum_whsec_', bytes: 32, overlapMs: 0 },
  eventTypes: [
    { name: 'trader.created', description: 'A new trader was provisioned (signup, manual add, lead conversion).' },
    { name: 'trader.updated', description: 'Trader profile fields, KYC level, or tags changed.' },
    {
      name: 'trader.deleted',
      description: 'Trader was soft-deleted (will be hard-deleted after 30 days per GDPR).',
    },
    { name: 'lead.created', description: 'New sales lead captured (form, marketing campaign, manual entry).' },
    { name: 'lead.converted', description: 'Lead converted to a trader.' },
    { name: 'kyc.requested', description: 'Trader uploaded KYC docs and submitted for review.' },
    { name: 'kyc.approved', description: 'KYC submission was approved (manual or auto via Sumsub).' },
    { name: 'kyc.rejected', description: 'KYC submission was rejected; reason in payload.detail.' },
    { name: 'deposit.created', description: 'Pending deposit created (awaiting gateway settlement).' },
    { name: 'deposit.settled', description: 'Deposit confirmed by gateway (Stripe / PayPal / Coinbase / bank).' },
    { name: 'deposit.failed', description: 'Gateway returned a hard failure.' },
    { name: 'withdrawal.requested', description: 'Trader requested a withdrawal.' },
    { name: 'withdrawal.approved', description: 'Withdrawal approved by an operator.' },
    { name: 'withdrawal.paid', description: 'Withdrawal funds dispatched.' },
    { name: 'withdrawal.rejected', description: 'Withdrawal denied; reason in payload.detail.' },
    { name: 'position.opened', description: 'New trading position opened on a connected platform.' },
    { name: 'position.updated', description: 'Position price/profit changed (sent on each sync delta).' },
    { name: 'position.closed', description: 'Position was closed.' },
    { name: 'support.ticket_created', description: 'Trader or operator opened a ticket.' },
    { name: 'support.ticket_replied', description: 'New message added to an existing ticket.' },
    { name: 'support.ticket_closed', description: 'Ticket marked resolved.' },
  ],
  userAgent: 'LumireCRM-Webhooks/1',
  headers: {
    'X-LumireCRM-Event': '{event.type}',
    'X-LumireCRM-Event-Id': '{event.id}',
    'X-LumireCRM-Delivery': '{delivery.id}',
    'X-LumireCRM-Attempt': '{attempt}',
  },
  signatures: [
    { header: 'X-LumireCRM-Signature', algorithm: 'hmac-sha256', encoding: 'hex', prefix: '', content: '{body}' },
  ],
  success: '2xx',
  timeoutMs: 30 * seconds,
  retry: {
    delaysMs: [5 * seconds, 30 * seconds, 2 * minutes, 10 * minutes, 30 * minutes, 2 * hours, 6 * hours, 12 * hours],
    jitter: 0.2,
  },
  concurrency: 10,
})
