import {
  createId,
  eventSubject,
  mailConsumer,
  operationsSubject,
  StreamName,
  type OperationalEvent,
} from '@jethook/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMailServer, waitFor, type MailServer } from '../../../test/infrastructure/index.ts'
import { startSubscriptions, type Fixture, type TenantFixture } from './start-subscriptions.ts'

let mailServer: MailServer
let fixture: Fixture
let tenant: TenantFixture

const contact = 'ops@acme.example'

beforeAll(async () => {
  mailServer = await startMailServer()
  fixture = await startSubscriptions(undefined, {
    SMTP_URL: mailServer.url,
    NOTIFY_FROM: 'Jethook <notices@jethook.example>',
  })
  tenant = await fixture.createTenant('lumoauth')
  await setContact(contact)
})
afterAll(async () => {
  await fixture?.dispose()
  await mailServer?.close()
})

const setContact = (contactEmail: string | null, of = tenant) =>
  fixture.call('PATCH', `/v1/tenants/${of.id}`, { key: fixture.operatorKey, body: { contactEmail } })

function failing(of = tenant): OperationalEvent {
  const at = Date.now()
  return {
    type: 'webhook.failing',
    id: createId('evt', at),
    tenant: of.id,
    at,
    subscriptionId: createId('sub', at),
    url: 'https://example.com/hooks',
    percent: 50,
    streak: { consecutiveFailures: 10, threshold: 20, failingSince: at - 60_000 },
  }
}

const tell = (notice: OperationalEvent) =>
  fixture.broker.publisher.publish(operationsSubject(notice.tenant, notice.type), JSON.stringify(notice))

const mailsAbout = ({ id }: OperationalEvent) => mailServer.mails.filter(({ raw }) => raw.includes(`<${id}@jethook>`))

test('a notice becomes an event of its tenant, once, although it is told twice', async () => {
  const notice = failing()
  await tell(notice)
  await tell(notice)
  const last = failing()
  await tell(last)
  const filter = eventSubject(tenant.id, 'webhook.failing')
  const stored = await waitFor(async () => {
    const info = await fixture.broker.manager.streams.info(StreamName.events, { subjects_filter: filter })
    return (info.state.subjects?.[filter] ?? 0) >= 2 && info.state.subjects
  })
  expect(stored).toEqual({ [filter]: 2 })
  const message = await fixture.broker.manager.streams.getMessage(StreamName.events, { last_by_subj: filter })
  expect(message?.header.get('Jethook-Event-Id')).toBe(last.id)
  expect(message?.json()).toEqual({
    type: 'webhook.failing',
    event: 'webhook.failing',
    subscriptionId: last.subscriptionId,
    url: 'https://example.com/hooks',
    at: new Date(last.at).toISOString(),
    percent: 50,
    consecutiveFailures: 10,
    threshold: 20,
    failingSince: new Date(last.at - 60_000).toISOString(),
  })
})

test('the contact of the tenant gets a mail', async () => {
  const notice = failing()
  await tell(notice)
  const [mail] = await waitFor(() => mailsAbout(notice).length > 0 && mailsAbout(notice))
  expect(mail).toMatchObject({ from: 'notices@jethook.example', to: [contact] })
  expect(mail?.raw).toContain('Subject: Webhook to example.com keeps failing (50 %)')
  expect(mail?.raw).toContain('Auto-Submitted: auto-generated')
  expect(mail?.raw).toContain(notice.subscriptionId)
})

test('with two replicas, and a third that starts while they stop, each notice is mailed once', async () => {
  const second = await fixture.startReplica()
  const notices = Array.from({ length: 30 }, () => failing())
  await Promise.all(notices.slice(0, 15).map(tell))
  await Promise.all([second.stop(), fixture.startReplica()])
  await Promise.all(notices.slice(15).map(tell))
  await waitFor(() => notices.every((notice) => mailsAbout(notice).length > 0), { timeoutMs: 30_000 })
  // What comes afterwards is behind whatever might have been sent twice.
  const last = failing()
  await tell(last)
  await waitFor(() => mailsAbout(last).length > 0)
  expect(notices.map((notice) => mailsAbout(notice).length)).toEqual(notices.map(() => 1))
})

test('who has no contact address gets no mail, and one that is taken away neither', async () => {
  const silent = await fixture.createTenant('lumoauth')
  const unheard = failing(silent)
  await tell(unheard)
  await setContact('first@acme.example', silent)
  await setContact(null, silent)
  const alsoUnheard = failing(silent)
  await tell(alsoUnheard)
  const heard = failing()
  await tell(heard)
  await waitFor(() => mailsAbout(heard).length > 0)
  expect([...mailsAbout(unheard), ...mailsAbout(alsoUnheard)]).toEqual([])
})

test('an address that the server refuses holds nobody up', async () => {
  mailServer.refuse({ code: 550, message: 'No such user' })
  const refused = failing()
  await tell(refused)
  await waitFor(async () => {
    const { num_pending, num_ack_pending } = await fixture.broker.manager.consumers.info('OPERATIONS', 'mail')
    return num_pending + num_ack_pending === 0
  })
  mailServer.refuse(undefined)
  const heard = failing()
  await tell(heard)
  await waitFor(() => mailsAbout(heard).length > 0)
  expect(mailsAbout(refused)).toEqual([])
})

test('a contact that is no address is refused', async () => {
  const { status, body } = await setContact('nobody')
  expect(status).toBe(422)
  expect(body).toMatchObject({ code: 'invalid_request', errors: [expect.objectContaining({ field: 'contactEmail' })] })
})

test('what is told after the stream was made anew is not taken for what was told before', async () => {
  const before = failing()
  await tell(before)
  await waitFor(() => mailsAbout(before).length === 1, { what: 'the mail of before' })
  const { manager } = fixture.broker
  const { last_seq: toldBefore } = (await manager.streams.info(StreamName.operations)).state
  await manager.streams.delete(StreamName.operations)
  await waitFor(() => manager.consumers.info(StreamName.operations, mailConsumer.name).then(() => true), {
    what: 'stream and consumer to be back',
  })
  // Some have the sequences of those before.
  const notices = Array.from({ length: toldBefore }, () => failing())
  for (const notice of notices) await tell(notice)
  await waitFor(() => notices.every((notice) => mailsAbout(notice).length > 0), { what: 'all mails' })
})

test('what happens while no replica runs and the mail server is away is told when they are back', async () => {
  const address = new URL(mailServer.url)
  await fixture.stopReplicas()
  await mailServer.close()
  const notice = failing()
  await tell(notice)
  await fixture.startReplica()
  await waitFor(async () => (await fixture.broker.manager.consumers.info('OPERATIONS', 'mail')).num_redelivered > 0, {
    timeoutMs: 30_000,
    what: 'the mail to be tried again',
  })
  mailServer = await startMailServer(Number(address.port))
  await waitFor(() => mailsAbout(notice).length > 0, { timeoutMs: 50_000 })
  expect(mailsAbout(notice)).toHaveLength(1)
})
