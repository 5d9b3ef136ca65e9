/** The headers of a `Request`, of Node's `IncomingMessage`, or any object of them. */
export type HeadersInput =
  | { forEach(callback: (value: string, name: string) => void): void }
  | Readonly<Record<string, string | readonly string[] | undefined>>

/** The body as it came over the wire. A Node `Buffer` is a `Uint8Array`. */
export type RawBody = string | Uint8Array | ArrayBuffer

/** The part of a Fetch API `Request` that is used. */
export interface RequestLike {
  readonly headers: HeadersInput
  readonly bodyUsed: boolean
  arrayBuffer(): Promise<ArrayBuffer>
}
