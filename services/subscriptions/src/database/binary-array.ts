import { columnWriters, type ColumnType, type ColumnValue } from './column-values.ts'

const headerBytes = 20
const lengthBytes = 4
const isNull = -1

/**
 * An array in Postgres' binary format (array_recv in its arrayfuncs.c). As text, every value would be quoted here and
 * unquoted there: about a third of what writing rows costs both sides. Throws RangeError for what no column can hold.
 */
export function binaryArray(type: ColumnType, values: readonly ColumnValue[]): Buffer {
  const { oid, room, write } = columnWriters[type]
  let size = headerBytes
  for (const value of values) size += lengthBytes + (value === null ? 0 : room(value as string))
  const buffer = Buffer.allocUnsafe(size)
  buffer.writeInt32BE(1, 0) // dimensions
  buffer.writeInt32BE(1, 4) // may hold nulls
  buffer.writeInt32BE(oid, 8)
  buffer.writeInt32BE(values.length, 12)
  buffer.writeInt32BE(1, 16) // the first index
  let at = headerBytes
  for (const value of values) {
    const length = value === null ? isNull : write(buffer, at + lengthBytes, value)
    buffer.writeInt32BE(length, at)
    at += lengthBytes + Math.max(length, 0)
  }
  return buffer.subarray(0, at)
}
