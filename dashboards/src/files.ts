import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { dashboards } from './index.js';

const provisioned = (folder: 'dashboards' | 'operations'): string =>
  fileURLToPath(new URL(`../../provisioning/grafana/${folder}/`, import.meta.url));

export interface GeneratedFile {
  path: string;
  text: string;
}

/** All generated JSON files, formatted with Prettier like the rest of the repository. */
export async function generatedFiles(): Promise<GeneratedFile[]> {
  return Promise.all(
    dashboards.map(async ({ name, isOfOperators, dashboard }) => {
      const path = `${provisioned(isOfOperators === true ? 'operations' : 'dashboards')}${name}.json`;
      const options = { ...(await resolveConfig(path)), parser: 'json' };
      return { path, text: await format(JSON.stringify(dashboard), options) };
    }),
  );
}
