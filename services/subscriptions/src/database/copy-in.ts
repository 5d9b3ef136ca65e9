import type { PgClient, PgConnection, PgResult } from './pg.ts'

export const isCopyIn = (text: string): boolean => text.startsWith('COPY ')

/**
 * Runs a `COPY … FROM STDIN` with all of its data. pg knows COPY only as an interface for queries of one's own; it calls
 * these methods, and puts its time-out around the callback.
 */
export function copyIn(client: PgClient, text: string, data: Uint8Array): Promise<PgResult> {
  return new Promise((resolve, reject) => {
    let rowCount = 0
    client.query({
      callback: (error?: Error | null) => (error ? reject(error) : resolve(resultOf(rowCount))),
      submit(connection) {
        connection.query(text)
      },
      handleCopyInResponse(connection: PgConnection) {
        connection.sendCopyFromChunk(data)
        connection.endCopyFrom()
      },
      handleCommandComplete(message) {
        rowCount = Number(message.text.replace('COPY ', ''))
      },
      handleReadyForQuery() {
        this.callback()
      },
      // Nothing else is called after it.
      handleError(error) {
        this.callback(error)
      },
    })
  })
}

const resultOf = (rowCount: number): PgResult => ({ command: 'COPY', rowCount, rows: [], fields: [] })
