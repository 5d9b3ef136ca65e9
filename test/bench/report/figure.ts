import { spreadOf, type Spread } from '../measure/statistics.ts'

/** One measured value: the median of its repetitions. */
export interface Figure extends Spread {
  /** Such as `jethook.deliveries_per_second`. */
  readonly name: string
  readonly unit: string
  readonly repetitions: number
  readonly goal?: Goal | undefined
}

export type Goal = { readonly atLeast: number } | { readonly atMost: number }

export function figure(name: string, unit: string, values: readonly number[], goal?: Goal): Figure {
  return { name, unit, ...spreadOf(values), repetitions: values.length, goal }
}

export function isMet({ median, goal }: Figure): boolean | undefined {
  if (!goal) return undefined
  return 'atLeast' in goal ? median >= goal.atLeast : median <= goal.atMost
}
