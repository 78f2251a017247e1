/** Template variables into a query: several values stay several, All and nothing chosen are no filter. */
import type { ScopedVars } from '@grafana/data';
import type { TemplateSrv } from '@grafana/runtime';
import type { AnalyticsQuery, Filter } from './types';

/** Grafana's syntax: `$name`, `[[name:format]]`, `${name.field:format}`. */
const VARIABLE = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;
const ALL_VALUE = '$__all';

type Templates = Pick<TemplateSrv, 'replace' | 'getVariables'>;

export interface Interpolation {
  templates: Templates;
  scopedVars: ScopedVars | undefined;
}

/** The query with every variable in its place. Does not change the query given. */
export function interpolateQuery(query: AnalyticsQuery, context: Interpolation): AnalyticsQuery {
  const { templates, scopedVars } = context;
  const text = (value: string | undefined) => (value ? templates.replace(value, scopedVars) : value);
  return {
    ...query,
    metric: text(query.metric) ?? '',
    groupBy: distinct(query.groupBy.flatMap((name) => expand(name, context)).filter((name) => name !== '')),
    filters: interpolateFilters(query.filters, context),
    alias: text(query.alias),
    dimension: text(query.dimension),
    search: text(query.search),
    executionId: executionId(text(query.executionId)),
  };
}

/** As the API has it; a trace id of OpenTelemetry, which is the execution's, is written without dashes elsewhere. */
function executionId(given: string | undefined): string | undefined {
  const id = given?.trim();
  return id && /^[\da-f]{32}$/i.test(id)
    ? id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    : id;
}

/** Filters with their values; those that restrict nothing are left out. */
function interpolateFilters(filters: Filter[], context: Interpolation): Filter[] {
  return filters.flatMap(({ values, ...filter }) => {
    // All of the values that a filter could name, beside others or not, is no restriction.
    if (values.some((value) => isAll(value, context))) {
      return [];
    }
    const known = distinct(values.flatMap((value) => expand(value, context)).filter((value) => value !== ''));
    return known.length > 0 ? [{ ...filter, values: known }] : [];
  });
}

/** Every text that the template stands for: one for each combination of its variables' values. */
function expand(template: string, context: Interpolation): string[] {
  let texts = [''];
  let end = 0;
  const append = (pieces: string[]) => {
    texts = texts.flatMap((text) => pieces.map((piece) => text + piece));
  };
  for (const match of template.matchAll(VARIABLE)) {
    append([template.slice(end, match.index)]);
    append(valuesOf(match, context));
    end = match.index + match[0].length;
  }
  append([template.slice(end)]);
  return texts;
}

/** The values of one reference; the reference itself where there is no such variable, as Grafana does. */
function valuesOf(match: RegExpMatchArray, { templates, scopedVars }: Interpolation): string[] {
  const [reference] = match;
  if (formatOf(match) === 'text') {
    return [templates.replace(reference, scopedVars)];
  }
  const collected: string[] = [];
  const [, simple, square, , curly, fieldPath] = match;
  // A format in the reference would win over the function, so the reference is asked for without it.
  const bare = fieldPath ? `\${${curly}.${fieldPath}}` : `\${${simple ?? square ?? curly}}`;
  const replaced = templates.replace(bare, scopedVars, (value: unknown) => {
    collected.push(...(Array.isArray(value) ? value : [value]).map(String));
    return '';
  });
  if (collected.length > 0) {
    return collected;
  }
  // An empty text is a variable without a value; anything else came without the function: Grafana's macros,
  // a custom All value, or a reference that is none.
  return [replaced === bare ? reference : replaced];
}

/** Whether the text is a single reference to a variable that stands at All. */
function isAll(template: string, { templates, scopedVars }: Interpolation): boolean {
  const trimmed = template.trim();
  if (trimmed === ALL_VALUE) {
    return true;
  }
  const [match, another] = trimmed.matchAll(VARIABLE);
  if (!match || another || match[0] !== trimmed) {
    return false;
  }
  const [, simple, square, , curly] = match;
  const name = simple ?? square ?? curly ?? '';
  // Only the form for URLs says All: every other format already lists the values, or the custom All value.
  const parameters = templates.replace(`\${${name}:queryparam}`, scopedVars);
  if (parameters !== '') {
    return new URLSearchParams(parameters).getAll(`var-${name}`).includes(ALL_VALUE);
  }
  // A variable that is kept out of the URL has no such form.
  const variable = templates.getVariables().find((candidate) => candidate.name === name);
  const current: unknown = variable && 'current' in variable ? variable.current?.value : undefined;
  return [current].flat().includes(ALL_VALUE);
}

function formatOf(match: RegExpMatchArray): string | undefined {
  return match[3] ?? match[6];
}

function distinct(values: string[]): string[] {
  return [...new Set(values)];
}
