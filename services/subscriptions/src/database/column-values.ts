/** The types of columns that are written in binary. */
export type ColumnType = 'text' | 'jsonb' | 'bool' | 'int4' | 'int8' | 'timestamptz'

/** A time is milliseconds since the epoch or an ISO string; jsonb is its text; a text may be its UTF-8. */
export type ColumnValue = string | number | boolean | Uint8Array | null

/** Each column with its type in Postgres and its value in a row. */
export type Columns<Row> = Readonly<Record<string, readonly [type: ColumnType, valueOf: (row: Row) => ColumnValue]>>

/** Writes values of one type the way Postgres reads them in binary. */
interface Writer {
  /** Of the type, in pg_type. */
  readonly oid: number
  /** What a value takes at most, in bytes. */
  room(value: string | Uint8Array): number
  /** Returns how many bytes it took. */
  write(buffer: Buffer, at: number, value: ColumnValue): number
}

const postgresEpochMs = Date.UTC(2000, 0, 1)

const int8 = (buffer: Buffer, at: number, value: number): number => {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an integer that Postgres can take exactly.`)
  const high = Math.floor(value / 0x1_0000_0000)
  buffer.writeInt32BE(high, at)
  buffer.writeUInt32BE(value - high * 0x1_0000_0000, at + 4)
  return 8
}

const earliestMs = Date.parse('0001-01-01T00:00:00Z')
const latestMs = Date.UTC(9999, 11, 31)

/** Microseconds: from the year 2285 on they are more than a number holds exactly. */
const timestamptz = (buffer: Buffer, at: number, timeMs: number): number => {
  if (!(timeMs >= earliestMs && timeMs <= latestMs))
    throw new RangeError(`${timeMs} is no time of the years 1 to 9999.`)
  const sinceEpochMs = timeMs - postgresEpochMs
  if (Number.isSafeInteger(sinceEpochMs * 1_000)) return int8(buffer, at, sinceEpochMs * 1_000)
  // Throws a RangeError too when it is no integer.
  return buffer.writeBigInt64BE(BigInt(sinceEpochMs) * 1_000n, at) - at
}

/** Writing throws RangeError for what no column can hold. */
export const columnWriters: Record<ColumnType, Writer> = {
  text: {
    oid: 25,
    room: (value) => value.length * 3,
    write(buffer, at, value) {
      if (!(value instanceof Uint8Array)) return buffer.write(String(value), at, 'utf8')
      buffer.set(value, at)
      return value.length
    },
  },
  jsonb: {
    oid: 3802,
    room: (value) => 1 + value.length * 3,
    write: (buffer, at, value) => {
      // The version of the format.
      buffer[at] = 1
      return 1 + buffer.write(String(value), at + 1, 'utf8')
    },
  },
  bool: { oid: 16, room: () => 1, write: (buffer, at, value) => buffer.writeUInt8(value ? 1 : 0, at) - at },
  int4: { oid: 23, room: () => 4, write: (buffer, at, value) => buffer.writeInt32BE(Number(value), at) - at },
  int8: { oid: 20, room: () => 8, write: (buffer, at, value) => int8(buffer, at, Number(value)) },
  timestamptz: {
    oid: 1184,
    room: () => 8,
    write: (buffer, at, value) => timestamptz(buffer, at, timeOf(value)),
  },
}

const timeOf = (value: ColumnValue): number => (typeof value === 'string' ? Date.parse(value) : Number(value))
