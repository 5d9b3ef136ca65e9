import type { Telemetry } from './telemetry.ts'

/**
 * The first thing that a process does: with an OTLP endpoint set, instrumentation must be in place before anything is
 * imported that it instruments, and that is nearly everything. So `load` imports the rest, and this file imports nothing.
 */
export async function launch(
  service: string,
  load: () => Promise<{ run(telemetry: Telemetry | undefined): Promise<void> }>,
): Promise<void> {
  const telemetry = process.env['OTEL_EXPORTER_OTLP_ENDPOINT']
    ? (await import('./telemetry.ts')).startTelemetry(service)
    : undefined
  const { run } = await load()
  await run(telemetry)
}
