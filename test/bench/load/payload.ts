/**
 * An event's payload: 1 KiB of JSON such as a CRM sends, with three values at fixed places, so that the receiver reads
 * them without parsing: the run, the event's number in it, and when it was due on the shared clock (ms).
 */
export const payloadBytes = 1_024

export const payloadLayout = {
  run: { at: 6, length: 6 },
  number: { at: 19, length: 9 },
  due: { at: 35, length: 14 },
} as const

const head = '{"r":"000000","n":"000000000","t":"0000000000.000",'
const facts = {
  event: 'deposit.settled',
  trader: { id: 'trd_01J9ZK3Q7M', email: 'trader@example.com', country: 'DE', kycLevel: 2 },
  deposit: { id: 'dep_01J9ZK4B2C', amount: '1250.00', currency: 'EUR', gateway: 'stripe', status: 'settled' },
}
const template = fill()

export function createPayload(run: number, number: number, dueMs: number): Buffer {
  const payload = Buffer.from(template)
  payload.write(String(run).padStart(payloadLayout.run.length, '0'), payloadLayout.run.at, 'latin1')
  payload.write(String(number).padStart(payloadLayout.number.length, '0'), payloadLayout.number.at, 'latin1')
  payload.write(dueMs.toFixed(3).padStart(payloadLayout.due.length, '0'), payloadLayout.due.at, 'latin1')
  return payload
}

function fill(): Buffer {
  const start = head + JSON.stringify(facts).slice(1, -1) + ',"note":"'
  const words = 'the deposit was confirmed by the gateway and booked to the account of the trader; '
  const note = words.repeat(20).slice(0, payloadBytes - start.length - 2)
  return Buffer.from(`${start}${note}"}`)
}
