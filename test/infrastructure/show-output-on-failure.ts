import { afterEach } from 'vitest'
import { outputOfServices } from './services.ts'

afterEach(({ task }) => {
  if (task.result?.state !== 'fail') return
  const output = outputOfServices()
  if (output !== '') console.error(`What the services printed before "${task.name}" failed:\n${output}`)
})
