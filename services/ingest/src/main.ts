import { launch } from '@jethook/runtime/launch'

await launch('ingest', () => import('./run.ts'))
