import { isMet, type Figure } from './figure.ts'

/** Figures as a table in Markdown, which reads well in a terminal too. */
export function renderTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${render(figure.median)} ${figure.unit}`.trim(),
    figure.repetitions > 1 ? `${render(figure.min)} – ${render(figure.max)}` : '',
    goalOf(figure),
  ])
  const all = [['figure', 'median', 'min – max', 'goal'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(all[0] ?? []), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

function goalOf(figure: Figure): string {
  const { goal, unit } = figure
  if (!goal) return ''
  const met = isMet(figure) ? 'met' : 'not met'
  return 'atLeast' in goal
    ? `>= ${render(goal.atLeast)} ${unit}: ${met}`.replace(' :', ':')
    : `<= ${render(goal.atMost)} ${unit}: ${met}`.replace(' :', ':')
}

/** Three digits are what such measurements are good for. */
export function render(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}
