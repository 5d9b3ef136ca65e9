import { runProcess } from '@jethook/runtime'
import { readConfig } from './config.ts'

await runProcess('dispatcher', readConfig, async (config, environment) => {
  const { createDispatcher } = await import('./service.ts')
  return createDispatcher(config, environment)
})
