import { columnWriters, type Columns } from './column-values.ts'

/** What begins the data: a signature, no flags, no extension of the header. */
const header = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const usualRowBytes = 512
const countBytes = 2
const lengthBytes = 4
const isNull = -1
const isEnd = -1

/**
 * Rows in the binary format of COPY (https://www.postgresql.org/docs/current/sql-copy.html). Throws RangeError for what
 * no column can hold.
 */
export function copyData<Row>(columns: Columns<Row>, rows: readonly Row[]): Buffer {
  const fields = Object.values(columns).map(([type, valueOf]) => ({ ...columnWriters[type], valueOf }))
  let buffer = Buffer.allocUnsafe(header.length + countBytes + rows.length * usualRowBytes)
  let at = header.copy(buffer)
  const makeRoom = (bytes: number): void => {
    if (at + bytes <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * buffer.length, at + bytes))
    buffer.copy(larger, 0, 0, at)
    buffer = larger
  }

  for (const row of rows) {
    makeRoom(countBytes)
    at = buffer.writeInt16BE(fields.length, at)
    for (const { room, write, valueOf } of fields) {
      const value = valueOf(row)
      makeRoom(lengthBytes + (value === null ? 0 : room(value as string)))
      const length = value === null ? isNull : write(buffer, at + lengthBytes, value)
      buffer.writeInt32BE(length, at)
      at += lengthBytes + Math.max(length, 0)
    }
  }
  makeRoom(countBytes)
  at = buffer.writeInt16BE(isEnd, at)
  return buffer.subarray(0, at)
}
