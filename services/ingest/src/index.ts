export { readConfig, type IngestConfig } from './config.ts'
export { createIngest, type Ingest } from './service.ts'
