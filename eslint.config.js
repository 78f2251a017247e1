// One configuration for all workspaces. Imports between the exporter's rooms may point down this list, never up.
import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** From the top of the house to its foundations; a room may import from those below it. */
const ROOMS = [
  { room: 'main', pattern: 'exporter/src/main.ts' },
  { room: 'cli', pattern: 'exporter/src/cli/**' },
  { room: 'demo', pattern: 'exporter/src/demo/**' },
  { room: 'app', pattern: 'exporter/src/app.ts' },
  { room: 'routes', pattern: 'exporter/src/routes/**' },
  { room: 'http', pattern: 'exporter/src/http/**' },
  { room: 'services', pattern: 'exporter/src/@(services|jobs).ts' },
  { room: 'metrics', pattern: 'exporter/src/metrics/**' },
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
  { room: 'queues', pattern: 'exporter/src/queues/**' },
  { room: 'config', pattern: 'exporter/src/config.ts' },
  { room: 'base', pattern: 'exporter/src/@(cron|errors|ids|money|schema-check|schemas|time).ts' },
  { room: 'embedded', pattern: 'embedded/src/**' },
];

/** What no room below the routes may know. */
const NOT_BELOW_ROUTES = ['cache', 'auth', 'jobs'];

const allowed = ROOMS.map(({ room }, i) => ({
  from: [{ file: { categories: room } }],
  allow: ROOMS.slice(i)
    .map((other) => other.room)
    .filter(
      (other) =>
        other === room ||
        !(['query', 'rollup', 'ingest', 'costs'].includes(room) && NOT_BELOW_ROUTES.includes(other)),
    )
    .map((category) => ({ to: { file: { categories: category } } })),
}));

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
    files: ['exporter/src/**/*.ts', 'embedded/src/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { boundaries },
    settings: {
      'boundaries/files': ROOMS.map(({ room, pattern }) => ({ category: room, pattern })),
      'import/resolver': { typescript: { project: 'exporter/tsconfig.json' } },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      'boundaries/dependencies': ['error', { default: 'disallow', policies: allowed }],
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
