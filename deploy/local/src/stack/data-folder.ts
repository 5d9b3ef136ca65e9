import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { removeWhenGone } from '../processes/guard.ts'
import { commandOf, isAlive } from '../processes/is-alive.ts'

/** The ports of the last start, tried first at the next: bookmarks and pasted lines go on working. */
export interface Ports {
  readonly nats?: number
  readonly postgres?: number
  readonly subscriptions?: number
  readonly ingest?: number
  readonly dispatcher?: number
  readonly receiver?: number
}

export interface Keys {
  readonly operatorKey: string
  readonly encryptionKeys: string
}

/** What another process in this checkout may want to know about a running stack. */
export interface Running {
  readonly pid: number
  readonly natsUrl: string
  readonly databaseUrl: string
}

/** Everything that `npm start` keeps between two starts. */
export class DataFolder {
  readonly path: string

  /** Beside the sources unless `JETHOOK_DATA_DIR` says otherwise. */
  static fromEnvironment(env: NodeJS.ProcessEnv): DataFolder {
    return new DataFolder(env['JETHOOK_DATA_DIR'] ?? join(import.meta.dirname, '../../../../.jethook'))
  }

  constructor(path: string) {
    this.path = resolve(path)
  }

  folder(name: string): string {
    return join(this.path, name)
  }

  /** One stack per folder. The lock of one that was killed does not count. */
  lock(): void {
    mkdirSync(this.path, { recursive: true })
    const file = join(this.path, 'start.pid')
    if (existsSync(file)) {
      const pid = Number(readFileSync(file, 'utf8'))
      if (pid !== process.pid && isAlive(pid) && commandOf(pid).includes('start.ts')) {
        throw new Error(`Jethook is already running in ${this.path} (pid ${pid}): stop that one first.`)
      }
      rmSync(file, { force: true })
    }
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    removeWhenGone(file)
    removeWhenGone(join(this.path, 'running.json'))
  }

  /** Made once: without them nothing that was stored encrypted could be read again. */
  keys(): Keys {
    const known = this.read('keys.json') as Keys | undefined
    if (known !== undefined) return known
    const keys = {
      operatorKey: `operator_${randomBytes(24).toString('hex')}`,
      encryptionKeys: `k1:${randomBytes(32).toString('base64')}`,
    }
    this.write('keys.json', keys)
    return keys
  }

  read(name: string): unknown {
    const file = join(this.path, name)
    if (!existsSync(file)) return undefined
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as unknown
    } catch (error) {
      throw new Error(`${file} is not JSON any more: remove it, and what it held is made anew.`, { cause: error })
    }
  }

  write(name: string, value: unknown): void {
    writeFileSync(join(this.path, name), `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 })
  }
}
