/** A strict parser of Prometheus' text format: it throws on anything else. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface Family {
  type: string;
  help: string;
  samples: Sample[];
}

export type Families = Record<string, Family>;

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;
const SUFFIX = /_(bucket|sum|count)$/;

export function parseExposition(text: string): Families {
  const families: Families = {};
  const seen = new Set<string>();
  for (const line of text.split('\n').filter((candidate) => candidate !== '')) {
    const described = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (described !== null) {
      const [, kind, name, rest] = described as unknown as [string, string, string, string];
      const family = (families[name] ??= { type: '', help: '', samples: [] });
      if (kind === 'HELP') family.help = rest;
      else family.type = rest;
      continue;
    }
    const sample = parseSample(line);
    const family = families[sample.name] ?? families[sample.name.replace(SUFFIX, '')];
    if (family === undefined) throw new Error(`a sample without its family: ${line}`);
    const series = line.slice(0, line.lastIndexOf(' '));
    if (seen.has(series)) throw new Error(`a series stands twice: ${series}`);
    seen.add(series);
    family.samples.push(sample);
  }
  return families;
}

function parseSample(line: string): Sample {
  const match = SAMPLE.exec(line);
  const value = Number(match?.[3]?.replace('+Inf', 'Infinity'));
  if (match === null || Number.isNaN(value)) throw new Error(`not a sample: ${line}`);
  return { name: match[1]!, labels: parseLabels(match[2] ?? ''), value };
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const at = LABEL.lastIndex;
    const match = LABEL.exec(text);
    if (match === null) throw new Error(`not labels: ${text.slice(at)}`);
    labels[match[1]!] = match[2]!.replace(/\\([\\"n])/g, (_, escaped: string) =>
      escaped === 'n' ? '\n' : escaped,
    );
  }
  return labels;
}
