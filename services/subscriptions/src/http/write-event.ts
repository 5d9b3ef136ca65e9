export interface WholeEvent {
  readonly id: string
  readonly type: string
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number
  /** JSON, as published. */
  readonly payload: Uint8Array
}

/** The JSON text of an event, the payload in it byte for byte: parsing it would lose spaces and large numbers. */
export function writeEvent({ id, type, acceptedAt, payload }: WholeEvent): Buffer {
  const head = JSON.stringify({ id, type, acceptedAt: new Date(acceptedAt).toISOString() }).slice(0, -1)
  return Buffer.concat([Buffer.from(`${head},"payload":`), payload, Buffer.from('}')])
}
