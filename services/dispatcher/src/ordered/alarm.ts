/** Wakes who waits; one that rings while nobody waits is heard by the next one. */
export interface Alarm {
  ring(): void
  /** Resolves when it rings, or after so many milliseconds. */
  wait(ms: number): Promise<void>
}

export function createAlarm(): Alarm {
  let rang = false
  let wake: (() => void) | undefined
  return {
    ring() {
      rang = true
      wake?.()
    },
    async wait(ms) {
      if (!rang && ms > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        wake = undefined
      }
      rang = false
    },
  }
}
