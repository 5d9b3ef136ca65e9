import { startNats } from '../nats/start-nats.ts'
import { startPostgres } from '../postgres/start-postgres.ts'
import type { RestartableServer } from '../processes/restartable-server.ts'
import type { DataFolder, Ports } from './data-folder.ts'
import type { Life } from './life.ts'

const RESTART_AFTER_MS = 500

/** The servers the services work on: the given ones, else embedded ones with their data in the folder. */
export async function startServers(
  env: NodeJS.ProcessEnv,
  { folder, ports, life }: { folder: DataFolder; ports: Ports; life: Life },
): Promise<{ natsUrl: string; databaseUrl: string; ports: Ports }> {
  const [nats, postgres] = await Promise.all([
    env['NATS_URL'] ? undefined : embeddedNats(folder, ports.nats, life),
    env['DATABASE_URL'] ? undefined : embeddedPostgres(folder, ports.postgres, life),
  ])
  return {
    natsUrl: nats?.url ?? env['NATS_URL'] ?? '',
    databaseUrl: postgres?.url ?? env['DATABASE_URL'] ?? '',
    ports: {
      ...(nats !== undefined && { nats: nats.port }),
      ...(postgres !== undefined && { postgres: postgres.port }),
    },
  }
}

async function embeddedNats(folder: DataFolder, lastPort: number | undefined, life: Life) {
  const nats = await startNats({
    directory: folder.folder('nats'),
    ...(lastPort !== undefined && { preferredPort: lastPort }),
    onProgress: life.say,
    onUnexpectedExit: (description) => startAgain(nats, description, life),
  })
  life.onStop('servers', () => nats.stop())
  life.say(`NATS is ready at ${nats.url}`)
  return nats
}

async function embeddedPostgres(folder: DataFolder, lastPort: number | undefined, life: Life) {
  const postgres = await startPostgres({
    directory: folder.folder('postgres'),
    ...(lastPort !== undefined && { preferredPort: lastPort }),
    onProgress: life.say,
    onUnexpectedExit: (description) => startAgain(postgres, description, life),
  })
  life.onStop('servers', () => postgres.stop())
  life.say(`Postgres is ready at ${postgres.url}`)
  return postgres
}

function startAgain(server: RestartableServer, description: string, life: Life): void {
  if (life.isStopping) return
  life.say(`${description}; starting it again`)
  setTimeout(() => {
    if (!life.isStopping) server.start().catch(life.fail)
  }, RESTART_AFTER_MS)
}
