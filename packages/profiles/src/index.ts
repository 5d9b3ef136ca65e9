export { compileProfile, type CompiledProfile } from './compile.ts'
export { isKnownEventType, shippedProfiles, testEventType } from './shipped.ts'
export type { RequestFacts } from './template.ts'
