import { expect, test } from 'vitest'
import { createEgressAgents, parsePolicy } from '../src/index.ts'
import { startReceiver } from './receiver.ts'
import { failing, send } from './send.ts'

test('a request to an agent that was closed fails like any other, and throws nothing at whoever makes it', async () => {
  await using receiver = await startReceiver()
  const agents = createEgressAgents({ policy: parsePolicy({ ALLOWED_NETWORKS: '127.0.0.0/8' }) })
  const url = `http://127.0.0.1:${receiver.port}/`
  await send(agents.standard, url)
  await agents.close()
  expect(await failing(send(agents.standard, url))).toMatchObject({ code: 'agent_closed' })
})
