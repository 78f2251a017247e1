import type { TestApp } from '../support/app.js';
import { QUERY, READS, TENANT } from './scenario.js';

/** Bodies of the answers that an upgrade must not change, by path. */
export async function ask(t: TestApp): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const path of READS) answers[path] = (await t.get(path, TENANT)).body;
  answers.query = (await t.post('query', QUERY, TENANT)).body;
  return answers;
}
