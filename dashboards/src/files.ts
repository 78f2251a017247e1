import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { dashboards } from './index.js';

const PROVISIONED = fileURLToPath(new URL('../../provisioning/grafana/dashboards/', import.meta.url));

export interface GeneratedFile {
  path: string;
  text: string;
}

/** All generated JSON files, formatted with Prettier like the rest of the repository. */
export async function generatedFiles(): Promise<GeneratedFile[]> {
  return Promise.all(
    dashboards.map(async ({ name, dashboard }) => {
      const path = `${PROVISIONED}${name}.json`;
      const options = { ...(await resolveConfig(path)), parser: 'json' };
      return { path, text: await format(JSON.stringify(dashboard), options) };
    }),
  );
}
