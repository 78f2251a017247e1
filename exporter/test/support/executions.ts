/** Executions as the API receives them, short enough to read as a table. */
export interface TestExecution {
  id: string;
  status: string;
  started_at: string;
  [field: string]: unknown;
}

/** A UUID that ends with the number. */
export const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

export function execution(n: number, started_at: string, rest: Record<string, unknown> = {}): TestExecution {
  return { id: uuid(n), status: 'success', started_at, ...rest };
}

export const usage = (
  model: string,
  input_tokens: number,
  output_tokens: number,
  rest: object = {},
): object => ({
  component: 'main_agent',
  provider: 'openai',
  model,
  input_tokens,
  output_tokens,
  ...rest,
});

export const step = (step_number: number, step_type: string, rest: object = {}): object => ({
  step_number,
  step_type,
  ...rest,
});
