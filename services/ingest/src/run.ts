import { runProcess, type Telemetry } from '@jethook/runtime'
import { readConfig } from './config.ts'
import { createIngest } from './service.ts'

export const run = (telemetry: Telemetry | undefined): Promise<void> =>
  runProcess('ingest', () => readConfig(), createIngest, telemetry)
