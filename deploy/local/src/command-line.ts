import { parseArgs } from 'node:util'

export interface CommandLine {
  readonly usage: string
  /** Options without a value, besides `--help`. */
  readonly flags?: readonly string[]
  /** How many there must and may be that are no options; none unless given. */
  readonly arguments?: readonly [least: number, most: number]
}

/**
 * The arguments that are no options. What a command does not know ends it before it touches anything: whoever mistypes an
 * option must not get what the command does without it.
 */
export function readCommandLine({ usage, flags = [], arguments: [least, most] = [0, 0] }: CommandLine): string[] {
  const options = Object.fromEntries([...flags, 'help'].map((flag) => [flag, { type: 'boolean' as const }]))
  const end = (code: number, text: string): never => {
    ;(code === 0 ? process.stdout : process.stderr).write(`${text}Usage: ${usage}\n`)
    process.exit(code)
  }
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: most > 0 })
    if (values['help'] === true) return end(0, '')
    if (positionals.length >= least && positionals.length <= most) return positionals
    return end(wrongUsage, '')
  } catch (error) {
    return end(wrongUsage, `${(error as Error).message}\n`)
  }
}

/** EX_USAGE of sysexits.h */
const wrongUsage = 64
