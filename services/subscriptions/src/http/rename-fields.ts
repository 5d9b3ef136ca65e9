import { ProblemError } from '@jethook/contracts'

/** For an API that calls our fields otherwise: problems with them are told under the names that its callers know. */
export async function renameFields<T>(names: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ProblemError) || !error.errors) throw error
    const rename = (text: string): string => text.replace(/^\w+/, (name) => names[name] ?? name)
    const errors = error.errors.map(({ field, message }) => ({ field: rename(field), message }))
    throw new ProblemError(error.code, rename(error.message), { errors, cause: error })
  }
}
