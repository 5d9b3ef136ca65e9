import { streamDefinitions, StreamName } from '@jethook/contracts'
import {
  commonSettings,
  createMetrics,
  noTracing,
  openBroker,
  readSettings,
  streamSizes,
  type Broker,
  type Registry,
} from '@jethook/runtime'
import { sql } from 'slonik'
import { z } from 'zod'
import { startInfrastructure, waitFor, type Infrastructure } from '../../../test/infrastructure/index.ts'
import { openDatabase, type Database } from '../src/database/open-database.ts'
import { startProjections, type ProjectionOptions, type Projections } from '../src/projection/start-projections.ts'
import { recordingLogger, type RecordingLogger } from './recording-logger.ts'

export const retentionMs: number = 7 * 86_400_000

export interface ProjectionFixture {
  readonly infrastructure: Infrastructure
  readonly broker: Broker
  readonly database: Database
  readonly logger: RecordingLogger
  /** Starts a projector of its own, as another replica would; it is stopped with the fixture. */
  project(options?: Partial<ProjectionOptions>): Projections & { readonly metrics: Registry }
  /** Waits until everything that the streams hold now is in the tables. */
  caughtUp(): Promise<void>
  position(stream: string): Promise<number>
  rows(table: string): Promise<readonly Record<string, unknown>[]>
  stop(): Promise<void>
}

export async function startProjectionFixture(): Promise<ProjectionFixture> {
  const infrastructure = await startInfrastructure()
  const logger = recordingLogger()
  const settings = readSettings(commonSettings, { NATS_URL: infrastructure.nats.url })
  const streams = streamDefinitions(streamSizes(settings))
  const broker = await openBroker({ url: settings.NATS_URL, name: 'test', logger, streams })
  const database = await openDatabase({ url: infrastructure.databaseUrl, logger })
  const running: Projections[] = []

  const position = (stream: string): Promise<number> =>
    database.pool.oneFirst(
      sql.type(z.object({ position: z.int() }))`SELECT position FROM projection_positions WHERE stream = ${stream}`,
    )
  return {
    infrastructure,
    broker,
    database,
    logger,
    position,
    project(options = {}) {
      const metrics = createMetrics()
      const projections = startProjections({
        broker,
        database,
        logger,
        tracing: noTracing,
        metrics,
        retentionMs,
        ...options,
      })
      running.push(projections)
      return { ...projections, metrics }
    },
    async caughtUp() {
      for (const stream of [StreamName.config, StreamName.events, StreamName.attempts, StreamName.rejected]) {
        const { state } = await broker.manager.streams.info(stream)
        await waitFor(async () => (await position(stream)) >= state.last_seq, {
          what: `${stream} to be projected up to ${state.last_seq}`,
          timeoutMs: 30_000,
        })
      }
    },
    rows: (table) =>
      database.pool.any(
        sql.type(z.record(z.string(), z.unknown()))`SELECT * FROM ${sql.identifier([table])} AS t ORDER BY t::text`,
      ),
    async stop() {
      await Promise.all(running.map((projections) => projections.stop()))
      await database.close()
      await broker.close()
      await infrastructure.stop()
    },
  }
}
