/** Draws the demo's figures in a terminal. */

/** A cell of `GET /agents/activity`; `dow` 0 is Sunday. */
export interface Cell {
  dow: number;
  hour: number;
  count: number;
}

const ROWS = [
  ['Mon', 1],
  ['Tue', 2],
  ['Wed', 3],
  ['Thu', 4],
  ['Fri', 5],
  ['Sat', 6],
  ['Sun', 0],
] as const;
/** From zero to the maximum, in the 256-colour palette. */
const COLOURS = [236, 22, 28, 34, 70, 106, 142, 178, 208, 202, 196];
const SHADES = [' ', '·', '░', '▒', '▓', '█'];

/** Draws a heatmap of weekday × hour (UTC), one line per weekday, in colours or in shaded characters. */
export function drawHeatmap(cells: readonly Cell[], colour: boolean): string[] {
  const counts = new Map(cells.map(({ dow, hour, count }) => [dow * 24 + hour, count]));
  const most = Math.max(1, ...counts.values());
  const steps = colour ? COLOURS.length : SHADES.length;
  const draw = (count: number): string => {
    const step = count === 0 ? 0 : 1 + Math.min(steps - 2, Math.floor((count / most) * (steps - 1)));
    return colour ? `\x1b[48;5;${COLOURS[step]}m  \x1b[0m` : SHADES[step]!.repeat(2);
  };
  const gap = colour ? '' : ' ';
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const every3 = hours.filter((hour) => hour % 3 === 0);
  const scale = every3
    .map((hour) =>
      String(hour)
        .padStart(2, '0')
        .padEnd(3 * (2 + gap.length)),
    )
    .join('');
  const row = (dow: number): string => hours.map((hour) => draw(counts.get(dow * 24 + hour) ?? 0)).join(gap);
  return [`     ${scale.trimEnd()}`, ...ROWS.map(([name, dow]) => `${name}  ${row(dow)}`)];
}

/** Draws labels and values in two aligned columns. */
export function drawTable(rows: readonly (readonly [label: string, value: string])[]): string[] {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`);
}
