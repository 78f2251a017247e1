import { getPackageJson, getPluginJson } from './utils.ts';

const { version } = getPackageJson();
const { id, includes } = getPluginJson();

/** Fills the placeholders of plugin.json and the README. */
function fillPlaceholders(content: Buffer): string {
  return (
    content
      .toString('utf8')
      .replace(/%VERSION%/g, version)
      .replace(/%TODAY%/g, new Date().toISOString().substring(0, 10))
      .replace(/%PLUGIN_ID%/g, id)
      // The repository shows the pictures from the sources, Grafana from where it serves the plugin.
      .replaceAll('](src/img/', `](/public/plugins/${id}/img/`)
  );
}

export const copyFilePatterns = [
  { from: 'plugin.json', to: '.', transform: fillPlaceholders },
  { from: '../README.md', to: '.', transform: fillPlaceholders },
  { from: '../CHANGELOG.md', to: '.' },
  { from: '../../LICENSE', to: '.', noErrorOnMissing: true },
  // The dashboards that plugin.json includes, from where Grafana is provisioned with them.
  ...includes
    .filter(({ type }) => type === 'dashboard')
    .map(({ path }) => ({ from: `../../provisioning/grafana/${path}`, to: path })),
  { from: 'img/*', to: '.' },
];
