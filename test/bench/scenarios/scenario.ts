import type { Bench } from '../bench.ts'
import type { Figure } from '../report/figure.ts'

export interface Scenario {
  readonly name: string
  /** One line for `--list` and the progress. */
  readonly about: string
  run(bench: Bench): Promise<readonly Figure[]>
}
