import { launch } from '@jethook/runtime/launch'

await launch('dispatcher', () => import('./run.ts'))
