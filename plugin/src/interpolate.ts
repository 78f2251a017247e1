/** Replaces template variables. Multiple values are kept; All and an empty selection do not filter. */
import type { ScopedVars } from '@grafana/data';
import type { TemplateSrv } from '@grafana/runtime';
import { QUERY_TYPES, type AnalyticsQuery } from './queryTypes';
import type { ReplaceVariables } from './queryTypes/definition';
import type { Filter } from './types';

/** Grafana's syntax: `$name`, `[[name:format]]`, `${name.field:format}`. */
const VARIABLE = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;
const ALL_VALUE = '$__all';

type Templates = Pick<TemplateSrv, 'replace' | 'getVariables'>;

interface Interpolation {
  templates: Templates;
  scopedVars: ScopedVars | undefined;
}

/** A copy of the query with its variables replaced, including those in the fields of other query types. */
export function interpolateQuery(query: AnalyticsQuery, context: Interpolation): AnalyticsQuery {
  const { templates, scopedVars } = context;
  const text = (value: string | undefined) => (value ? templates.replace(value, scopedVars) : value);
  const texts = (values: readonly string[] = []) =>
    values.flatMap((value) => expand(value, context)).filter((value) => value !== '');
  return {
    ...query,
    ...fieldsOfTypes(query, { text, texts }),
    metric: text(query.metric) ?? '',
    groupBy: distinct(texts(query.groupBy)),
    filters: interpolateFilters(query.filters, context),
  };
}

function fieldsOfTypes(query: AnalyticsQuery, replace: ReplaceVariables): Partial<AnalyticsQuery> {
  return Object.assign({}, ...QUERY_TYPES.map((type) => type.interpolate?.(query, replace)));
}

/** Filters with their values. Filters that restrict nothing are left out. */
function interpolateFilters(filters: Filter[], context: Interpolation): Filter[] {
  return filters.flatMap(({ values, ...filter }) => {
    // All restricts nothing, even next to other values.
    if (values.some((value) => isAll(value, context))) {
      return [];
    }
    const known = distinct(values.flatMap((value) => expand(value, context)).filter((value) => value !== ''));
    return known.length > 0 ? [{ ...filter, values: known }] : [];
  });
}

/** Expands a template to one text per combination of the values of its variables. */
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

/** The values of a reference. A reference to an unknown variable is kept, as in Grafana. */
function valuesOf(match: RegExpMatchArray, { templates, scopedVars }: Interpolation): string[] {
  const [reference] = match;
  if (formatOf(match) === 'text') {
    return [templates.replace(reference, scopedVars)];
  }
  const collected: string[] = [];
  const [, simple, square, , curly, fieldPath] = match;
  // A format in the reference would take precedence over the function, so it is removed.
  const bare = fieldPath ? `\${${curly}.${fieldPath}}` : `\${${simple ?? square ?? curly}}`;
  const replaced = templates.replace(bare, scopedVars, (value: unknown) => {
    collected.push(...(Array.isArray(value) ? value : [value]).map(String));
    return '';
  });
  if (collected.length > 0) {
    return collected;
  }
  // The function was not called. An empty text is a variable without a value; anything else is a macro, a custom All
  // value, or an unknown reference.
  return [replaced === bare ? reference : replaced];
}

/** Whether the text is a single reference to a variable that is set to All. */
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
  // Only the URL format contains All. The other formats list the values, or contain the custom All value.
  const parameters = templates.replace(`\${${name}:queryparam}`, scopedVars);
  if (parameters !== '') {
    return new URLSearchParams(parameters).getAll(`var-${name}`).includes(ALL_VALUE);
  }
  // A variable that is not in the URL has no URL format.
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
