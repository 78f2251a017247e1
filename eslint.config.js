// One configuration for all workspaces.
import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import boundaries from 'eslint-plugin-boundaries';
import { importX } from 'eslint-plugin-import-x';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** The parts of the exporter, from top to bottom. A room may only import from the rooms below it. */
const ROOMS = [
  { room: 'main', pattern: 'exporter/src/main.ts' },
  { room: 'cli', pattern: 'exporter/src/cli/**' },
  { room: 'demo', pattern: 'exporter/src/demo/**' },
  { room: 'app', pattern: 'exporter/src/app.ts' },
  { room: 'routes', pattern: 'exporter/src/routes/**' },
  { room: 'http', pattern: 'exporter/src/http/**' },
  { room: 'services', pattern: 'exporter/src/@(services|jobs).ts' },
  { room: 'custom-dashboards', pattern: 'exporter/src/custom-dashboards/**' },
  { room: 'live', pattern: 'exporter/src/live/**' },
  { room: 'metrics', pattern: 'exporter/src/metrics/**' },
  { room: 'alerts', pattern: 'exporter/src/alerts/**' },
  { room: 'exports', pattern: 'exporter/src/exports/**' },
  { room: 'reports', pattern: 'exporter/src/reports/**' },
  { room: 'query', pattern: 'exporter/src/query/**' },
  { room: 'rollup', pattern: 'exporter/src/rollup/**' },
  { room: 'ingest', pattern: 'exporter/src/ingest/**' },
  { room: 'costs', pattern: 'exporter/src/costs/**' },
  { room: 'outbox', pattern: 'exporter/src/outbox/**' },
  { room: 'jobs', pattern: 'exporter/src/jobs/**' },
  { room: 'tenants', pattern: 'exporter/src/tenants/**' },
  { room: 'cache', pattern: 'exporter/src/cache/**' },
  { room: 'auth', pattern: 'exporter/src/auth/**' },
  { room: 'aggregates', pattern: 'exporter/src/aggregates/**' },
  { room: 'db', pattern: 'exporter/src/db/**' },
  { room: 'catalog', pattern: 'exporter/src/catalog/**' },
  { room: 'facts', pattern: 'exporter/src/facts/**' },
  { room: 'outbound', pattern: 'exporter/src/outbound/**' },
  { room: 'queues', pattern: 'exporter/src/queues/**' },
  { room: 'config', pattern: 'exporter/src/@(config.ts|config/**)' },
  {
    room: 'base',
    pattern:
      'exporter/src/@(cron|csv-cells|endpoint-pattern|errors|ids|json|money|pause|redaction|schema-check|schemas|scopes|time).ts',
  },
  { room: 'panels', pattern: 'panels/src/**' },
  { room: 'embedded', pattern: 'embedded/src/**' },
];

/** What no room below the routes may know. */
const NOT_BELOW_ROUTES = ['cache', 'auth', 'jobs'];

const EXPORTER = ROOMS.map(({ room }) => room);

/** Everything else, with the rooms that it may import from. */
const WORKSPACE_ROOMS = [
  { room: 'exporter-tests', pattern: 'exporter/@(test|bench|scripts)/**', imports: EXPORTER },
  { room: 'embedded-tests', pattern: 'embedded/test/**', imports: ['embedded'] },
  { room: 'client', pattern: 'client/src/**', imports: [] },
  { room: 'client-tests', pattern: 'client/test/**', imports: ['client', 'auth', 'exporter-tests'] },
  { room: 'plugin', pattern: 'plugin/src/**', imports: [] },
  { room: 'dashboards', pattern: 'dashboards/src/**', imports: ['panels', 'plugin'] },
  {
    room: 'dashboards-tests',
    pattern: 'dashboards/test/**',
    imports: ['dashboards', 'plugin', 'exporter-tests', ...EXPORTER],
  },
  { room: 'e2e', pattern: 'e2e/**', imports: ['demo', 'plugin'] },
];

const WORKSPACES = ['client', 'dashboards', 'e2e', 'embedded', 'exporter', 'panels', 'plugin'];
const RESOLVER = { project: 'tsconfig.base.json' };

const policy = (room, imports) => ({
  from: [{ file: { categories: room } }],
  allow: { to: { file: { categories: [room, ...imports] } } },
});

const policies = [
  ...ROOMS.map(({ room }, i) =>
    policy(
      room,
      EXPORTER.slice(i + 1).filter(
        (other) =>
          !(
            ['alerts', 'query', 'rollup', 'ingest', 'costs'].includes(room) &&
            NOT_BELOW_ROUTES.includes(other)
          ),
      ),
    ),
  ),
  ...WORKSPACE_ROOMS.map(({ room, imports }) => policy(room, imports)),
];

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/**',
      '**/dist/**',
      '**/coverage/**',
      'plugin/.config/**',
      '**/.data/**',
      '**/playwright-report/**',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    languageOptions: { globals: { ...globals.node } },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    },
  },
  {
    files: WORKSPACES.map((name) => `${name}/**/*.{ts,tsx,js,mjs}`),
    plugins: { boundaries, 'import-x': importX },
    settings: {
      'boundaries/files': [...ROOMS, ...WORKSPACE_ROOMS].map(({ room, pattern }) => ({
        category: room,
        pattern,
      })),
      'import/resolver': { typescript: RESOLVER },
      'import-x/resolver-next': [createTypeScriptImportResolver(RESOLVER)],
    },
    rules: {
      'boundaries/dependencies': ['error', { default: 'disallow', policies }],
      // Workspaces import each other by package name. The shared files of the root belong to no package.
      'import-x/no-relative-packages': ['error', { ignore: ['^(\\.\\./)+(jest\\.base\\.js|scripts/)'] }],
    },
  },
  {
    files: ['exporter/src/**/*.ts', 'embedded/src/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
    },
  },
  {
    files: ['plugin/src/**/*.{ts,tsx}', 'e2e/**/*.ts'],
    languageOptions: { globals: { ...globals.browser } },
  },
  // Playwright wants an object pattern for a fixture that needs no other.
  { files: ['e2e/**/*.ts'], rules: { 'no-empty-pattern': 'off' } },
  { files: ['**/test/**/*.ts', '**/*.test.{ts,tsx}'], languageOptions: { globals: { ...globals.jest } } },
);
