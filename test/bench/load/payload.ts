/**
 * An event's payload: 1 KiB of JSON such as a CRM sends, with three values at fixed places, so that the receiver reads
 * them without parsing: the run, the event's number in it, and when it was due on the shared clock (ms).
 */
export const payloadBytes = 1_024

const layout = {
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
  payload.write(String(run).padStart(layout.run.length, '0'), layout.run.at, 'latin1')
  payload.write(String(number).padStart(layout.number.length, '0'), layout.number.at, 'latin1')
  payload.write(dueMs.toFixed(3).padStart(layout.due.length, '0'), layout.due.at, 'latin1')
  return payload
}

/** These read a payload that begins at `at`. */
export const runOf = (bytes: Uint8Array, at = 0): number => readDigits(bytes, at + layout.run.at, layout.run.length)
export const numberOf = (bytes: Uint8Array, at = 0): number =>
  readDigits(bytes, at + layout.number.at, layout.number.length)
export const dueOf = (bytes: Buffer, at = 0): number =>
  Number(bytes.toString('latin1', at + layout.due.at, at + layout.due.at + layout.due.length))

function readDigits(bytes: Uint8Array, at: number, length: number): number {
  let value = 0
  for (let index = at; index < at + length; index++) value = value * 10 + bytes[index]! - 48
  return value
}

function fill(): Buffer {
  const start = head + JSON.stringify(facts).slice(1, -1) + ',"note":"'
  const words = 'the deposit was confirmed by the gateway and booked to the account of the trader; '
  const note = words.repeat(20).slice(0, payloadBytes - start.length - 2)
  return Buffer.from(`${start}${note}"}`)
}
