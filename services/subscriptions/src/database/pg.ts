import { createRequire } from 'node:module'

/** The little of pg that is used here. pg brings no types of its own. */
export interface PgClient {
  connect(): Promise<void>
  query(query: PgQuery | string): Promise<PgResult>
  query(query: PgSubmittable): void
  on(event: 'error', listener: (error: Error) => void): void
  on(event: 'notice', listener: (notice: { message?: string }) => void): void
  end(): Promise<void>
}

interface PgQuery {
  readonly text: string
  readonly values?: unknown[]
  /** Makes it a prepared statement. */
  readonly name?: string
}

/** A query that talks to the server itself. */
interface PgSubmittable {
  callback(error?: Error | null): void
  submit(connection: PgConnection): void
  handleCopyInResponse(connection: PgConnection): void
  handleCommandComplete(message: { readonly text: string }): void
  handleReadyForQuery(): void
  handleError(error: Error): void
}

export interface PgConnection {
  query(text: string): void
  sendCopyFromChunk(chunk: Uint8Array): void
  endCopyFrom(): void
}

export interface PgResult {
  readonly command: string
  readonly rowCount: number | null
  readonly rows: Record<string, unknown>[]
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]
}

/** https://node-postgres.com/apis/client */
export interface PgClientConfig {
  readonly connectionString: string
  readonly application_name?: string
  readonly connectionTimeoutMillis?: number
  readonly statement_timeout?: number
  readonly idle_in_transaction_session_timeout?: number
  readonly query_timeout?: number
  readonly keepAlive?: boolean
  /** Settings of the session: `-c name=value`. */
  readonly options?: string
  readonly types?: { getTypeParser(oid: number, format?: string): (value: string) => unknown }
}

interface Pg {
  readonly Client: new (config: PgClientConfig) => PgClient
  readonly types: { getTypeParser(oid: number, format?: string): (value: string) => unknown }
}

export const pg = createRequire(import.meta.url)('pg') as Pg
