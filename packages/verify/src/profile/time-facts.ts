import type { FactName, TimeFact, TimestampFormat } from './profile.ts'

/** The best first: the time of the attempt tells a replay sooner than the time of the event. */
const formats: Readonly<Record<TimeFact, TimestampFormat | 'as the profile says'>> = {
  timestamp: 'as the profile says',
  'event.time.iso': 'iso',
  'event.time.isoSeconds': 'iso',
  'event.time.epochMs': 'milliseconds',
  'event.time.epoch': 'seconds',
}

export const timeFacts: readonly TimeFact[] = Object.keys(formats) as TimeFact[]

export function isTimeFact(fact: FactName): fact is TimeFact {
  return Object.hasOwn(formats, fact)
}

export function formatOf(fact: TimeFact, ofProfile: TimestampFormat): TimestampFormat {
  const format = formats[fact]
  return format === 'as the profile says' ? ofProfile : format
}
