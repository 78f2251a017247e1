import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { dashboards } from './index.js';

const PROVISIONED = fileURLToPath(new URL('../../provisioning/grafana/dashboards/', import.meta.url));
const BUNDLED = fileURLToPath(new URL('../../plugin/src/dashboards/', import.meta.url));

export interface GeneratedFile {
  path: string;
  text: string;
}

/** All generated JSON files, formatted with Prettier like the rest of the repository. */
export async function generatedFiles(): Promise<GeneratedFile[]> {
  const files = dashboards.flatMap(({ name, dashboard, bundled }) => {
    const folders = bundled ? [PROVISIONED, BUNDLED] : [PROVISIONED];
    return folders.map((folder) => ({ path: `${folder}${name}.json`, json: JSON.stringify(dashboard) }));
  });
  return Promise.all(
    files.map(async ({ path, json }) => ({
      path,
      text: await format(json, { ...(await resolveConfig(path)), parser: 'json' }),
    })),
  );
}
