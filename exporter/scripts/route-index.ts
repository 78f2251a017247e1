/** The text of src/routes/index.ts: the files of routes/ by name, so that adding a route means adding one file. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

export const ROUTE_INDEX = fileURLToPath(new URL('../src/routes/index.ts', import.meta.url));
const ROUTES = fileURLToPath(new URL('../src/routes', import.meta.url));
/** What several routes share. */
const SHARED = 'shared/';

export async function routeIndex(): Promise<string> {
  const names = readdirSync(ROUTES, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && file !== 'index.ts' && !file.startsWith(SHARED))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
  const variable = (name: string): string =>
    name.replace(/[/.-](\w)/g, (_, letter: string) => letter.toUpperCase());
  const text = `// Generated from the files of this folder by \`npm run generate\`; do not edit.
import type { RouteFile } from '../http/mount.js';
${names.map((name) => `import ${variable(name)} from './${name}.js';`).join('\n')}

/** By the name of the file. */
export const ROUTES: Readonly<Record<string, RouteFile>> = {
${names.map((name) => `'${name}': ${variable(name)},`).join('\n')}
};
`;
  return format(text, { ...(await resolveConfig(ROUTE_INDEX)), parser: 'typescript' });
}
