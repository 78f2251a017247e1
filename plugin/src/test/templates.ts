import type { ScopedVars } from '@grafana/data';
import { setTemplateSrv, type TemplateSrv } from '@grafana/runtime';

export interface FakeVariable {
  /** `$__all` means All. */
  value: string | string[];
  /** The values that All stands for. */
  options?: string[];
  /** The dashboard's custom All value. */
  allValue?: string;
  text?: string;
  /** Whether the variable is not in the URL, and so has no URL format. */
  skipUrlSync?: boolean;
}

const REFERENCE = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;

/** A template service with the given variables that behaves like Grafana's. */
export function fakeTemplates(variables: Record<string, FakeVariable> = {}): TemplateSrv {
  const templates = {
    getVariables: () =>
      Object.entries(variables).map(([name, { value, text }]) => ({
        name,
        type: 'query',
        current: { value, text: text ?? value },
      })),
    containsTemplate: (text?: string) => Boolean(text && new RegExp(REFERENCE).test(text)),
    updateTimeRange: () => undefined,
    replace: (target = '', scopedVars?: ScopedVars, format?: unknown) =>
      target.replace(REFERENCE, (match, simple, square, squareFormat, curly, _field, curlyFormat) => {
        const name: string = simple ?? square ?? curly;
        const scoped = scopedVars?.[name];
        const variable = scoped ? { value: scoped.value as string } : variables[name];
        return variable ? render(name, variable, squareFormat ?? curlyFormat ?? format) : match;
      }),
  };
  setTemplateSrv(templates as unknown as TemplateSrv);
  return templates as unknown as TemplateSrv;
}

function render(name: string, variable: FakeVariable, format: unknown): string {
  const { value, options = [], allValue, text, skipUrlSync } = variable;
  const isAll = [value].flat().includes('$__all');
  if (format === 'queryparam') {
    return skipUrlSync
      ? ''
      : [value]
          .flat()
          .map((one) => `var-${name}=${encodeURIComponent(one)}`)
          .join('&');
  }
  if (format === 'text') {
    return text ?? String(value);
  }
  if (isAll && allValue !== undefined) {
    return allValue;
  }
  const current = isAll ? options : value;
  if (typeof format === 'function') {
    return format(current, { name });
  }
  return Array.isArray(current) ? `{${current.join(',')}}` : current;
}
