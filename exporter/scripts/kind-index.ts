/**
 * The text of src/catalog/kinds.ts and src/aggregates/kinds.ts: the kinds of facts, which are the files that both folders
 * have by one name. So adding a kind means adding its files. Names of exports follow from the file's: `events.ts` exports
 * `EVENT_METRICS` and `EventMeasure` in catalog/, `EVENTS` and `EVENT_AGGREGATES` in aggregates/.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const source = (path: string): string => fileURLToPath(new URL(`../src/${path}`, import.meta.url));

export const CATALOG_KINDS = source('catalog/kinds.ts');
export const AGGREGATE_KINDS = source('aggregates/kinds.ts');

interface Kind {
  file: string;
  /** Of its constants: EVENT. */
  upper: string;
  /** Of its types: Event. */
  pascal: string;
}

function kinds(): Kind[] {
  const files = readdirSync(source('aggregates'));
  return readdirSync(source('catalog'))
    .filter((file) => files.includes(file) && !['index.ts', 'kinds.ts'].includes(file))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort()
    .map((file) => {
      const words = file.replace(/s$/, '').split('-');
      return {
        file,
        upper: words.join('_').toUpperCase(),
        pascal: words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join(''),
      };
    });
}

const HEADER = '// Generated from the files of this folder by `npm run generate`; do not edit.';

export function catalogKinds(): Promise<string> {
  const all = kinds();
  return formatted(
    CATALOG_KINDS,
    `${HEADER}
${all.map(({ file, upper, pascal }) => `import { ${upper}_METRICS, type ${pascal}Measure } from './${file}.js';`).join('\n')}
import type { FormulaOf, MetricOf } from './metric.js';

/** What aggregates keep, and metrics are made of. */
export type Measure = ${all.map(({ pascal }) => `${pascal}Measure`).join(' | ')};
export type Formula = FormulaOf<Measure>;
export type Metric = MetricOf<Measure>;

export const METRICS: readonly Metric[] = [${all.map(({ upper }) => `...${upper}_METRICS`).join(', ')}];
`,
  );
}

export function aggregateKinds(): Promise<string> {
  const all = kinds();
  return formatted(
    AGGREGATE_KINDS,
    `${HEADER}
import type { Aggregate, Facts } from './aggregate.js';
${all.map(({ file, upper }) => `import { ${upper}_AGGREGATES, ${upper}S } from './${file}.js';`).join('\n')}

${all.map(({ file }) => `export * from './${file}.js';`).join('\n')}

/** Every kind of fact that aggregates are made of. */
export const FACTS: readonly Facts[] = [${all.map(({ upper }) => `${upper}S`).join(', ')}];

/** Narrowest first: a query reads the first that carries all that it asks for. */
export const AGGREGATES: readonly Aggregate[] = [${all.map(({ upper }) => `...${upper}_AGGREGATES`).join(', ')}];
`,
  );
}

const formatted = async (file: string, text: string): Promise<string> =>
  format(text, { ...(await resolveConfig(file)), parser: 'typescript' });
