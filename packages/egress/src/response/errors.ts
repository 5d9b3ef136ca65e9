/** What came is not a response of HTTP/1.1, or more of one than is read. The message is a sentence for the receiver's owner. */
export class InvalidResponseError extends Error {
  override readonly name = 'InvalidResponseError'
  readonly code = 'invalid_response'
}

/** The other side closed the connection before its response was complete. */
export class ConnectionClosedError extends Error {
  override readonly name = 'ConnectionClosedError'
  readonly code = 'connection_closed'

  constructor() {
    super('The receiver closed the connection before its response was complete.')
  }
}

/** The agent was closed before the request was made. */
export class AgentClosedError extends Error {
  override readonly name = 'AgentClosedError'
  readonly code = 'agent_closed'

  constructor() {
    super('The agent is closed.')
  }
}

/** Whether the other side, or the network, ended the connection. */
export const isLoss = (error: Error & { code?: string }): boolean =>
  error instanceof ConnectionClosedError || error.code === 'ECONNRESET' || error.code === 'EPIPE'
