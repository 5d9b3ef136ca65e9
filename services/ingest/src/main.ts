import { runProcess } from '@jethook/runtime'
import { readConfig } from './config.ts'

await runProcess('ingest', readConfig, async (config, environment) => {
  const { createIngest } = await import('./service.ts')
  return createIngest(config, environment)
})
