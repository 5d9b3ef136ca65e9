import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export interface Certificate {
  /** PEM. Who trusts it as an authority trusts the server that shows it. */
  readonly cert: string
  readonly key: string
}

/** A certificate for https://127.0.0.1 and https://localhost, from yesterday until tomorrow. Nothing in Node makes one. */
export function selfSignedCertificate(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const day = 86_400_000
  const name = sequence(set(sequence(oid('550403'), utf8('Receiver of the tests'))))
  const unsigned = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    name,
    sequence(utcTime(Date.now() - day), utcTime(Date.now() + day)),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    tagged(0xa3, sequence(isAuthority, isFor(Buffer.from([127, 0, 0, 1]), 'localhost'))),
  )
  const certificate = sequence(unsigned, ecdsaWithSha256, bitString(sign('sha256', unsigned, privateKey)))
  return {
    cert: pem('CERTIFICATE', certificate),
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }),
  }
}

/** DER, X.690: a tag, a length, a content. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(head), content])
}

const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, ...parts)
const set = (...parts: readonly Buffer[]): Buffer => tagged(0x31, ...parts)
const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes)
const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'))
const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text))
const octets = (content: Buffer): Buffer => tagged(0x04, content)
const bitString = (bits: Buffer): Buffer => tagged(0x03, Buffer.from([0]), bits)
const utcTime = (timeMs: number): Buffer =>
  tagged(0x17, Buffer.from(`${new Date(timeMs).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`))

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))
const isTrue = tagged(0x01, Buffer.from([0xff]))
const isAuthority = sequence(oid('551d13'), isTrue, octets(sequence(isTrue)))
const isFor = (address: Buffer, host: string): Buffer =>
  sequence(oid('551d11'), octets(sequence(tagged(0x87, address), tagged(0x82, Buffer.from(host)))))

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}
