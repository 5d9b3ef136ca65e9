/** ASN.1 values in DER (X.690), as far as certificates need them. */
export type Der = Buffer

function tagged(tag: number, content: Buffer): Der {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x1_00 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

export const sequence = (...parts: Der[]): Der => tagged(0x30, Buffer.concat(parts))
export const set = (...parts: Der[]): Der => tagged(0x31, Buffer.concat(parts))
export const octets = (content: Buffer): Der => tagged(0x04, content)
export const bits = (content: Buffer): Der => tagged(0x03, Buffer.concat([Buffer.from([0]), content]))
export const utf8 = (text: string): Der => tagged(0x0c, Buffer.from(text))
export const explicit = (number: number, content: Der): Der => tagged(0xa0 + number, content)

export function integer(value: number): Der {
  const hex = value.toString(16)
  const content = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
  return tagged(0x02, (content[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), content]) : content)
}

/** GeneralizedTime. */
export const time = (timeMs: number): Der =>
  tagged(0x18, Buffer.from(`${new Date(timeMs).toISOString().replace(/[-:T]|\..*/g, '')}Z`))

export function objectId(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([40 * first + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const groups = [value & 0x7f]
  for (let left = value >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80)
  return groups
}
