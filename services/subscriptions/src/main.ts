import { launch } from '@jethook/runtime/launch'

await launch('subscriptions', () => import('./run.ts'))
