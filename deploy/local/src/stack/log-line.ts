/** Fields that every line has, and that say nothing new at a terminal. */
const EVERYWHERE = new Set(['level', 'time', 'pid', 'hostname', 'service', 'msg', 'err', 'v'])

/** One line of a service's JSON log as a person wants to read it; any other line as it is. */
export function readable(service: string, line: string): string {
  const entry = parse(line)
  if (entry === undefined) return `${service} | ${line}`
  const { level, msg, err } = entry
  const fields = Object.entries(entry)
    .filter(([name]) => !EVERYWHERE.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return [`${service} |`, show(level), show(msg), ...fields, describeError(err)].filter((part) => part !== '').join(' ')
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function describeError(err: unknown): string {
  if (typeof err !== 'object' || err === null) return ''
  const { message, stack } = err as { message?: unknown; stack?: unknown }
  return show(stack) === '' ? show(message) : `\n${show(stack)}`
}
