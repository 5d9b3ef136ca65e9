import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with one plain line that people and machines can read. */
export default class ReportCounts implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    // Failures outside of any test count too: the checks before the tests, files that could not be loaded, stray rejections.
    const broken = modules.filter((module) => module.state() === 'failed' && module.errors().length > 0).length
    const counts = { passed: 0, failed: Number(process.env['FAILED_CHECKS'] ?? 0) + broken + errors.length, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        counts[state === 'pending' ? 'skipped' : state] += 1
      }
    }
    // After the summary of the default reporter, which is printed at the same event.
    process.once('exit', (code) => {
      // For example a global setup that failed: no test ran, none failed, and yet nothing is well.
      if (code !== 0 && counts.failed === 0) counts.failed = 1
      console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
    })
  }
}
